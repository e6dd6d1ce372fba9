package stack

import (
	"context"
	"fmt"
	"slices"
	"time"

	"devenv/compose"
)

// A wait starts the services of a plan, each as soon as what it depends on has
// happened, and follows them, driven by the events of the engine and the answers of
// the checks, until all are ready or one has failed.
type wait struct {
	stack    Stack
	plan     *compose.Plan
	began    time.Time
	limit    time.Time // of the whole wait; zero leaves it to the checks
	created  time.Time // when the engine had created all; zero before
	history  *history
	seen     []compose.Container
	services []*waiting
	asker    asker
	starter  starter
}

func newWait(s Stack, plan *compose.Plan, before []compose.Container) *wait {
	w := &wait{stack: s, plan: plan, began: time.Now(), history: newHistory(before), seen: before}
	w.asker = asker{stack: s, answers: make(chan answered), examined: make(chan string)}
	w.starter = starter{stack: s, plan: plan, results: make(chan launched), lines: make(chan string)}
	for _, service := range plan.Services {
		w.services = append(w.services, &waiting{service: service})
	}
	return w
}

// within bounds the whole wait; 0 leaves it to the checks.
func (w *wait) within(limit time.Duration) {
	if limit > 0 {
		w.limit = w.began.Add(limit)
		w.asker.limit = w.limit
	}
}

// run returns nil when every service is ready or one has failed; the verdicts
// tell which. created brings the result of the engine's creating.
func (w *wait) run(ctx context.Context, created <-chan error, events <-chan compose.Event) error {
	ctx, cancel := context.WithCancel(ctx)
	defer w.starter.starting.Wait()
	defer w.asker.asking.Wait()
	defer cancel()
	certain := false // that all is ready: an event may be under way
	for {
		var err error
		next := w.settle(ctx)
		switch {
		case w.anyFailed(), certain && w.allReady():
			return nil
		case w.overdue():
			err = w.lateStart()
		case w.allReady():
			certain = true
			err = w.look(ctx)
		default:
			certain = false
			err = w.await(ctx, next, &created, events)
		}
		if err != nil {
			return err
		}
	}
}

// await blocks until something has happened, and notes it.
func (w *wait) await(ctx context.Context, next time.Time, created *<-chan error, events <-chan compose.Event) error {
	var alarm <-chan time.Time
	if !next.IsZero() {
		alarm = time.After(time.Until(next))
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-*created:
		*created = nil
		w.created = time.Now()
		return w.afterCall(ctx, err)
	case l := <-w.starter.results:
		l.service.times.prepared = l.prepared
		if l.err == nil {
			w.launched(l.service)
		}
		return w.afterCall(ctx, l.service.unprepared(l.err))
	case line := <-w.starter.lines:
		w.stack.tell("%s", line)
	case e, open := <-events:
		if !open {
			return w.gone(ctx, nil)
		}
		return w.note(ctx, e)
	case a := <-w.asker.answers:
		a.take()
	case life := <-w.asker.examined:
		w.history.examined[life] = true
	case <-alarm:
	}
	return nil
}

// gone tells an engine that went away from an end that was asked for.
func (w *wait) gone(ctx context.Context, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &EngineGoneError{Project: w.plan.Project, Err: cause}
}

// afterCall looks at what a call of the engine has changed. Where it failed, the
// service that ended tells more than the engine's error.
func (w *wait) afterCall(ctx context.Context, callErr error) error {
	if err := w.look(ctx); err != nil {
		return err
	}
	if callErr == nil {
		return nil
	}
	w.settle(ctx)
	if w.anyFailed() {
		return nil
	}
	if missing := w.missingImage(ctx); missing != nil {
		return &StartError{Err: fmt.Errorf("%w: %w", missing, callErr), Fix: "check its name, the network, and `docker login`"}
	}
	return &StartError{Err: callErr, Fix: "`docker ps -a --filter label=com.docker.compose.project=" + w.plan.Project + "` shows how far it came"}
}

// missingImage names the first service whose image is not here and is not built.
func (w *wait) missingImage(ctx context.Context) error {
	var refs []string
	for _, s := range w.services {
		refs = append(refs, s.service.Image)
	}
	have, err := w.stack.Engine.Images(ctx, refs)
	for _, s := range w.services {
		if _, ok := have[s.service.Image]; !ok && err == nil && !s.service.Built {
			return fmt.Errorf("service %q: image %s is not here and could not be pulled", s.service.Name, s.service.Image)
		}
	}
	return nil
}

// note takes an event in, and looks where it may have changed what can be seen.
func (w *wait) note(ctx context.Context, e compose.Event) error {
	if !w.history.note(e) {
		return nil
	}
	for _, s := range w.services {
		if s.service.Name == e.Service && s.round != nil {
			s.round.nudge()
		}
	}
	return w.look(ctx)
}

func (w *wait) look(ctx context.Context) error {
	containers, err := w.stack.Engine.Containers(ctx, w.plan.Project)
	if err != nil {
		return w.gone(ctx, err)
	}
	w.seen = containers
	return nil
}

// overdue tells whether a call of the engine has taken all the time there is, and
// no check is about to say its last word.
func (w *wait) overdue() bool {
	calling := w.created.IsZero() || slices.ContainsFunc(w.services, func(s *waiting) bool { return s.launch == underWay })
	return calling && !w.limit.IsZero() && !time.Now().Before(w.limit) && !slices.ContainsFunc(w.services, (*waiting).asking)
}

// lateStart says what has taken all the time: work before a start is a failure of its
// service.
func (w *wait) lateStart() error {
	if w.latePrepare() {
		return nil
	}
	return &StartError{
		Err: fmt.Errorf("timed out after %s waiting for the engine to start all of %s", w.elapsed(), w.plan.Project),
		Fix: "allow more time, or find out what it waits for: `docker ps -a --filter label=com.docker.compose.project=" + w.plan.Project + "`",
	}
}

func (w *wait) elapsed() time.Duration { return time.Since(w.began).Round(10 * time.Millisecond) }
