package stack

import (
	"context"
	"sync"
	"time"

	"devenv/compose"
)

// A launch is how far the start of a service has come.
type launch int

const (
	notLaunched launch = iota
	underWay
	launchedAlready
)

// A starter starts services side by side.
type starter struct {
	stack    Stack
	plan     *compose.Plan
	results  chan launched
	lines    chan string // that prepare prints
	again    bool        // what was prepared is prepared again
	starting sync.WaitGroup
}

// launched is what a start came to.
type launched struct {
	service  *waiting
	err      error
	prepared time.Time // when that had ended; zero where there was nothing to do
}

// start starts a service whose containers are these, when its work is done.
func (s *starter) start(ctx context.Context, service *waiting, mine []compose.Container, runs bool) {
	s.starting.Go(func() {
		l := launched{service: service}
		if l.prepared, l.err = s.prepare(ctx, service.service, mine); l.err == nil && (!runs || !l.prepared.IsZero()) {
			l.err = s.stack.Engine.Start(ctx, s.plan, service.service.Name)
		}
		select {
		case s.results <- l:
		case <-ctx.Done():
		}
	})
}

// startDue starts every service that has what it depends on, now that all is
// created. It reports whether a service was found running, which others may have
// waited for.
func (w *wait) startDue(ctx context.Context) (found bool) {
	if w.created.IsZero() {
		return false
	}
	for _, s := range w.services {
		if s.launch != notLaunched || !w.mayStart(s) {
			continue
		}
		s.times.starting = time.Now()
		runs := w.runs(s)
		if runs && len(s.service.Prepare) == 0 {
			w.launched(s)
			found = true
			continue
		}
		s.launch = underWay
		w.starter.start(ctx, s, w.containers(s.service.Name), runs)
	}
	return found
}

// launched notes that a service is started, or runs already.
func (w *wait) launched(s *waiting) {
	s.launch = launchedAlready
	s.times.started = time.Now()
	w.history.launched[s.service.Name] = true
}

// runs tells whether there is nothing to start.
func (w *wait) runs(s *waiting) bool {
	mine := w.containers(s.service.Name)
	for _, c := range mine {
		if c.State != compose.Running {
			return false
		}
	}
	return len(mine) >= scale(w.plan, s.service.Name)
}

// mayStart tells whether all that a service depends on has come as far as it
// asks for, and notes what came last.
func (w *wait) mayStart(s *waiting) bool {
	var last time.Time
	for name, d := range w.plan.Model.Services[s.service.Name].DependsOn {
		dependency := w.find(name)
		if dependency == nil {
			continue // optional, and not part of this run
		}
		at, ok := dependency.fulfils(d.Condition)
		if !ok {
			return false
		}
		if at.After(last) {
			last, s.times.after = at, name
		}
	}
	return true
}

// fulfils tells whether a dependency has come as far as a condition asks, and
// since when. One without a healthcheck is taken for healthy when it runs.
func (s *waiting) fulfils(condition string) (since time.Time, ok bool) {
	switch condition {
	case compose.ServiceHealthy:
		return s.times.healthy, s.verdict.phase == up
	case compose.ServiceCompleted:
		return s.times.ended, s.verdict.phase == done
	}
	return s.times.started, s.launch == launchedAlready
}

func (w *wait) find(service string) *waiting {
	for _, s := range w.services {
		if s.service.Name == service {
			return s
		}
	}
	return nil
}
