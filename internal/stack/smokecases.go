package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"devenv/compose"
	"devenv/internal/conversation"
	"devenv/internal/probe"
	"devenv/internal/report"
)

// add notes a case; err says why it failed.
func (r *smoke) add(c report.Case, err error) {
	c.Result = report.Passed
	if err != nil {
		c.Result = report.Broken
		c.Reason, c.Detail, _ = strings.Cut(err.Error(), "\n")
		c.Next = r.next()
	}
	r.attempt.Cases = append(r.attempt.Cases, c)
}

// next is where to look, since what has failed is gone by then.
func (r *smoke) next() string {
	switch {
	case r.o.Artifacts != "":
		return "look into " + r.o.Artifacts
	case r.o.Keep:
		return "docker compose -p " + r.attempt.Project + " logs"
	}
	return "devenv smoke --artifacts DIR keeps logs and transcripts, --keep the run itself"
}

// startCases are those of a service that was started: that it is ready, and each of
// its checks.
func startCases(plan *compose.Plan, s report.Service, timeline []report.Span) []report.Case {
	start := report.Case{Kind: report.CaseStart, Service: s.Name, Name: "is ready", Where: plan.Where(s.Name, 0), Took: readyAfter(timeline, s.Name)}
	var checks []report.Case
	for _, p := range s.Ports {
		if p.Check == nil {
			continue
		}
		c := report.Case{Kind: report.CaseCheck, Service: s.Name, Name: fmt.Sprintf("check %d %s", p.Port, p.Check.Protocol), Where: plan.Where(s.Name, p.Port), Took: p.Check.Took, Result: report.Passed}
		if !p.Check.Ready() {
			c.Result, c.Reason, c.Detail = report.Broken, p.Check.Err().Error(), p.Check.Greeting
		}
		for n, name := 2, c.Name; slices.ContainsFunc(checks, func(of report.Case) bool { return of.Name == c.Name }); n++ {
			c.Name = fmt.Sprintf("%s of replica %d", name, n)
		}
		checks = append(checks, c)
	}
	switch {
	case s.State == report.Ready || s.State == report.Done:
		start.Result = report.Passed
	case s.Failure == nil:
		start.Result, start.Reason = report.Skipped, "another service failed first"
	default:
		start.Result, start.Reason = report.Broken, s.Failure.Step+": "+s.Failure.Reason
		start.Detail = detail(*s.Failure)
	}
	return append([]report.Case{start}, checks...)
}

// readyAfter is how long it took a service to be ready.
func readyAfter(timeline []report.Span, service string) time.Duration {
	var from, to time.Duration
	for i, span := range timeline {
		if span.Service != service {
			continue
		}
		if from == 0 || span.From < from {
			from = timeline[i].From
		}
		to = max(to, span.To)
	}
	return to - from
}

// detail is what there is to know about a failure, for people.
func detail(f report.Failure) string {
	var b strings.Builder
	part := func(title, text string) {
		if text != "" {
			fmt.Fprintf(&b, "%s: %s\n", title, text)
		}
	}
	if f.ExitCode != nil {
		part("exit code", fmt.Sprint(*f.ExitCode))
	}
	part("the server said", f.Said)
	part("evidence", f.Evidence)
	part("last health output", f.Health)
	part("last log lines", strings.Join(append([]string{""}, f.Log...), "\n"))
	return strings.TrimRight(b.String(), "\n")
}

// play plays every conversation; where there is none, every telnet port is to greet
// a second player.
func (r *smoke) play(ctx context.Context) error {
	talked := false
	for _, service := range r.own.Services {
		for _, script := range service.Smoke {
			talked = true
			if err := r.converse(ctx, service.Name, script); err != nil {
				return err
			}
		}
	}
	if talked {
		return ctx.Err()
	}
	return r.greetAgain(ctx)
}

func (r *smoke) converse(ctx context.Context, service string, script conversation.Conversation) error {
	began := time.Now()
	r.step = fmt.Sprintf("playing %q", script.Name)
	result, err := r.Play(ctx, r.own, service, script, r.o.Vars)
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	c := report.Case{Kind: report.CaseConversation, Service: service, Name: script.Name, Where: script.Where, Took: time.Since(began)}
	if err != nil {
		r.add(c, err)
		return ctx.Err()
	}
	r.transcripts = append(r.transcripts, transcript{service, script.Name, result.Transcript.String()})
	if result.OK() {
		r.add(c, nil)
		return ctx.Err()
	}
	if at := result.Failure.Where; at != "" {
		c.Where = at
	}
	r.add(c, result.Err())
	r.attempt.Cases[len(r.attempt.Cases)-1].Detail = result.Transcript.String()
	return ctx.Err()
}

// A transcript is that of a conversation.
type transcript struct{ service, name, text string }

func (r *smoke) greetAgain(ctx context.Context) error {
	telnet := func(c compose.Check) bool { return c.Protocol == compose.Telnet }
	containers, err := r.Engine.Containers(ctx, r.own.Project)
	if err != nil {
		return err
	}
	for _, service := range r.own.Services {
		for _, check := range slices.DeleteFunc(slices.Clone(service.Checks), func(c compose.Check) bool { return !telnet(c) }) {
			for _, c := range of(service.Name, containers) {
				answer := Ask(ctx, []probe.Question{r.question(service.Name, c, check)}, 0)[0]
				r.add(report.Case{Kind: report.CaseConversation, Service: service.Name, Name: fmt.Sprintf("%d greets another player", check.Port), Where: r.plan.Where(service.Name, check.Port), Took: answer.Took}, answer.Err())
			}
		}
	}
	return ctx.Err()
}

// skipPlays notes the conversations that were not played.
func (r *smoke) skipPlays() {
	for _, service := range r.own.Services {
		for _, script := range service.Smoke {
			r.attempt.Cases = append(r.attempt.Cases, report.Case{
				Kind: report.CaseConversation, Service: service.Name, Name: script.Name, Where: script.Where,
				Result: report.Skipped, Reason: "the game was not ready",
			})
		}
	}
}

// askRestarts notes for each service whether its containers are still those that
// were started, in their first life. A game hangs up on its last player before the
// engine knows that it has crashed, so it is given the time of a window.
func (r *smoke) askRestarts(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(cmp.Or(r.Window, defaultWindow)):
	}
	containers, err := r.Engine.Containers(ctx, r.own.Project)
	if err != nil {
		return err
	}
	for _, service := range r.own.Services {
		var fault error
		for _, c := range of(service.Name, containers) {
			switch {
			case c.Restarts > 0:
				fault = fmt.Errorf("container %s was started again %d times; its last exit code was %d", c.Name, c.Restarts, c.ExitCode)
			case c.OOM:
				fault = fmt.Errorf("container %s ran out of memory", c.Name)
			case c.State != compose.Running && c.ExitCode != 0:
				fault = fmt.Errorf("container %s has ended with exit code %d", c.Name, c.ExitCode)
			}
		}
		r.add(report.Case{Kind: report.CaseRestart, Service: service.Name, Name: "has not restarted", Where: r.plan.Where(service.Name, 0)}, fault)
	}
	return nil
}

// stop asks the services that players talk to to end, and notes how they did.
func (r *smoke) stop(ctx context.Context) error {
	before, err := r.Engine.Containers(ctx, r.own.Project)
	if err != nil {
		return err
	}
	var asked []compose.Container
	for _, service := range r.own.Services {
		for _, c := range of(service.Name, before) {
			if len(service.Checks) > 0 && c.State == compose.Running {
				asked = append(asked, c)
			}
		}
	}
	ends := make([]report.End, len(asked))
	errs := make([]error, len(asked))
	var wg sync.WaitGroup
	for i, c := range asked {
		wg.Go(func() {
			began := time.Now()
			errs[i] = r.Engine.End(ctx, []compose.Container{c})
			ends[i] = report.End{Service: c.Service, Took: time.Since(began)}
		})
	}
	wg.Wait()
	after, err := r.Engine.Containers(ctx, r.own.Project)
	for i, c := range asked {
		j := slices.IndexFunc(after, func(a compose.Container) bool { return a.ID == c.ID })
		if j >= 0 {
			ends[i].ExitCode = after[j].ExitCode
			ends[i].Killed = after[j].ExitCode == killed
		}
	}
	r.attempt.Ends = ends
	return errors.Join(append(errs, err)...)
}

// killed is the exit code of a process that was ended by SIGKILL.
const killed = 128 + 9
