package stack

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"devenv/compose"
	"devenv/internal/report"
)

// How long what no check vouches for may take, and must last.
const (
	// patience bounds a service that no check bounds, such as one with a
	// healthcheck of long periods, once it is started.
	patience = 5 * time.Minute

	// unasked is how long a container must live when neither a check nor a
	// healthcheck can vouch for it.
	unasked = 400 * time.Millisecond

	defaultWindow = 100 * time.Millisecond
)

// waiting is one service that is waited for.
type waiting struct {
	service compose.Service
	verdict verdict
	launch  launch
	round   *round    // nil while nothing can be asked
	held    time.Time // since when all holds; zero while it does not
	ready   bool
	told    string
	times   times

	prepare *report.Failure // that keeps it from being started
}

// settle judges every service anew, starts what may start now, and tells what is
// new. It returns when to do so again if nothing happens until then; zero is never.
func (w *wait) settle(ctx context.Context) time.Time {
	next := w.judgeAll(ctx)
	for w.startDue(ctx) {
		next = w.judgeAll(ctx)
	}
	for _, s := range w.services {
		w.tell(s)
	}
	return next
}

func (w *wait) judgeAll(ctx context.Context) time.Time {
	var next time.Time
	if time.Now().Before(w.limit) {
		next = w.limit
	}
	for _, s := range w.services {
		next = sooner(next, w.settleOne(ctx, s))
		s.times.note(s)
	}
	return next
}

// sooner is the earlier of two times, where zero is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func (w *wait) settleOne(ctx context.Context, s *waiting) time.Time {
	mine := w.containers(s.service.Name)
	s.verdict = judge(s.service, mine, scale(w.plan, s.service.Name), w.history)
	if s.prepare != nil {
		s.verdict = verdict{phase: failed, failure: s.prepare}
	}
	s.ready = false
	switch s.verdict.phase {
	case done, failed:
		s.stop()
		return time.Time{}
	case pending:
		s.stop()
		return w.bound(s)
	}
	w.ask(ctx, s, mine)
	if a, ok := wrong(s.round.answers); ok {
		s.verdict = s.verdict.failCheck(a)
		return time.Time{}
	}
	if s.asking() {
		return time.Time{} // checks have bounds of their own, and say more
	}
	if s.verdict.phase == running {
		s.held = time.Time{}
		return w.bound(s)
	}
	return w.hold(s, mine)
}

// ask begins a round of checks, unless it is under way.
func (w *wait) ask(ctx context.Context, s *waiting, mine []compose.Container) {
	if s.round != nil && s.round.of == livesOf(mine) {
		return
	}
	s.stop()
	s.round = w.asker.begin(ctx, s.service, mine)
}

// bound fails a service that waits for something which never comes, and is when
// that would be. One that is not started yet waits for others, who have bounds.
func (w *wait) bound(s *waiting) time.Time {
	if s.launch != launchedAlready {
		return time.Time{}
	}
	at := sooner(w.limit, s.times.started.Add(patience))
	if time.Now().Before(at) {
		return at
	}
	s.verdict = s.verdict.fail("wait", fmt.Sprintf("timed out after %s waiting for %s", w.elapsed(), s.verdict.waits))
	return time.Time{}
}

// hold makes a service ready once all has held for the stability window; it
// returns when that would be. Containers that ran before have proven it.
func (w *wait) hold(s *waiting, mine []compose.Container) time.Time {
	if s.held.IsZero() {
		s.held = time.Now()
	}
	at := s.held.Add(cmp.Or(w.stack.Window, defaultWindow))
	if len(s.service.Checks) == 0 && s.verdict.on.Health == compose.NoHealth {
		at = s.round.began.Add(unasked)
	}
	if !time.Now().Before(at) || !slices.ContainsFunc(mine, func(c compose.Container) bool { return !w.history.ran(c) }) {
		s.ready = true
		return time.Time{}
	}
	return at
}

// stop ends the checks of a service that cannot be asked any more.
func (s *waiting) stop() {
	if s.round != nil {
		s.round.cancel()
	}
	s.round = nil
	s.held = time.Time{}
}

// asking tells whether a check may still come to hold.
func (s *waiting) asking() bool { return s.round != nil && s.round.missing > 0 }

// scale is how many containers a service should have.
func scale(plan *compose.Plan, service string) int {
	s := plan.Model.Services[service]
	return s.GetScale()
}

func (w *wait) containers(service string) []compose.Container { return of(service, w.seen) }

func (w *wait) anyFailed() bool {
	return slices.ContainsFunc(w.services, func(s *waiting) bool { return s.verdict.phase == failed })
}

func (w *wait) allReady() bool {
	return !w.created.IsZero() && !slices.ContainsFunc(w.services, func(s *waiting) bool {
		return s.launch != launchedAlready || !s.ready && s.verdict.phase != done
	})
}

// tell says once what a service waits for, and that it is ready.
func (w *wait) tell(s *waiting) {
	if w.created.IsZero() {
		return // the engine may be drawing its own progress
	}
	line := ""
	switch {
	case s.ready:
		line = "ready"
	case s.verdict.phase == done:
		line = "done"
	case s.verdict.phase == running:
		line = "running, waiting for " + s.verdict.waits
	case s.verdict.phase == up && s.asking():
		line = "running, waiting for its greeting"
	case s.verdict.phase == pending && s.verdict.on.State == compose.Restarting:
		line = "waiting for " + s.verdict.waits
	}
	if line != "" && line != s.told {
		w.stack.tell("%s: %s", s.service.Name, line)
		s.told = line
	}
}

// state is what is reported of a service.
func (s *waiting) state() report.State {
	switch {
	case s.verdict.phase == failed:
		return report.Failed
	case s.verdict.phase == done:
		return report.Done
	case s.ready:
		return report.Ready
	}
	return report.Waiting
}
