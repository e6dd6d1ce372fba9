package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"devenv/compose"
)

// A stillness is a project of which no service writes to volumes.
type stillness struct {
	s       Snapshots
	plan    *compose.Plan
	stopped []string        // services
	quiet   []held          // in the order in which they were made so
	writers map[string]bool // services
}

// held is a container that was made to hold still.
type held struct {
	container compose.Container
	quiesce   compose.Quiesce
}

// still makes every service hold still that writes to the volumes, or says how it can,
// each before those that it depends on. The stillness is to be ended also after an
// error.
func (s Snapshots) still(ctx context.Context, plan *compose.Plan, containers []compose.Container, volumes []compose.Volume) (*stillness, error) {
	q := &stillness{s: s, plan: plan, writers: map[string]bool{}}
	for _, v := range volumes {
		for _, u := range v.Users {
			if !u.Running() || !u.Writes {
				continue
			}
			if err := mustBeOurs(plan, v, u); err != nil {
				return q, err
			}
			q.writers[u.Service] = true
		}
	}
	order := dependenciesFirst(plan)
	slices.Reverse(order)
	for _, name := range order {
		if err := q.hold(ctx, name, containers); err != nil {
			return q, err
		}
	}
	return q, nil
}

// mustBeOurs refuses a container that cannot be stopped and started with the plan.
func mustBeOurs(plan *compose.Plan, v compose.Volume, u compose.VolumeUser) error {
	if _, known := plan.Service(u.Service); known && u.Project == plan.Project {
		return nil
	}
	if isHelper(u.Project, plan.Project) {
		return &StartError{Err: fmt.Errorf("another run reads or fills volume %s", v.Key), Fix: "wait until it has ended; `devenv gc` removes what a killed one has left"}
	}
	return &StartError{
		Err: fmt.Errorf("container %s uses volume %s, and belongs to no service of %s as %s", u.Name, v.Key, plan.Project, plan.Profile),
		Fix: "end it: `docker rm -f " + u.Name + "`",
	}
}

// hold makes a service hold still, if it runs.
func (q *stillness) hold(ctx context.Context, name string, containers []compose.Container) error {
	service, _ := q.plan.Service(name)
	looping := slices.ContainsFunc(of(name, containers), func(c compose.Container) bool { return c.State == compose.Restarting })
	if len(service.Quiesce.Command) == 0 || looping {
		if !q.writers[name] {
			return nil
		}
		q.s.tell("stopping %s while its volumes are saved; x-devenv.quiesce would let it run", name)
		q.stopped = append(q.stopped, name)
		return q.s.Engine.StopServices(ctx, q.plan, []string{name}, nil)
	}
	for _, c := range of(name, containers) {
		if c.State != compose.Running {
			continue
		}
		q.s.tell("%s: quiesce: %s", name, service.Quiesce)
		q.quiet = append(q.quiet, held{c, service.Quiesce})
		if err := q.s.command(ctx, c, service.Quiesce.Command); err != nil {
			return &StartError{Err: fmt.Errorf("service %q: quiesce: %w", name, err), Fix: "correct x-devenv.quiesce.command; nothing was saved"}
		}
	}
	return nil
}

// mostOutput bounds what is shown of a command.
const mostOutput = 64 << 10

// command runs a command in a container, and shows what it printed.
func (s Snapshots) command(ctx context.Context, c compose.Container, args []string) error {
	var printed bounded
	code, err := s.Engine.Exec(ctx, c, compose.Command{Args: args}, compose.Streams{Out: &printed, Err: &printed})
	if text := strings.TrimRight(printed.String(), "\n"); text != "" && s.Show != nil {
		s.Show(text)
	}
	if err == nil && code != 0 {
		err = fmt.Errorf("%s ended with exit code %d", args[0], code)
	}
	return err
}

// bounded keeps the beginning of what is written.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	b.Buffer.Write(p[:min(len(p), mostOutput-b.Len())])
	return len(p), nil
}

// goOn bounds the time that services get to go on after an interrupt.
const goOn = 2 * time.Minute

// end lets all services go on that hold still, each after those that it depends on,
// in a life of its own. All are tried.
func (q *stillness) end(ctx context.Context) error {
	if len(q.quiet) == 0 && len(q.stopped) == 0 {
		return nil
	}
	if ctx.Err() != nil {
		q.s.tell("interrupted: letting the services go on")
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), goOn)
		defer cancel()
	}
	var errs []error
	var due []string
	for _, name := range dependenciesFirst(q.plan) {
		if slices.Contains(q.stopped, name) {
			due = append(due, name)
			continue
		}
		if !slices.ContainsFunc(q.quiet, func(h held) bool { return h.container.Service == name }) {
			continue
		}
		errs = append(errs, q.s.startAgain(ctx, q.plan, due), q.resume(ctx, name))
		due = nil
	}
	return errors.Join(append(errs, q.s.startAgain(ctx, q.plan, due))...)
}

func (q *stillness) resume(ctx context.Context, name string) error {
	var errs []error
	for _, h := range q.quiet {
		if h.container.Service != name || len(h.quiesce.Resume) == 0 {
			continue
		}
		q.s.tell("%s: resume: %s", name, strings.Join(h.quiesce.Resume, " "))
		if err := q.s.command(ctx, h.container, h.quiesce.Resume); err != nil {
			errs = append(errs, &StartError{Err: fmt.Errorf("service %q: resume: %w", name, err), Fix: "`devenv restart " + name + "`"})
		}
	}
	return errors.Join(errs...)
}

// startAgain starts services that were stopped, and waits until they are ready.
func (s Snapshots) startAgain(ctx context.Context, plan *compose.Plan, services []string) error {
	if len(services) == 0 {
		return nil
	}
	s.tell("starting %s again", strings.Join(services, ", "))
	rep, err := s.Start(ctx, plan.Only(services))
	if err != nil {
		return err
	}
	return rep.Err()
}

// dependenciesFirst are the services of a plan, each after those that it depends on.
func dependenciesFirst(plan *compose.Plan) []string {
	var order []string
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		for _, on := range slices.Sorted(maps.Keys(plan.Model.Services[name].DependsOn)) {
			visit(on)
		}
		order = append(order, name)
	}
	for _, name := range names(plan) {
		visit(name)
	}
	return slices.DeleteFunc(order, func(name string) bool { _, known := plan.Service(name); return !known })
}
