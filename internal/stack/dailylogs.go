package stack

import (
	"context"
	"slices"
	"time"

	"devenv/compose"
)

// Logs hands the log lines of a project to each: of these services, or of all. What
// was printed before comes in the order of time; what is followed, as it comes, in
// order for each container. Following goes on over a restart, takes in containers
// that are made later, and ends when all have ended.
func (d Daily) Logs(ctx context.Context, project string, services []string, q compose.LogQuery, each func(compose.LogLine) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	f := &following{daily: d, project: project, services: services, query: q, each: each,
		tails: map[string]*tail{}, lines: make(chan compose.LogLine), ended: make(chan ending)}
	var events <-chan compose.Event
	if q.Follow {
		events = d.Engine.Events(ctx, project)
	}
	containers, err := f.containers(ctx)
	if err != nil {
		return err
	}
	if err := f.past(ctx, containers); err != nil || !q.Follow {
		return err
	}
	for _, c := range containers {
		if c.State != compose.Exited && c.State != compose.Dead && c.State != compose.Created {
			f.follow(ctx, c)
		}
	}
	return f.run(ctx, events)
}

// following is a wait for lines that are yet to be printed.
type following struct {
	daily    Daily
	project  string
	services []string
	query    compose.LogQuery
	each     func(compose.LogLine) error

	tails map[string]*tail // by container ID
	busy  int              // how many are being read
	lines chan compose.LogLine
	ended chan ending
}

// A tail is how far the log of a container has been read.
type tail struct {
	last  time.Time // of the last line
	busy  bool
	again bool // it was started again while it was being read
}

// An ending is that of what the engine sends of a container's log.
type ending struct {
	container compose.Container
	err       error
}

// containers lists those whose lines are wanted. A service without any is an
// [IdleError].
func (f *following) containers(ctx context.Context) ([]compose.Container, error) {
	all, err := f.daily.Engine.Containers(ctx, f.project)
	if err != nil {
		return nil, err
	}
	for _, name := range f.services {
		if len(of(name, all)) == 0 {
			return nil, &IdleError{Service: name, Why: noContainer}
		}
	}
	return slices.DeleteFunc(all, func(c compose.Container) bool { return !f.wants(c.Service) }), nil
}

func (f *following) wants(service string) bool {
	return len(f.services) == 0 || slices.Contains(f.services, service)
}

// past hands on what was printed until now, in the order of time.
func (f *following) past(ctx context.Context, containers []compose.Container) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	q := f.query
	q.Follow = false
	var sources []*source
	for _, c := range containers {
		f.tails[c.ID] = &tail{}
		sources = append(sources, f.daily.open(ctx, c, q))
	}
	for {
		next, err := earliest(sources)
		if next == nil || err != nil {
			return err
		}
		f.tails[next.id].last = next.head.Time
		if err := f.each(next.head); err != nil {
			return err
		}
		next.head = compose.LogLine{}
		next.held = false
	}
}

// follow reads on in the log of a container.
func (f *following) follow(ctx context.Context, c compose.Container) {
	t := f.tails[c.ID]
	if t == nil {
		t = &tail{}
		f.tails[c.ID] = t
	}
	if t.busy {
		t.again = true
		return
	}
	q := f.query
	if !t.last.IsZero() {
		q.Since, q.Last = t.last.Add(time.Nanosecond), compose.AllLines
	}
	t.busy = true
	f.busy++
	go func() {
		err := f.daily.read(ctx, c, q, func(line compose.LogLine) error {
			select {
			case f.lines <- line:
				t.last = line.Time
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		select {
		case f.ended <- ending{c, err}:
		case <-ctx.Done():
		}
	}()
}

// respite is how long the last container may be down before following ends: one
// that is started again by hand ends first.
const respite = 2 * time.Second

func (f *following) run(ctx context.Context, events <-chan compose.Event) error {
	var idle <-chan time.Time
	for {
		switch {
		case f.busy > 0:
			idle = nil
		case idle == nil:
			idle = time.After(respite)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-idle:
			if !f.comesBack(ctx) {
				return nil
			}
			idle = nil
		case line := <-f.lines:
			if err := f.each(line); err != nil {
				return err
			}
		case e := <-f.ended:
			if err := f.end(ctx, e); err != nil {
				return err
			}
		case e, open := <-events:
			if err := f.note(ctx, e, open); err != nil {
				return err
			}
		}
	}
}

// comesBack tells whether a container is about to start again, or has just done so.
func (f *following) comesBack(ctx context.Context) bool {
	all, err := f.daily.Engine.Containers(ctx, f.project)
	return err == nil && slices.ContainsFunc(all, func(c compose.Container) bool {
		return f.wants(c.Service) && (c.State == compose.Restarting || c.State == compose.Running)
	})
}

// end notes that a container has no more lines for now.
func (f *following) end(ctx context.Context, e ending) error {
	t := f.tails[e.container.ID]
	t.busy = false
	f.busy--
	if e.err == nil && t.again {
		t.again = false
		f.follow(ctx, e.container)
	}
	return e.err
}

// note follows a container that was started. Events end with ctx, or with the
// engine.
func (f *following) note(ctx context.Context, e compose.Event, open bool) error {
	if !open && ctx.Err() != nil {
		return ctx.Err()
	}
	if !open {
		return &EngineGoneError{Project: f.project}
	}
	if e.Action != compose.Started || !f.wants(e.Service) {
		return nil
	}
	all, err := f.daily.Engine.Containers(ctx, f.project)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.ID == e.Container {
			f.follow(ctx, c)
		}
	}
	return nil
}
