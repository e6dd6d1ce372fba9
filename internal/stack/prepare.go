package stack

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"devenv/compose"
	"devenv/internal/report"
)

// A Preparer does work that a service needs to have done before it starts, in a
// container of its own, of which nothing is left. Each line is safe to print; the
// code is that of the command. What was prepared is known until the volumes of the
// project are removed.
type Preparer interface {
	Prepare(ctx context.Context, plan *compose.Plan, service string, args []string, each func(line string)) (code int, err error)
	Prepared(ctx context.Context, project string) ([]compose.Prepared, error)
	NotePrepared(ctx context.Context, project string, done compose.Prepared) error
}

// A prepareError is work that ended with another exit code than 0.
type prepareError struct{ failure report.Failure }

func (e *prepareError) Error() string { return e.failure.Step + ": " + e.failure.Reason }

// unprepared notes that work has failed, which is the last word on the service; any
// other error is handed back.
func (s *waiting) unprepared(err error) error {
	if failed, ok := err.(*prepareError); ok {
		s.prepare = &failed.failure
		return nil
	}
	return err
}

// latePrepare fails the services whose work, or start after it, has taken too long.
func (w *wait) latePrepare() (found bool) {
	for _, s := range w.services {
		if s.launch == underWay && len(s.service.Prepare) > 0 {
			s.prepare = &report.Failure{
				Step:   "prepare",
				Reason: fmt.Sprintf("timed out after %s; it was not done yet", w.elapsed()),
				Next:   "devenv up --timeout 10m " + s.service.Name,
			}
			found = true
		}
	}
	return found
}

// A task is work that is due, and what says that it is done.
type task struct {
	work compose.Prepare
	note compose.Prepared
}

// prepare does the work of a service that is due, one after the other, and tells when
// that had ended; zero is nothing to do. A service that runs is stopped for it.
func (s *starter) prepare(ctx context.Context, service compose.Service, mine []compose.Container) (ended time.Time, err error) {
	if len(service.Prepare) == 0 {
		return time.Time{}, nil
	}
	due, notes, err := s.due(ctx, service)
	if err != nil || len(due) == 0 {
		return time.Time{}, err
	}
	for _, note := range notes {
		s.say(ctx, note)
	}
	running := slices.DeleteFunc(slices.Clone(mine), func(c compose.Container) bool { return !alive(c) })
	if err := s.stack.Engine.End(ctx, running); err != nil {
		return time.Time{}, err
	}
	for _, t := range due {
		if err := s.do(ctx, service.Name, t); err != nil {
			return time.Time{}, err
		}
	}
	return time.Now(), nil
}

// due is the work of a service that was not done as it is now, and what is worth
// saying of it.
func (s *starter) due(ctx context.Context, service compose.Service) (due []task, notes []string, err error) {
	images, err := s.stack.Engine.Images(ctx, []string{service.Image})
	if err != nil {
		return nil, nil, err
	}
	done, err := s.stack.Engine.Prepared(ctx, s.plan.Project)
	if err != nil {
		return nil, nil, err
	}
	for _, work := range service.Prepare {
		digest, idle, err := s.plan.PrepareDigest(service.Name, work, images[service.Image].ID)
		if err != nil {
			return nil, nil, err
		}
		note := compose.Prepared{Volume: s.plan.PreparedVolume(service.Name, work), Digest: digest}
		if !s.again && slices.Contains(done, note) {
			continue
		}
		due = append(due, task{work, note})
		for _, pattern := range idle {
			notes = append(notes, fmt.Sprintf("note: service %q: prepare %s: no file is named %s", service.Name, work.Name, pattern))
		}
	}
	return due, notes, nil
}

// do does one piece of work, and notes that it is done. A universe of its own is new
// each time, so that there is nothing to remember.
func (s *starter) do(ctx context.Context, service string, t task) error {
	var last []string
	work := t.work
	if err := s.forget(ctx, t.note.Volume); err != nil {
		return err
	}
	code, err := s.stack.Engine.Prepare(ctx, s.plan, service, work.Command, func(line string) {
		last = append(last[max(0, len(last)+1-logLines):], line)
		s.say(ctx, strings.TrimRight(fmt.Sprintf("%s %s | %s", service, work.Name, line), " "))
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	failure := report.Failure{Step: "prepare " + work.Name, Log: last, Next: "devenv run --rm " + service + " " + work.String()}
	switch {
	case err != nil:
		failure.Reason = err.Error()
	case code != 0:
		failure.Reason, failure.ExitCode = fmt.Sprintf("it ended with exit code %d", code), &code
	case s.plan.Isolated():
		return nil
	default:
		return s.stack.Engine.NotePrepared(ctx, s.plan.Project, t.note)
	}
	return &prepareError{failure}
}

// forget has work count as not done from its beginning on: what breaks off halfway is
// to be done again.
func (s *starter) forget(ctx context.Context, volume string) error {
	done, err := s.stack.Engine.Prepared(ctx, s.plan.Project)
	if err != nil || !slices.ContainsFunc(done, func(d compose.Prepared) bool { return d.Volume == volume }) {
		return err
	}
	return s.stack.Engine.NotePrepared(ctx, s.plan.Project, compose.Prepared{Volume: volume, Digest: "begun"})
}

// say has the wait tell a line, between its own.
func (s *starter) say(ctx context.Context, line string) {
	select {
	case s.lines <- line:
	case <-ctx.Done():
	}
}
