package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// A Span is one step on the way to ready.
type Span struct {
	Service string        `json:"service,omitempty"` // "" is a step of the project
	Step    string        `json:"step"`              // load, plan, connect, build, create; start, healthy, greeted, ready or done
	From    time.Duration `json:"from_ns"`           // since the command began
	To      time.Duration `json:"to_ns"`
	After   string        `json:"after,omitempty"` // the service that a start waited for last
}

// Later is a timeline that began some time after the command did.
func Later(timeline []Span, by time.Duration) []Span {
	later := slices.Clone(timeline)
	for i := range later {
		later[i].From += by
		later[i].To += by
	}
	return later
}

// Critical are the steps that decided how long it took, in order: those of the
// service that was ready last, before them those of the one it waited for, and so
// on, and the steps of the project before all.
func Critical(timeline []Span) []Span {
	var path []Span
	seen := map[string]bool{}
	until := time.Duration(math.MaxInt64)
	for service := last(timeline); service != "" && !seen[service]; {
		seen[service] = true
		steps := slices.DeleteFunc(of(timeline, service), func(s Span) bool { return s.To > until })
		if len(steps) == 0 {
			break
		}
		path = append(steps, path...)
		service, until = steps[0].After, steps[0].From
	}
	return append(of(timeline, ""), path...)
}

// last is the service that ended its steps last.
func last(timeline []Span) string {
	var found Span
	for _, s := range timeline {
		if s.Service != "" && s.To >= found.To {
			found = s
		}
	}
	return found.Service
}

func of(timeline []Span, service string) []Span {
	return slices.DeleteFunc(slices.Clone(timeline), func(s Span) bool { return s.Service != service })
}

const barWidth = 40

// Timings writes the timeline as a bar chart; steps that decided how long it all
// took are marked.
func Timings(w io.Writer, timeline []Span) error {
	var whole time.Duration
	for _, s := range timeline {
		whole = max(whole, s.To)
	}
	critical := Critical(timeline)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range timeline {
		mark := ""
		if slices.Contains(critical, s) {
			mark = "*"
		}
		name := s.Service
		if name == "" {
			name = "(project)"
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", name, s.Step, (s.To - s.From).Round(time.Millisecond), mark, bar(s, whole))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s in all; * is the critical path\n", whole.Round(time.Millisecond))
	return err
}

// bar is a span on a line as long as the whole.
func bar(s Span, whole time.Duration) string {
	if whole == 0 {
		return ""
	}
	from := int(int64(s.From) * barWidth / int64(whole))
	to := max(from+1, int(int64(s.To)*barWidth/int64(whole)))
	return strings.Repeat(" ", from) + strings.Repeat("█", to-from)
}
