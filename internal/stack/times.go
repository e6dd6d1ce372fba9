package stack

import (
	"time"

	"devenv/compose"
	"devenv/internal/report"
)

// times is when a service came how far; zero is not yet. A container that is
// started again begins anew where it stands.
type times struct {
	after    string // the service that it waited for the longest
	starting time.Time
	prepared time.Time
	started  time.Time
	healthy  time.Time // or running, without a healthcheck
	greeted  time.Time // every check holds
	ready    time.Time
	ended    time.Time // a one-shot
}

// note takes the times of what a service has just come to.
func (t *times) note(s *waiting) {
	reached(&t.healthy, s.verdict.phase == up)
	reached(&t.greeted, s.round != nil && len(s.round.asked) > 0 && !s.asking() && s.round.holds())
	reached(&t.ready, s.ready)
	reached(&t.ended, s.verdict.phase == done)
}

// reached sets a time when something comes to hold, and takes it away when it no
// longer does.
func reached(at *time.Time, holds bool) {
	if !holds {
		*at = time.Time{}
	} else if at.IsZero() {
		*at = time.Now()
	}
}

// spans are the steps of a service, one after the other.
func (s *waiting) spans(began time.Time) []report.Span {
	var spans []report.Span
	from := s.times.starting
	healthy := s.times.healthy
	if s.verdict.on.Health == compose.NoHealth {
		healthy = time.Time{} // it only ran
	}
	for _, step := range []struct {
		name string
		at   time.Time
	}{
		{"prepare", s.times.prepared},
		{"start", s.times.started},
		{"healthy", healthy},
		{"greeted", s.times.greeted},
		{"ready", s.times.ready},
		{"done", s.times.ended},
	} {
		if from.IsZero() || step.at.IsZero() || step.at.Before(from) {
			continue
		}
		spans = append(spans, report.Span{Service: s.service.Name, Step: step.name, From: from.Sub(began), To: step.at.Sub(began)})
		from = step.at
	}
	if len(spans) > 0 {
		spans[0].After = s.times.after
	}
	return spans
}
