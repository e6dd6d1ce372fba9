// Package stack carries a plan out: it builds what is stale, starts it, waits
// until players could connect, and reports what it saw. It makes no choices
// about the project, which the plan has made, and knows no docker: what it needs
// of an engine are the interfaces here, which package engine satisfies.
package stack

import (
	"context"
	"fmt"
	"strings"
	"time"

	"devenv/compose"
)

// A Builder makes images.
type Builder interface {
	Images(ctx context.Context, refs []string) (map[string]compose.Image, error)
	Build(ctx context.Context, plan *compose.Plan, digests map[string]string) error
}

// A Runner creates, starts and removes containers. Create starts nothing; Start
// starts one service, whatever it depends on, and may be called side by side.
type Runner interface {
	Create(ctx context.Context, plan *compose.Plan) error
	Start(ctx context.Context, plan *compose.Plan, service string) error
	Remove(ctx context.Context, containers []compose.Container) error
	Down(ctx context.Context, plan *compose.Plan, removal compose.Removal) error
}

// An Observer tells what there is and what happens to it. The channel of Events
// is closed when ctx ends or the engine goes away.
type Observer interface {
	Containers(ctx context.Context, project string) ([]compose.Container, error)
	Events(ctx context.Context, project string) <-chan compose.Event
	Logs(ctx context.Context, id string, lines int) ([]string, error)
	Holders(ctx context.Context) ([]compose.Holder, error)
}

// A Hasher tells by which fingerprint docker compose knows the definition of each
// service again.
type Hasher interface {
	Hashes(plan *compose.Plan) (map[string]string, error)
}

// An Examiner runs the healthcheck of a container once, out of turn: Docker's own
// first look comes only after its interval.
type Examiner interface {
	Examine(ctx context.Context, id string) (healthy bool, output string, err error)
}

// A Place says where the ports of an engine can be dialled.
type Place interface {
	Host() string // of published ports
	Local() bool  // on this machine
}

// An Engine runs containers. It decides nothing: the plan says it all.
type Engine interface {
	Builder
	Runner
	Observer
	Examiner
	Hasher
	Place
}

// A Stack is an engine and what is told on the way.
type Stack struct {
	Engine Engine
	Tell   func(line string) // progress, for stderr

	Window time.Duration // that a new container must stay ready; 0 is 100 ms
	Grace  time.Duration // for cleaning up after an interrupt; 0 is 30 s
}

func (s Stack) tell(format string, args ...any) {
	if s.Tell != nil {
		s.Tell(fmt.Sprintf(format, args...))
	}
}

// BuildError is a build that failed.
type BuildError struct {
	Services []string // that were being built
	Err      error
}

func (e *BuildError) Error() string {
	return fmt.Sprintf("build of %s: %v", strings.Join(e.Services, ", "), e.Err)
}

func (e *BuildError) Unwrap() error { return e.Err }

// Hint says where to look.
func (e *BuildError) Hint() string {
	return "correct the failing step and run the same command again"
}

// StartError is a project that the engine could not start.
type StartError struct {
	Err error
	Fix string
}

func (e *StartError) Error() string { return e.Err.Error() }

func (e *StartError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *StartError) Hint() string { return e.Fix }

// EngineGoneError is an engine that went away in the middle of a wait.
type EngineGoneError struct {
	Project string
	Err     error // nil where it said no more than goodbye
}

func (e *EngineGoneError) Error() string {
	text := fmt.Sprintf("the engine went away while project %s was waited for", e.Project)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *EngineGoneError) Unwrap() error { return e.Err }

// Hint says how to go on.
func (e *EngineGoneError) Hint() string {
	return "start it again; the same command then goes on where it was"
}
