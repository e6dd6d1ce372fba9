package stack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"devenv/compose"
	"devenv/internal/conversation"
	"devenv/internal/probe"
)

// A Hooker runs a command in a container, without input, and hands on each line that
// it prints, as plain text.
type Hooker interface {
	Hook(ctx context.Context, c compose.Container, command compose.Command, each func(line string)) (code int, err error)
}

// DeclinedError is a stop that the user did not want when asked.
type DeclinedError struct {
	Services []string
}

func (e *DeclinedError) Error() string { return "left running: " + strings.Join(e.Services, ", ") }

// Hint says how not to be asked.
func (e *DeclinedError) Hint() string { return "--yes goes on without a question" }

// A parting is a service that is about to be stopped, while somebody may play.
type parting struct {
	service    compose.Service
	containers []compose.Container // that run
	players    int
	known      bool
	until      time.Time // that players may take to leave; zero is not waited for
}

// part tells who plays on services that are about to be stopped, asks where nothing is
// said to them, says farewell, and lets them leave. The error is a [DeclinedError], of
// the engine, or of ctx.
func (s Stack) part(ctx context.Context, plan *compose.Plan, services []string) error {
	all, err := s.partings(ctx, plan, services)
	if err != nil {
		return err
	}
	var unprepared []string
	for _, p := range all {
		if p.players == 0 {
			continue
		}
		s.tell("%s", connected(p.players, p.service.Name))
		if !p.service.Farewell.Given() {
			unprepared = append(unprepared, p.service.Name)
		}
	}
	if err := s.consent(ctx, unprepared); err != nil {
		return err
	}
	for i := range all {
		s.farewell(ctx, plan, &all[i])
	}
	for _, p := range all {
		s.letLeave(ctx, plan.Project, p)
	}
	return ctx.Err()
}

// partings counts the players of services, as far as that concerns anybody.
func (s Stack) partings(ctx context.Context, plan *compose.Plan, services []string) ([]parting, error) {
	var all []parting
	for _, service := range plan.Services {
		if slices.Contains(services, service.Name) && (service.Farewell.Given() || len(telnetPorts(service)) > 0) {
			all = append(all, parting{service: service})
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	containers, err := s.Engine.Containers(ctx, plan.Project)
	if err != nil {
		return nil, err
	}
	for i := range all {
		p := &all[i]
		p.containers = runningOf(p.service.Name, containers)
		p.players, p.known = s.players(ctx, p.service, p.containers)
	}
	return all, ctx.Err()
}

// consent asks whether services may be stopped under their players, where there is
// somebody to ask.
func (s Stack) consent(ctx context.Context, services []string) error {
	if len(services) == 0 || s.Confirm == nil {
		return nil
	}
	yes, err := s.Confirm(ctx, fmt.Sprintf("stop %s all the same?", strings.Join(services, ", ")))
	if err == nil && !yes {
		err = &DeclinedError{services}
	}
	return err
}

// farewellBound is how long saying farewell may take.
const farewellBound = time.Minute

// farewell says what x-devenv.farewell of a service has for its players, unless it has
// none. That it cannot be said is told.
func (s Stack) farewell(ctx context.Context, plan *compose.Plan, p *parting) {
	f, name := p.service.Farewell, p.service.Name
	if !f.Given() || p.known && p.players == 0 {
		return
	}
	s.tell("%s: farewell", name)
	bounded, cancel := context.WithTimeout(ctx, farewellBound)
	defer cancel()
	for _, c := range p.containers {
		say := s.sayAt
		if len(f.Command) > 0 {
			say = s.runFarewell
		}
		err := say(bounded, plan, p.service, c)
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("not said within %s", farewellBound)
		}
		if err != nil && ctx.Err() == nil {
			s.tell("%s: farewell: %v; the stop goes on", name, err)
		}
	}
	if f.Wait > 0 {
		p.until = time.Now().Add(f.Wait)
	}
}

func (s Stack) runFarewell(ctx context.Context, _ *compose.Plan, service compose.Service, c compose.Container) error {
	command := compose.Command{Args: service.Farewell.Command}
	code, err := s.Engine.Hook(ctx, c, command, func(line string) { s.tell("%s: | %s", service.Name, line) })
	if err == nil && code != 0 {
		err = fmt.Errorf("%s ended with exit code %d", readable(command.Args[0]), code)
	}
	return err
}

func (s Stack) sayAt(ctx context.Context, plan *compose.Plan, service compose.Service, c compose.Container) error {
	port := service.Farewell.Port
	addr, _ := s.address(c, port)
	if addr == "" {
		return fmt.Errorf("port %d is not published, and cannot be reached from here otherwise", port)
	}
	conn, err := probe.Dial(ctx, probe.Question{Addr: addr, TLS: security(plan.CheckOf(service.Name, port).TLS), Bound: dialBound})
	if err != nil {
		return fmt.Errorf("port %d: %w", port, err)
	}
	heard, err := conversation.Tell(ctx, conn, service.Farewell.Say)
	for line := range strings.Lines(heard) {
		s.tell("%s: | %s", service.Name, strings.TrimRight(line, "\n"))
	}
	if err != nil {
		err = fmt.Errorf("port %d: %w", port, err)
	}
	return err
}

// letLeave waits until the players of a service have gone, for as long as they may
// take.
func (s Stack) letLeave(ctx context.Context, project string, p parting) {
	if p.until.IsZero() {
		return
	}
	bounded, cancel := context.WithDeadline(ctx, p.until)
	defer cancel()
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		containers, err := s.Engine.Containers(bounded, project)
		if err == nil {
			p.players, p.known = s.players(bounded, p.service, runningOf(p.service.Name, containers))
		}
		if err == nil && p.known && p.players == 0 {
			return
		}
		select {
		case <-time.After(pause):
		case <-bounded.Done():
			if p.players > 0 && ctx.Err() == nil {
				s.tell("still, %s", connected(p.players, p.service.Name))
			}
			return
		}
	}
}

// partFromReplaced parts from the players of what is about to be replaced, or stopped
// to be prepared.
func (s Stack) partFromReplaced(ctx context.Context, plan *compose.Plan, before []compose.Container, o UpOptions) error {
	services, err := s.replaced(ctx, plan, before)
	if err != nil {
		return err
	}
	preparing := &starter{stack: s, plan: plan, again: o.Prepare}
	for _, service := range plan.Services {
		if len(service.Prepare) == 0 || slices.Contains(services, service.Name) || len(runningOf(service.Name, before)) == 0 {
			continue
		}
		due, _, err := preparing.due(ctx, service)
		if err != nil {
			return err
		}
		if len(due) > 0 {
			services = append(services, service.Name)
		}
	}
	return s.part(ctx, plan, services)
}
