package stack

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"devenv/compose"
)

// A Hand runs commands in containers. Find is where a container has a program, or
// "". The code is that of the command.
type Hand interface {
	Exec(ctx context.Context, c compose.Container, command compose.Command, s compose.Streams) (code int, err error)
	Run(ctx context.Context, plan *compose.Plan, service string, o compose.OneOff, s compose.Streams) (code int, err error)
	Find(ctx context.Context, c compose.Container, program string) (string, error)
}

// A LogReader reads what a container printed; with Follow, until it ends.
type LogReader interface {
	ReadLog(ctx context.Context, c compose.Container, q compose.LogQuery, each func(compose.LogLine) error) error
}

// A Stopper stops the containers of services, in the order of their dependencies.
// A nil grace is what each container says itself.
type Stopper interface {
	StopServices(ctx context.Context, plan *compose.Plan, services []string, grace *time.Duration) error
}

// A DailyEngine does what a day's work with running servers takes.
type DailyEngine interface {
	Engine
	Hand
	LogReader
	Stopper
	Syncer
}

// Daily is a stack for a day's work with what runs. Its Engine and that of the
// Stack are the same.
type Daily struct {
	Stack
	Engine DailyEngine
}

// IdleError is a service that has no container for what is asked of it.
type IdleError struct {
	Service string
	Why     string // such as "has no container"
	Fix     string
}

func (e *IdleError) Error() string { return fmt.Sprintf("service %q %s", e.Service, e.Why) }

// Hint says how to start it.
func (e *IdleError) Hint() string { return cmp.Or(e.Fix, "`devenv up "+e.Service+"` starts it") }

const noContainer = "has no container"

// Running is a container of a service that runs: that of the number, or with 0 the
// first one. The error is an [IdleError] where there is none.
func (d Daily) Running(ctx context.Context, project, service string, number int) (compose.Container, error) {
	all, err := d.Engine.Containers(ctx, project)
	if err != nil {
		return compose.Container{}, err
	}
	why := noContainer
	for _, c := range of(service, all) {
		if number != 0 && c.Number != number {
			continue
		}
		if c.State == compose.Running {
			return c, nil
		}
		why = "does not run: its container " + stateOf(c)
	}
	idle := &IdleError{Service: service, Why: why}
	if number != 0 && why == noContainer {
		idle.Why, idle.Fix = fmt.Sprintf("has no container of number %d", number), "`devenv ps "+service+"` lists those that run"
	}
	return compose.Container{}, idle
}

func stateOf(c compose.Container) string {
	if c.State == compose.Exited {
		return fmt.Sprintf("has ended with exit code %d", c.ExitCode)
	}
	return "is " + string(c.State)
}

// Shells are what is looked for in a container, the best one first.
var Shells = []string{"bash", "ash", "sh"}

// Shell is the best shell that a container has, or "".
func (d Daily) Shell(ctx context.Context, c compose.Container) (string, error) {
	for _, name := range Shells {
		file, err := d.Engine.Find(ctx, c, name)
		if file != "" || err != nil {
			return file, err
		}
	}
	return "", nil
}

// Run makes a container of a service for one command and returns the exit code of
// that. Its image is built where it is stale; what it depends on must run.
func (d Daily) Run(ctx context.Context, plan *compose.Plan, service string, o compose.OneOff, s compose.Streams) (code int, err error) {
	if _, err := d.build(ctx, plan.Only([]string{service}), BuildStale); err != nil {
		return 0, err
	}
	if plan, err = d.settleUsers(ctx, plan.Only([]string{service})); err != nil {
		return 0, err
	}
	if err := d.guarded(); err != nil {
		return 0, err
	}
	code, err = d.Engine.Run(ctx, plan, service, o, s)
	if err != nil && ctx.Err() == nil {
		err = &StartError{Err: err, Fix: "`devenv config` shows what the service says; the image may not have that program"}
	}
	return code, err
}
