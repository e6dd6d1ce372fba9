package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"devenv/internal/telnet"
)

// cases are those of the attempt that decides. A run without any attempt holds a
// failed one, so that no form of the report takes it for a pass.
func (r SmokeRun) cases() []Case {
	if len(r.Attempts) == 0 {
		return []Case{{Name: "smoke run", Result: Broken, Reason: "there was no attempt"}}
	}
	return r.Last().Cases
}

// failed are the cases that failed of the attempt that decides.
func (r SmokeRun) failed() []Case { return Attempt{Cases: r.cases()}.Failed() }

// took is how long all attempts took.
func (r SmokeRun) took() time.Duration {
	var all time.Duration
	for _, a := range r.Attempts {
		all += a.Took
	}
	return all
}

// verdict is what came of the run, in a few words; a flake is never a plain pass.
func (r SmokeRun) verdict() string {
	n := len(r.Attempts)
	switch {
	case r.Flaky() && r.Allowed > n:
		return fmt.Sprintf("FLAKY: passed at attempt %d of %d", n, r.Allowed)
	case r.Flaky():
		return fmt.Sprintf("FLAKY: passed at attempt %d of %d", n, n)
	case r.Passed():
		return "passed"
	case n > 1:
		return fmt.Sprintf("FAILED at %d attempts", n)
	}
	return "FAILED"
}

// earlier says why each attempt before the last one did not do; "" where there is
// none.
func (r SmokeRun) earlier() string {
	var parts []string
	for i := range len(r.Attempts) - 1 {
		parts = append(parts, fmt.Sprintf("attempt %d: %s", i+1, r.Attempts[i].fault()))
	}
	return strings.Join(parts, "; ")
}

// fault is the first failure of an attempt on one line, and how many more there are.
func (a Attempt) fault() string {
	failed := a.Failed()
	if len(failed) == 0 {
		return "no case failed"
	}
	fault := oneLine(failed[0].Title() + ": " + failed[0].Reason)
	if more := len(failed) - 1; more > 0 {
		fault += fmt.Sprintf(" (and %d more)", more)
	}
	return fault
}

// count is how many cases there are, and how many of them failed.
func (r SmokeRun) count() string {
	all, failed := len(r.cases()), len(r.failed())
	noun := "cases"
	if all == 1 {
		noun = "case"
	}
	if failed == 0 {
		return fmt.Sprintf("%d %s", all, noun)
	}
	return fmt.Sprintf("%d of %d %s failed", failed, all, noun)
}

// profiles are those of the runs, in their order, and after them any other that a
// difference speaks of.
func (s Smoke) profiles() []string {
	var found []string
	for _, r := range s.Runs {
		found = append(found, r.Profile)
	}
	for _, d := range s.Differences {
		for _, profile := range slices.Sorted(maps.Keys(d.Values)) {
			if !slices.Contains(found, profile) {
				found = append(found, profile)
			}
		}
	}
	return found
}

// verdict is what came of the whole smoke run, in one word.
func (s Smoke) verdict() string {
	switch {
	case s.Err() != nil || !s.Passed:
		return "FAILED"
	case slices.ContainsFunc(s.Runs, SmokeRun.Flaky):
		return "FLAKY"
	}
	return "passed"
}

// Title names the difference with its service.
func (d Difference) Title() string {
	if d.Service == "" {
		return d.What
	}
	return d.Service + ": " + d.What
}

// oneLine makes text safe to print and a single line, with single spaces.
func oneLine(text string) string {
	return telnet.VisibleLine(strings.Join(strings.Fields(text), " "))
}

// clip cuts a line to so many characters, and marks the cut.
func clip(line string, limit int) string {
	runes := []rune(line)
	if len(runes) <= limit {
		return line
	}
	return string(runes[:limit-1]) + "…"
}

// brief is a time as people want it: 850ms, 4.2s, 1m5s.
func brief(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
