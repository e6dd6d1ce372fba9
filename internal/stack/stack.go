// Package stack carries a plan out: it builds what is stale, starts it, waits
// until players could connect, and reports what it saw. It makes no choices
// about the project, which the plan has made, and knows no docker: what it needs
// of an engine are the interfaces here, which package engine satisfies.
package stack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"devenv/compose"
	"devenv/internal/procnet"
)

// A Builder makes images. Sizes are in bytes; like Images, it leaves out what is
// not there.
type Builder interface {
	Images(ctx context.Context, refs []string) (map[string]compose.Image, error)
	Sizes(ctx context.Context, refs []string) (map[string]int64, error)
	Build(ctx context.Context, plan *compose.Plan, digests map[string]string) error
}

// A Runner creates, starts and removes containers. Create starts nothing; Start
// starts one service, whatever it depends on, and may be called side by side. What
// the plan uploads is in a container before it is started.
type Runner interface {
	Create(ctx context.Context, plan *compose.Plan) error
	Start(ctx context.Context, plan *compose.Plan, service string) error
	Remove(ctx context.Context, containers []compose.Container) error
	Down(ctx context.Context, plan *compose.Plan, removal compose.Removal) error
}

// An Ender stops containers, side by side, and keeps them, to be asked how they
// ended.
type Ender interface {
	End(ctx context.Context, containers []compose.Container) error
}

// A Sweeper finds what smoke runs have left, of any project.
type Sweeper interface {
	Remains(ctx context.Context) ([]compose.Remains, error)
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

// An Examiner looks into one container. Examine runs its healthcheck once, out of
// turn: Docker's own first look comes only after its interval. Record is all there
// is to be known; where it cannot tell a part, the others are there beside the error.
type Examiner interface {
	Examine(ctx context.Context, id string) (healthy bool, output string, err error)
	Record(ctx context.Context, id string) (compose.Record, error)
}

// A Place says which engine it is, for people, and where its ports can be dialled.
type Place interface {
	Version(ctx context.Context) (string, error)
	Host() string // of published ports
	Local() bool  // on this machine
}

// An Engine runs containers. It decides nothing: the plan says it all.
type Engine interface {
	Builder
	Runner
	Ender
	Sweeper
	Observer
	Examiner
	Hasher
	Place
	Lister
	Surveyor
	Preparer
	Hooker
}

// A Stack is an engine and what is told on the way.
type Stack struct {
	Engine Engine
	Tell   func(line string) // progress, for stderr

	// Confirm asks whoever is there a question to be answered with yes or no; nil is
	// that nobody is.
	Confirm func(ctx context.Context, question string) (yes bool, err error)
	Proc    procnet.Proc // of the engine's machine; "" is that of this one

	// Guard, where not nil, is asked right before anything is created or started; its
	// error keeps that from being done.
	Guard func() error

	Window time.Duration // that a new container must stay ready; 0 is 100 ms
	Grace  time.Duration // for cleaning up after an interrupt; 0 is 30 s
}

func (s Stack) tell(format string, args ...any) {
	if s.Tell != nil {
		s.Tell(fmt.Sprintf(format, args...))
	}
}

func (s Stack) guarded() error {
	if s.Guard == nil {
		return nil
	}
	return s.Guard()
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

// Hint says what to do about it: what the cause says, where it says something.
func (e *StartError) Hint() string {
	var cause interface{ Hint() string }
	if errors.As(e.Err, &cause) && cause.Hint() != "" {
		return cause.Hint()
	}
	return e.Fix
}

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
