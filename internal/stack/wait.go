package stack

import (
	"context"
	"fmt"
	"slices"
	"time"

	"devenv/compose"
	"devenv/internal/probe"
	"devenv/internal/report"
)

// patience bounds a service that no check bounds, such as one with a
// healthcheck of long periods, counted from when the engine has started all.
const patience = 5 * time.Minute

// A wait follows the services of a plan, driven by the events of the engine and
// the answers of the checks, until all are ready or one has failed.
type wait struct {
	stack    Stack
	plan     *compose.Plan
	began    time.Time
	limit    time.Time // of the whole wait; zero leaves it to the checks
	history  history
	seen     []compose.Container
	services []*waiting
	answers  chan answered
}

// waiting is one service that is waited for.
type waiting struct {
	service compose.Service
	verdict verdict
	asking  *asking
	held    time.Time // since when all holds; zero while it does not
	ready   bool
	told    string
}

// asking is one round of checks of the containers of a service.
type asking struct {
	cancel    context.CancelFunc
	container string
	answers   []probe.Answer
	missing   int
	wake      chan struct{}
}

type answered struct {
	round  *asking
	slot   int
	answer probe.Answer
}

func newWait(s Stack, plan *compose.Plan, before []compose.Container) *wait {
	w := &wait{stack: s, plan: plan, began: time.Now(), seen: before, answers: make(chan answered)}
	w.history = history{deaths: map[string]int{}, restarts: map[string]int{}, stopped: map[string]bool{}}
	for _, service := range plan.Services {
		w.services = append(w.services, &waiting{service: service})
	}
	w.remember()
	return w
}

// run returns nil when every service is ready or one has failed; the verdicts
// tell which. started brings the result of the engine's start.
func (w *wait) run(ctx context.Context, started <-chan error, events <-chan compose.Event) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for {
		next := w.settle(ctx)
		if w.over() {
			return nil
		}
		alarm := time.NewTimer(time.Until(next))
		err := w.await(ctx, alarm, &started, events)
		alarm.Stop()
		if err != nil {
			return err
		}
	}
}

// await blocks until something has happened, and notes it.
func (w *wait) await(ctx context.Context, alarm *time.Timer, started *<-chan error, events <-chan compose.Event) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-*started:
		*started = nil
		return w.afterStart(ctx, err)
	case e, open := <-events:
		if !open {
			return w.gone(ctx)
		}
		return w.note(ctx, e)
	case a := <-w.answers:
		a.round.answers[a.slot] = a.answer
		a.round.missing--
	case <-alarm.C:
	}
	return nil
}

// gone tells an engine that went away from an end that was asked for.
func (w *wait) gone(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &EngineGoneError{Project: w.plan.Project}
}

func (w *wait) afterStart(ctx context.Context, startErr error) error {
	w.history.started = true
	if err := w.look(ctx); err != nil {
		return err
	}
	if startErr == nil {
		return nil
	}
	w.settle(ctx)
	if w.anyFailed() {
		return nil // the failure page tells more than compose's error
	}
	return &StartError{Err: startErr, Fix: "`docker ps -a --filter label=com.docker.compose.project=" + w.plan.Project + "` shows how far it came"}
}

// note takes an event in. Only some change what can be seen.
func (w *wait) note(ctx context.Context, e compose.Event) error {
	switch e.Action {
	case compose.Killed:
		w.history.stopped[e.Container] = true
		return nil
	case compose.Died:
		if !w.history.stopped[e.Container] && e.ExitCode != 0 {
			w.history.deaths[e.Container]++
		}
	case compose.Started:
		delete(w.history.stopped, e.Container)
	case compose.HealthNow, compose.OOM:
	default:
		return nil
	}
	for _, s := range w.services {
		if s.service.Name == e.Service && s.asking != nil {
			s.asking.nudge()
		}
	}
	return w.look(ctx)
}

func (w *wait) look(ctx context.Context) error {
	containers, err := w.stack.Engine.Containers(ctx, w.plan.Project)
	if err != nil {
		return err
	}
	w.seen = containers
	w.remember()
	return nil
}

// remember keeps the restart count that each container came with.
func (w *wait) remember() {
	for _, c := range w.seen {
		if _, known := w.history.restarts[c.ID]; !known {
			w.history.restarts[c.ID] = c.Restarts
		}
	}
}

// settle judges every service anew and tells what is new. It returns when to
// look again if nothing happens until then.
func (w *wait) settle(ctx context.Context) time.Time {
	next := time.Now().Add(time.Hour)
	for _, s := range w.services {
		at := w.settleOne(ctx, s)
		if !at.IsZero() && at.Before(next) {
			next = at
		}
		w.tell(s)
	}
	return next
}

func (w *wait) settleOne(ctx context.Context, s *waiting) time.Time {
	want := scale(w.plan, s.service.Name)
	mine := w.containers(s.service.Name)
	s.verdict = judge(s.service, mine, want, w.history)
	s.ready = false
	if s.verdict.phase != running && s.verdict.phase != up || !w.history.started {
		s.stopAsking()
		return w.deadline(s)
	}
	w.ask(ctx, s, mine)
	if !s.holds() {
		s.held = time.Time{}
		s.lateOrWrong()
		return w.deadline(s)
	}
	if s.held.IsZero() {
		s.held = time.Now()
	}
	at := steady(s.service, s.verdict, s.held, w.began, w.window())
	s.ready = !time.Now().Before(at)
	return at
}

func (w *wait) window() time.Duration {
	if w.stack.Window == 0 {
		return 300 * time.Millisecond
	}
	return w.stack.Window
}

// deadline fails a service that waits for something which never comes, and
// is when that would be. Checks have their own bounds, and say more.
func (w *wait) deadline(s *waiting) time.Time {
	at := w.limit
	if s.verdict.phase == failed || s.verdict.phase == done || s.asking != nil && s.asking.missing > 0 {
		return time.Time{}
	}
	if longest := w.began.Add(patience); w.history.started && (at.IsZero() || longest.Before(at)) {
		at = longest
	}
	if !at.IsZero() && !time.Now().Before(at) {
		s.verdict = s.verdict.fail("wait", fmt.Sprintf("timed out after %s waiting for %s", time.Since(w.began).Round(time.Second), s.verdict.waits))
	}
	return at
}

// scale is how many containers a service should have.
func scale(plan *compose.Plan, service string) int {
	s := plan.Model.Services[service]
	return s.GetScale()
}

func (w *wait) containers(service string) []compose.Container {
	return slices.DeleteFunc(slices.Clone(w.seen), func(c compose.Container) bool { return c.Service != service })
}

func (w *wait) over() bool {
	if w.anyFailed() {
		return true
	}
	return w.history.started && !slices.ContainsFunc(w.services, func(s *waiting) bool {
		return !s.ready && s.verdict.phase != done
	})
}

func (w *wait) anyFailed() bool {
	return slices.ContainsFunc(w.services, func(s *waiting) bool { return s.verdict.phase == failed })
}

// tell says once what a service waits for, and that it is ready.
func (w *wait) tell(s *waiting) {
	line := ""
	switch {
	case s.ready:
		line = "ready"
	case s.verdict.phase == done:
		line = "done"
	case s.verdict.phase == running && w.history.started:
		line = "running, waiting for " + s.verdict.waits
	case s.verdict.phase == up && s.asking != nil && s.asking.missing > 0:
		line = "running, waiting for its greeting"
	}
	if line != "" && line != s.told {
		w.stack.tell("%s: %s", s.service.Name, line)
		s.told = line
	}
}

// outcome is what is reported of a service.
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
