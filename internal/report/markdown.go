package report

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"strings"

	"devenv/internal/telnet"
)

// GitHub refuses a step summary above 1 MiB. Details get at most half of it
// together, and what does not fit is left out with a word about it.
const (
	summaryLimit = 1 << 20
	noteReserve  = 200
	detailsLimit = summaryLimit / 2
	detailLimit  = 64 << 10
	cellWidth    = 300
)

// Markdown writes a smoke run as a step summary of GitHub: the verdict, a table for
// each profile, each failure as a fold, and the differences between the profiles.
// It is at most 1 MiB long.
func Markdown(w io.Writer, s Smoke) error {
	page := summary{each: s.detailShare()}
	page.add(fmt.Sprintf("## smoke: %s %s (%s)\n\n", inline(s.Project), s.verdict(), brief(s.Took)))
	for _, r := range s.Runs {
		page.addRun(r)
	}
	page.addDifferences(s)
	if page.left > 0 {
		fmt.Fprintf(&page.text, "_%d parts are left out: a summary has at most 1 MiB. The artifacts tell all._\n", page.left)
	}
	_, err := w.Write(page.text.Bytes())
	return err
}

// detailShare is how many bytes the detail of one failure may have.
func (s Smoke) detailShare() int {
	failures := 0
	for _, r := range s.Runs {
		failures += len(r.failed())
	}
	return min(detailLimit, detailsLimit/max(1, failures))
}

// A summary is the page so far, and how many parts it had no room for.
type summary struct {
	text bytes.Buffer
	each int // bytes for the detail of one failure
	left int
}

func (p *summary) add(part string) {
	if p.text.Len()+len(part) > summaryLimit-noteReserve {
		p.left++
		return
	}
	p.text.WriteString(part)
}

// addTable adds a table row by row. Its last row is followed by an empty line, else
// what comes next would be a row too.
func (p *summary) addTable(rows []string) {
	for _, row := range rows {
		p.add(row + "\n")
	}
	p.add("\n")
}

func (p *summary) addRun(r SmokeRun) {
	p.add(fmt.Sprintf("### %s: %s (%s, %s)\n\n", inline(r.Profile), inline(r.verdict()), r.count(), brief(r.took())))
	if before := r.earlier(); before != "" {
		p.add(fmt.Sprintf("%s\n\n", inline(clip(r.verdict()+"; "+before, 10*cellWidth))))
	}
	rows := []string{"| | service | case | time |", "|---|---|---|---:|"}
	for _, c := range r.cases() {
		rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s |", strong(c.Result), cell(c.Service), cell(c.Name), taken(c)))
	}
	p.addTable(rows)
	for _, c := range r.failed() {
		p.add(p.fold(c))
	}
	if folder := r.Last().Artifacts; folder != "" {
		p.add(fmt.Sprintf("artifacts: %s\n\n", inline(folder)))
	}
}

func strong(r CaseResult) string {
	if r == Broken {
		return "**" + mark(r) + "**"
	}
	return mark(r)
}

// fold is a failure that can be opened.
func (p *summary) fold(c Case) string {
	var b strings.Builder
	title := clip(oneLine(c.Title()+": "+c.Reason), 2*cellWidth)
	fmt.Fprintf(&b, "<details><summary>%s</summary>\n\n", html.EscapeString(title))
	if c.Where != "" {
		fmt.Fprintf(&b, "asked for by: %s\n\n", cell(c.Where))
	}
	if detail := strings.Trim(telnet.Visible(c.Detail), "\n"); detail != "" {
		b.WriteString(fenced(bounded(detail, p.each)))
	}
	if c.Next != "" {
		fmt.Fprintf(&b, "next: %s\n\n", cell(c.Next))
	}
	b.WriteString("</details>\n\n")
	return b.String()
}

// bounded cuts the beginning off a text that is too long: the end tells more.
func bounded(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	cut := len(text) - limit
	return fmt.Sprintf("(%d bytes are left out here)\n%s", cut, strings.ToValidUTF8(text[cut:], ""))
}

// fenced is a code block whose fence is longer than any row of backticks in it.
func fenced(text string) string {
	longest, row := 2, 0
	for _, c := range text {
		row++
		if c != '`' {
			row = 0
		}
		longest = max(longest, row)
	}
	fence := strings.Repeat("`", longest+1)
	return fence + "text\n" + text + "\n" + fence + "\n\n"
}

func (p *summary) addDifferences(s Smoke) {
	if len(s.Differences) == 0 {
		return
	}
	profiles := s.profiles()
	var names []string
	for _, profile := range profiles {
		names = append(names, cell(profile))
	}
	p.add("### differences\n\n")
	rows := []string{"| | difference | " + strings.Join(names, " | ") + " |", "|---|---" + strings.Repeat("|---", len(profiles)) + "|"}
	for _, d := range s.Differences {
		breaks := ""
		if d.Breaks {
			breaks = "**BREAKS**"
		}
		row := "| " + breaks + " | " + cell(d.Title()) + " |"
		for _, profile := range profiles {
			row += " " + cell(d.Values[profile]) + " |"
		}
		rows = append(rows, row)
	}
	p.addTable(rows)
}

// cell is foreign text in a table.
func cell(text string) string { return inline(clip(oneLine(text), cellWidth)) }

// inline is foreign text as one line of Markdown that shows it as it is.
func inline(text string) string {
	return markup.Replace(oneLine(text))
}

// markup are the characters that mean something to GitHub: HTML as entities, which
// a table reads too, and the rest with a backslash.
var markup = newMarkup()

func newMarkup() *strings.Replacer {
	pairs := []string{"&", "&amp;", "<", "&lt;", ">", "&gt;"}
	for _, c := range "\\`*_[]|~#$!" {
		pairs = append(pairs, string(c), "\\"+string(c))
	}
	return strings.NewReplacer(pairs...)
}
