package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"devenv/internal/telnet"
)

// sayingLimit keeps the table within a terminal.
const sayingLimit = 60

// Text writes the report as a table, and each failure below it.
func Text(w io.Writer, r Report) error {
	var page bytes.Buffer
	tw := tabwriter.NewWriter(&page, 0, 0, 3, ' ', 0)
	fmt.Fprintln(tw, "SERVICE\tTARGET\tSTATE\tADDRESS\tSAYS")
	for _, s := range r.Services {
		writeService(tw, s, r.At)
	}
	tw.Flush()
	if len(r.Extra) > 0 {
		fmt.Fprintf(&page, "\nalso there, though profile %s does not ask for it: %s\n", r.Profile, strings.Join(r.Extra, ", "))
	}
	for _, s := range r.Services {
		writeTranscripts(&page, s)
	}
	for _, s := range r.Services {
		if s.Failure != nil {
			writeFailure(&page, s)
		}
	}
	for line := range strings.Lines(page.String()) {
		if _, err := io.WriteString(w, strings.TrimRight(line, " \n")+"\n"); err != nil {
			return err
		}
	}
	return nil
}

func writeService(w io.Writer, s Service, at time.Time) {
	first := fmt.Sprintf("%s\t%s\t%s", s.Name, target(s), state(s))
	if len(s.Ports) == 0 {
		fmt.Fprintf(w, "%s\t\t\n", first)
	}
	for _, p := range s.Ports {
		fmt.Fprintf(w, "%s\t%s\t%s\n", first, address(p), says(p, at))
		first = "\t\t"
	}
}

func target(s Service) string {
	if s.Profile == "" && s.Target == "" {
		return "-"
	}
	if s.Target == "" {
		return s.Profile
	}
	return s.Profile + "/" + s.Target
}

func state(s Service) string {
	if s.Stale != "" {
		return string(s.State) + " (stale)"
	}
	return string(s.State)
}

func address(p Port) string {
	if p.Address == "" {
		return fmt.Sprintf("(port %d, not published)", p.Port)
	}
	return p.Address
}

// says is the last line of the greeting, which is the prompt where there is
// one, with what MSSP tells; or the verdict on a port that does not hold.
func says(p Port, at time.Time) string {
	if p.Check == nil {
		return ""
	}
	if !p.Check.Ready() {
		return p.Check.Finding()
	}
	saying := ""
	for line := range strings.Lines(cmp.Or(p.Check.Reply, p.Check.Greeting)) {
		if strings.TrimSpace(line) != "" {
			saying = strings.TrimSpace(line)
		}
	}
	return strings.TrimSpace(telnet.Excerpt(strings.ReplaceAll(saying, "\t", " "), sayingLimit) + status(p.Check.Status, at))
}

// status is what a server says of itself by MSSP: name, players, uptime.
func status(s telnet.ServerStatus, at time.Time) string {
	var parts []string
	if name := s.Name(); name != "" {
		parts = append(parts, name)
	}
	if n, ok := s.Players(); ok {
		parts = append(parts, fmt.Sprintf("players: %d", n))
	}
	if since, ok := s.Uptime(); ok && since.Before(at) {
		parts = append(parts, "up "+ago(at.Sub(since)))
	}
	if len(parts) == 0 {
		return ""
	}
	return "   [" + strings.ReplaceAll(strings.Join(parts, ", "), "\t", " ") + "]"
}

// ago is a time in the two largest of its units.
func ago(d time.Duration) string {
	if d < 48*time.Hour {
		return d.Round(time.Second).String()
	}
	return fmt.Sprintf("%dd%dh", d/(24*time.Hour), d%(24*time.Hour)/time.Hour)
}

// writeTranscripts writes what was said on each port, where it was recorded.
func writeTranscripts(w io.Writer, s Service) {
	for _, p := range s.Ports {
		if p.Check != nil && len(p.Check.Transcript) > 0 {
			fmt.Fprintf(w, "\n%s port %d at %s:\n%s", s.Name, p.Port, p.Address, telnet.Render(p.Check.Transcript))
		}
	}
}

func writeFailure(w io.Writer, s Service) {
	f := s.Failure
	fmt.Fprintf(w, "\n%s failed: %s: %s\n", s.Name, f.Step, f.Reason)
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "  %s: %s\n", name, strings.ReplaceAll(strings.TrimSpace(value), "\n", "\n    "))
		}
	}
	if f.ExitCode != nil {
		field("exit code", fmt.Sprint(*f.ExitCode))
	}
	if f.OOM {
		field("memory", "the container was ended for want of it")
	}
	field("last healthcheck", f.Health)
	field("server said", f.Said)
	field("evidence", f.Evidence)
	if len(f.Log) > 0 {
		fmt.Fprintf(w, "  last log lines:\n")
	}
	for _, line := range f.Log {
		fmt.Fprintf(w, "    %s\n", line)
	}
	field("next", f.Next)
}

// JSON writes the report as one JSON object.
func JSON(w io.Writer, r Report) error { return Write(w, r) }

// Write writes any answer as indented JSON.
func Write(w io.Writer, answer any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(answer)
}
