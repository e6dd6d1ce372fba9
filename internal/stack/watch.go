package stack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"devenv/compose"
	"devenv/internal/report"
	"devenv/internal/watch"
)

// A Syncer changes what runs. Replace does to the containers of services what Create
// does, and leaves all others alone; Sync copies into a container and deletes there,
// and says why something is left.
type Syncer interface {
	Replace(ctx context.Context, plan *compose.Plan, services []string) error
	Sync(ctx context.Context, c compose.Container, what compose.Copying) (left string, err error)
}

// WatchOptions say what Watch watches, and whom it tells.
type WatchOptions struct {
	Services []string // none is all that have something to watch
	Up       UpOptions
	Folder   string // paths are told relative to it

	// Engine does what comes after Up, and tells less; nil is the same one.
	Engine DailyEngine

	Plan   func(context.Context) (*compose.Plan, error) // decided anew, from the files as they are now
	Answer func(report.Report) error                    // of Up
	Show   func(report.Report) error                    // of services that did not get ready later
	Line   func(compose.LogLine) error                  // of the services' logs; nil leaves them out
}

// Watch brings the plan up, and then does what develop.watch says each time that
// files change, until ctx ends. What it brought up goes on running. Whatever goes wrong with a change is told,
// and the next one waited for; the error is one of the files, of Up, of the disk or
// of an engine that has gone away.
func (d Daily) Watch(ctx context.Context, plan *compose.Plan, o WatchOptions) error {
	w, err := d.newWatching(plan, o)
	if err != nil {
		return err
	}
	defer w.files.Close()
	rep, err := d.Up(ctx, plan, o.Up)
	if err != nil {
		return err
	}
	if err := o.Answer(rep); err != nil {
		return err
	}
	if o.Engine != nil {
		w.Engine, w.Stack.Engine = o.Engine, o.Engine
	}
	return w.run(ctx)
}

// watching is a plan whose files are watched.
type watching struct {
	Daily
	plan    *compose.Plan
	options WatchOptions
	rules   []rule
	files   *watch.Watcher
}

// A rule is a trigger and the files that it means.
type rule struct {
	compose.Trigger
	*watch.Matcher
}

// newWatching begins to listen before anything is built, so that no change is missed.
func (d Daily) newWatching(plan *compose.Plan, o WatchOptions) (*watching, error) {
	triggers, notes, err := plan.Triggers(o.Services)
	if err != nil {
		return nil, err
	}
	for _, note := range notes {
		d.tell("note: %s", note)
	}
	w := &watching{Daily: d, plan: plan, options: o}
	w.Confirm = nil // a save is no time for questions
	var matchers []*watch.Matcher
	for _, t := range triggers {
		m, err := watch.Compile(watch.Rule{Path: t.Path, Include: t.Include, Ignore: t.Ignore, Beside: watch.Patterns{Folder: t.Context, List: t.Excluded}})
		if err != nil {
			return nil, &compose.FileError{Where: t.Where, Err: fmt.Errorf("service %q: develop.watch: %w", t.Service, err), Fix: "write patterns as .dockerignore has them"}
		}
		w.rules = append(w.rules, rule{t, m})
		matchers = append(matchers, m)
	}
	w.files, err = watch.Open(matchers)
	return w, err
}

// run follows the files, the logs and the engine, until one of them ends.
func (w *watching) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	started := make(chan struct{}, 1)
	following := make(chan struct{})
	go func() {
		defer close(following)
		if err := w.engineEvents(ctx, started); err != nil {
			cancel(err)
		}
	}()
	logging := make(chan struct{})
	go func() {
		defer close(logging)
		if err := w.logs(ctx, started); err != nil {
			cancel(err)
		}
	}()
	err := w.loop(ctx)
	cancel(err)
	<-following
	<-logging
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// loop handles one burst after the other. What changes meanwhile comes as one.
func (w *watching) loop(ctx context.Context) error {
	w.initial(ctx, w.plan.Services)
	w.tell("watching %s; Ctrl-C ends it, and leaves what runs running", w.watched())
	for {
		changes, err := w.files.Next(ctx)
		if err != nil {
			return err
		}
		w.handle(ctx, changes)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// engineEvents says that a container was started, and returns when the engine has
// gone away.
func (w *watching) engineEvents(ctx context.Context, started chan<- struct{}) error {
	for e := range w.Engine.Events(ctx, w.plan.Project) {
		if e.Action != compose.Started {
			continue
		}
		select {
		case started <- struct{}{}:
		default:
		}
	}
	if ctx.Err() != nil {
		return nil
	}
	return &EngineGoneError{Project: w.plan.Project}
}

// recent is how many lines of each log are shown to begin with.
const recent = 10

// logs follows the logs of the services, also when all have ended for a while. That
// they cannot be read is told; that their lines cannot be written is an error.
func (w *watching) logs(ctx context.Context, started <-chan struct{}) error {
	if w.options.Line == nil {
		return nil
	}
	last := time.Now()
	var unwritten error
	each := func(line compose.LogLine) error {
		last, unwritten = line.Time, w.options.Line(line)
		return unwritten
	}
	q := compose.LogQuery{Follow: true, Last: recent}
	for {
		err := w.Logs(ctx, w.plan.Project, w.options.Services, q, each)
		if unwritten != nil {
			return unwritten
		}
		if err != nil {
			w.fault(ctx, "logs", err)
		}
		select {
		case <-started:
		case <-ctx.Done():
			return nil
		}
		q.Since, q.Last = last.Add(time.Nanosecond), compose.AllLines
	}
}
