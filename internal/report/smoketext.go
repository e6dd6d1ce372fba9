package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"devenv/internal/telnet"
)

// What keeps the tables within 100 columns.
const (
	pageWidth    = 100
	serviceWidth = 20
	caseWidth    = 54
)

// SmokeText writes a smoke run for people: for each profile a table of its cases
// with the failures below it, then the differences between the profiles, and in
// the end a line for each profile that says what came of it. It is plain text.
func SmokeText(w io.Writer, s Smoke) error {
	var page bytes.Buffer
	for _, r := range s.Runs {
		writeRun(&page, s, r)
	}
	writeDifferences(&page, s)
	for _, r := range s.Runs {
		if folder := r.Last().Artifacts; folder != "" {
			fmt.Fprintf(&page, "artifacts of %s: %s\n", oneLine(r.Profile), oneLine(folder))
		}
	}
	for _, r := range s.Runs {
		fmt.Fprintf(&page, "smoke: %s %s (%s, %s)\n", oneLine(r.Profile), r.verdict(), r.count(), brief(r.took()))
	}
	if len(s.Runs) == 0 {
		fmt.Fprintf(&page, "smoke: %s: no profile was run\n", s.verdict())
	}
	for line := range strings.Lines(page.String()) {
		if _, err := io.WriteString(w, strings.TrimRight(line, " \n")+"\n"); err != nil {
			return err
		}
	}
	return nil
}

func writeRun(w io.Writer, s Smoke, r SmokeRun) {
	fmt.Fprintf(w, "%s as %s\n", oneLine(s.Project), oneLine(r.Profile))
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, c := range r.cases() {
		fmt.Fprintf(tw, "  %s\t%s\t%s\t%s\n", mark(c.Result), clip(oneLine(c.Service), serviceWidth), clip(oneLine(c.Name), caseWidth), taken(c))
	}
	tw.Flush()
	if before := r.earlier(); before != "" {
		fmt.Fprintf(w, "\n%s; %s\n", r.verdict(), before)
	}
	for _, c := range r.failed() {
		writeCase(w, oneLine(r.Profile), c)
	}
	fmt.Fprintln(w)
}

func mark(r CaseResult) string {
	switch r {
	case Passed:
		return "ok"
	case Broken:
		return "FAILED"
	}
	return string(r)
}

func taken(c Case) string {
	if c.Result == Skipped || c.Took == 0 {
		return ""
	}
	return brief(c.Took)
}

// writeCase writes all there is to know about a case that failed.
func writeCase(w io.Writer, profile string, c Case) {
	fmt.Fprintf(w, "\n%s: %s FAILED: %s\n", profile, oneLine(c.Title()), oneLine(c.Reason))
	if c.Where != "" {
		fmt.Fprintf(w, "  asked for by: %s\n", oneLine(c.Where))
	}
	for line := range strings.Lines(strings.Trim(telnet.Visible(c.Detail), "\n")) {
		fmt.Fprintf(w, "    %s\n", strings.TrimRight(line, "\n"))
	}
	if c.Next != "" {
		fmt.Fprintf(w, "  next: %s\n", oneLine(c.Next))
	}
}

// writeDifferences writes a row for each difference and a column for each profile.
func writeDifferences(w io.Writer, s Smoke) {
	if len(s.Differences) == 0 {
		return
	}
	profiles := s.profiles()
	longest := 0
	for _, d := range s.Differences {
		longest = max(longest, len([]rune(d.label())))
	}
	each := max(12, (pageWidth-longest)/max(1, len(profiles))-3)
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	row := []string{"DIFFERENCE"}
	for _, profile := range profiles {
		row = append(row, clip(oneLine(profile), each))
	}
	fmt.Fprintln(tw, strings.Join(row, "\t"))
	for _, d := range s.Differences {
		row = []string{d.label()}
		for _, profile := range profiles {
			row = append(row, clip(oneLine(d.Values[profile]), each))
		}
		fmt.Fprintln(tw, strings.Join(row, "\t"))
	}
	tw.Flush()
	fmt.Fprintln(w)
}

// label names the difference, and marks one that breaks.
func (d Difference) label() string {
	title := d.Title()
	if d.Breaks {
		title = "BREAKS " + title
	}
	return clip(oneLine(title), caseWidth)
}
