package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"devenv/compose"
	"devenv/internal/probe"
	"devenv/internal/report"
)

// UpOptions say how Up goes about it.
type UpOptions struct {
	Building Building
	Timeout  time.Duration // for the wait as a whole; 0 leaves it to the checks
	Keep     bool          // of an interrupted run, what it has created
	Prepare  bool          // again what is prepared already
}

// Up builds what is stale, starts the plan and waits until it is ready. The
// report is there also when a service failed; then its Err says so. An
// interrupted Up of a project that did not run takes back what it started;
// volumes stay. Players of what is replaced are parted from before; the error may be a
// [DeclinedError].
func (s Stack) Up(ctx context.Context, plan *compose.Plan, o UpOptions) (report.Report, error) {
	if err := s.portsFree(ctx, plan); err != nil {
		return report.Report{}, err
	}
	began := time.Now()
	built, err := s.build(ctx, plan, o.Building)
	if err != nil {
		return report.Report{}, err
	}
	building := report.Span{Step: "build", To: time.Since(began)}
	if plan, err = s.settleUsers(ctx, plan); err != nil {
		return report.Report{}, err
	}
	before, err := s.Engine.Containers(ctx, plan.Project)
	if err != nil {
		return report.Report{}, err
	}
	if err := s.partFromReplaced(ctx, plan, before, o); err != nil {
		return report.Report{}, err
	}
	rep, err := s.bring(ctx, plan, before, o)
	if ctx.Err() != nil {
		return report.Report{}, errors.Join(ctx.Err(), s.takeBack(ctx, plan, before, o))
	}
	rep.Took = time.Since(began)
	rep.Timeline = report.Later(rep.Timeline, building.To)
	if built {
		rep.Timeline = append([]report.Span{building}, rep.Timeline...)
	}
	return rep, err
}

// bring starts the plan, whose images are there, and waits until it is ready.
func (s Stack) bring(ctx context.Context, plan *compose.Plan, before []compose.Container, o UpOptions) (report.Report, error) {
	if err := s.guarded(); err != nil {
		return report.Report{}, err
	}
	began := time.Now()
	w := newWait(s, plan, before)
	w.starter.again = o.Prepare
	w.within(o.Timeout)
	if err := s.startAndWait(ctx, w); err != nil {
		return report.Report{}, err
	}
	rep := w.report(ctx)
	rep.Timeline = w.timeline(began)
	return rep, nil
}

// startAndWait has the engine create what is to run while the wait already
// watches, and then lets the wait start it.
func (s Stack) startAndWait(ctx context.Context, w *wait) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events := s.Engine.Events(ctx, w.plan.Project)
	result := make(chan error, 1)
	ended := make(chan struct{})
	s.tell("starting %s as %s", w.plan.Project, w.plan.Profile)
	go func() {
		defer close(ended)
		result <- s.Engine.Create(ctx, w.plan)
	}()
	err := w.run(ctx, result, events)
	cancel()
	<-ended
	return err
}

// takeBack cleans up after an interrupt, in a short life of its own: what this run
// has created goes again, what it has found or replaced stays, and volumes do.
func (s Stack) takeBack(ctx context.Context, plan *compose.Plan, before []compose.Container, o UpOptions) error {
	if o.Keep {
		s.tell("interrupted: what was created is kept; `devenv up` goes on, `devenv down` removes it")
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cmp.Or(s.Grace, 30*time.Second))
	defer cancel()
	if len(before) == 0 {
		s.tell("interrupted: taking back what was started; volumes stay")
		return s.Engine.Down(ctx, plan, compose.KeepVolumes)
	}
	now, err := s.Engine.Containers(ctx, plan.Project)
	if err != nil {
		return err
	}
	made := slices.DeleteFunc(now, func(c compose.Container) bool {
		return slices.ContainsFunc(before, func(b compose.Container) bool { return b.Service == c.Service && b.Number == c.Number })
	})
	if len(made) == 0 {
		s.tell("interrupted: the containers of %s are left as they are; `devenv up` goes on, `devenv down` removes them", plan.Project)
		return nil
	}
	s.tell("interrupted: taking back what was created; what was there before, and volumes, stay")
	return s.Engine.Remove(ctx, made)
}

// timeline is how the time went, since a command began.
func (w *wait) timeline(began time.Time) []report.Span {
	var spans []report.Span
	if !w.created.IsZero() {
		spans = append(spans, report.Span{Step: "create", From: w.began.Sub(began), To: w.created.Sub(began)})
	}
	for _, s := range w.services {
		spans = append(spans, s.spans(began)...)
	}
	slices.SortStableFunc(spans, func(a, b report.Span) int { return cmp.Compare(a.From, b.From) })
	return spans
}

// report tells what the wait came to.
func (w *wait) report(ctx context.Context) report.Report {
	rep := report.Report{Project: w.plan.Project, Profile: w.plan.Profile, At: time.Now(), Extra: extra(w.plan, w.seen)}
	for _, s := range w.services {
		var answers []probe.Answer
		if s.round != nil {
			answers = s.round.given()
		}
		entry := w.stack.entry(s.service, w.containers(s.service.Name), answers)
		entry.State = s.state()
		entry.Failure = w.stack.explain(ctx, w.plan, s.verdict)
		rep.Services = append(rep.Services, entry)
	}
	rep.Settle()
	return rep
}

// entry is a service as its first container shows it.
func (s Stack) entry(service compose.Service, containers []compose.Container, answers []probe.Answer) report.Service {
	entry := report.Service{Name: service.Name, State: report.NotRunning, Image: service.Image, Ports: []report.Port{}}
	if len(containers) == 0 {
		return entry
	}
	c := containers[0]
	entry.Container = c.Name
	entry.Image = c.Image
	entry.Profile = c.Labels[compose.LabelProfile]
	entry.Target = c.Labels[compose.LabelTarget]
	entry.Ports = s.ports(service, c, answers)
	return entry
}

const logLines = 20

// explain completes a failure with what the container left behind.
func (s Stack) explain(ctx context.Context, plan *compose.Plan, v verdict) *report.Failure {
	f := v.failure
	if f == nil {
		return nil
	}
	if v.on.ID == "" {
		f.Next = cmp.Or(f.Next, fmt.Sprintf("docker ps -a --filter label=com.docker.compose.project=%s", plan.Project))
		return f
	}
	f.Next = "docker logs " + v.on.Name
	lines, err := s.Engine.Logs(ctx, v.on.ID, logLines)
	if err != nil {
		lines = []string{"(its log cannot be read: " + err.Error() + ")"}
	}
	f.Log = lines
	f.Next += userTip(plan, v.on.Service, f)
	return f
}
