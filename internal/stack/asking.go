package stack

import (
	"context"
	"fmt"
	"time"

	"devenv/compose"
	"devenv/internal/probe"
)

// ask begins a round of checks when a container is new or was started again.
func (w *wait) ask(ctx context.Context, s *waiting, containers []compose.Container) {
	key := ""
	for _, c := range containers {
		key += c.ID + c.Started.String()
	}
	if s.asking != nil && s.asking.container == key {
		return
	}
	s.stopAsking()
	ctx, cancel := context.WithCancel(ctx)
	round := &asking{cancel: cancel, container: key, wake: make(chan struct{}, 1)}
	s.asking = round
	for _, c := range containers {
		for _, check := range s.service.Checks {
			slot := len(round.answers)
			q := w.stack.question(s.service.Name, c, check)
			round.answers = append(round.answers, probe.Answer{Question: q})
			round.missing++
			go w.askUntil(ctx, round, slot, q, w.until(c, check))
		}
	}
}

// until is when a check must hold: counted from the start of the container, or
// from ours where it ran before.
func (w *wait) until(c compose.Container, check compose.Check) time.Time {
	from := w.began
	if c.Started.After(from) {
		from = c.Started
	}
	until := from.Add(check.Within)
	if !w.limit.IsZero() && w.limit.Before(until) {
		return w.limit
	}
	return until
}

func (w *wait) askUntil(ctx context.Context, round *asking, slot int, q probe.Question, until time.Time) {
	bounded, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	answer := w.stack.await(bounded, q, round.wake)
	select {
	case w.answers <- answered{round, slot, answer}:
	case <-ctx.Done():
	}
}

// await asks until the check holds. A port that cannot be dialled from here is
// answered at once.
func (s Stack) await(ctx context.Context, q probe.Question, wake <-chan struct{}) probe.Answer {
	if q.Addr == "" {
		return unreachable(q)
	}
	return probe.Await(ctx, q, probe.Patience{Wake: wake})
}

func unreachable(q probe.Question) probe.Answer {
	return probe.Answer{Question: q, Outcome: probe.Refused, Reason: fmt.Sprintf("port %d is not published, and the engine is on another machine", q.Port), Attempts: 1}
}

// nudge has the checks ask again at once.
func (r *asking) nudge() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (s *waiting) stopAsking() {
	if s.asking != nil {
		s.asking.cancel()
	}
	s.asking = nil
	s.held = time.Time{}
}

// holds tells whether the container is healthy and every check holds.
func (s *waiting) holds() bool {
	if s.verdict.phase != up || s.asking == nil || s.asking.missing > 0 {
		return false
	}
	for _, a := range s.asking.answers {
		if !a.Ready() {
			return false
		}
	}
	return true
}

// lateOrWrong fails the service when a check has given its last answer and it
// is not the right one: a check is asked until its time is over.
func (s *waiting) lateOrWrong() {
	if s.asking == nil {
		return
	}
	for _, a := range s.asking.answers {
		if a.Outcome == "" || a.Ready() {
			continue
		}
		step := fmt.Sprintf("check %d %s", a.Port, a.Protocol)
		s.verdict = s.verdict.fail(step, fmt.Sprintf("%s at %s%s", a.Verdict(), a.Addr, attempts(a)))
		s.verdict.failure.Said = a.Greeting
		return
	}
}

// attempts says how often a port was asked, where it was more than once.
func attempts(a probe.Answer) string {
	if a.Attempts < 2 {
		return ""
	}
	return fmt.Sprintf(", after %d attempts in %s", a.Attempts, a.Took.Round(time.Millisecond))
}
