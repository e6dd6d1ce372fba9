package stack

import (
	"context"
	"fmt"
	"sync"

	"devenv/compose"
	"devenv/internal/probe"
	"devenv/internal/report"
)

// Check asks every check of the plan once, of what runs, and changes nothing.
func (s Stack) Check(ctx context.Context, plan *compose.Plan) (report.Report, error) {
	containers, err := s.Engine.Containers(ctx, plan.Project)
	if err != nil {
		return report.Report{}, err
	}
	return s.check(ctx, plan, containers)
}

func (s Stack) check(ctx context.Context, plan *compose.Plan, containers []compose.Container) (report.Report, error) {
	rep := report.Report{Project: plan.Project, Profile: plan.Profile, Services: make([]report.Service, len(plan.Services))}
	var wg sync.WaitGroup
	for i, service := range plan.Services {
		wg.Go(func() { rep.Services[i] = s.checkOne(ctx, plan, service, of(service.Name, containers)) })
	}
	wg.Wait()
	rep.Settle()
	return rep, ctx.Err()
}

func of(service string, containers []compose.Container) []compose.Container {
	var mine []compose.Container
	for _, c := range containers {
		if c.Service == service {
			mine = append(mine, c)
		}
	}
	return mine
}

func (s Stack) checkOne(ctx context.Context, plan *compose.Plan, service compose.Service, mine []compose.Container) report.Service {
	v := now(service, mine, scale(plan, service.Name))
	var answers []probe.Answer
	if v.phase == up || v.phase == running {
		answers = s.askAll(ctx, service, mine)
	}
	if a, ok := wrong(answers); ok {
		v = v.failCheck(a)
	} else if v.phase == running {
		v = v.fail("healthcheck", "still starting")
	}
	entry := s.entry(service, mine, answers)
	entry.State = map[phase]report.State{pending: report.NotRunning, up: report.Ready, done: report.Done, failed: report.Failed}[v.phase]
	entry.Failure = s.explain(ctx, plan, v)
	return entry
}

// now is the verdict on what there is, without a history: what has been started
// again often may be well by now, and nobody is about to start what does not run.
func now(s compose.Service, containers []compose.Container, want int) verdict {
	if len(containers) == 0 && want > 0 {
		return verdict{phase: pending}
	}
	h := newHistory(containers)
	h.started = true
	v := judge(s, containers, want, h)
	if v.phase == pending {
		v = v.fail("start", "still waiting for "+v.waits)
	}
	return v
}

// askAll puts every question at once, each on a connection of its own.
func (s Stack) askAll(ctx context.Context, service compose.Service, containers []compose.Container) []probe.Answer {
	answers := make([]probe.Answer, len(containers)*len(service.Checks))
	var wg sync.WaitGroup
	for i, c := range containers {
		for j, check := range service.Checks {
			q := s.question(service.Name, c, check)
			wg.Go(func() {
				slot := i*len(service.Checks) + j
				if q.Addr == "" {
					answers[slot] = unreachable(q)
					return
				}
				answers[slot] = probe.Ask(ctx, q)
			})
		}
	}
	wg.Wait()
	return answers
}

// Status is Check, and tells which containers are not what the plan asks for.
func (s Stack) Status(ctx context.Context, plan *compose.Plan) (report.Report, error) {
	containers, err := s.Engine.Containers(ctx, plan.Project)
	if err != nil {
		return report.Report{}, err
	}
	images, err := s.stale(ctx, plan)
	if err != nil {
		return report.Report{}, err
	}
	rep, err := s.check(ctx, plan, containers)
	for i := range rep.Services {
		for _, image := range images {
			if image.service.Name == rep.Services[i].Name {
				rep.Services[i].Stale = staleness(image, of(image.service.Name, containers))
			}
		}
	}
	return rep, err
}

// staleness says why a container is not what the plan asks for; "" when it is.
func staleness(want image, containers []compose.Container) string {
	for _, c := range containers {
		if target := c.Labels[compose.LabelTarget]; want.service.Profile != "" && c.Image != want.service.Image {
			return fmt.Sprintf("it runs target %s of image %s, the plan asks for %s", target, c.Image, want.service.Image)
		}
		if want.digest != "" && c.Labels[compose.LabelDigest] != want.digest {
			return "its sources have changed since it was built"
		}
	}
	return ""
}

// Profile is the profile that the containers of a project were made for, or ""
// where none says.
func (s Stack) Profile(ctx context.Context, project string) (string, error) {
	containers, err := s.Engine.Containers(ctx, project)
	if err != nil {
		return "", err
	}
	for _, c := range containers {
		if p := c.Labels[compose.LabelProfile]; p != "" {
			return p, nil
		}
	}
	return "", nil
}

// Down removes the project; see [Runner].
func (s Stack) Down(ctx context.Context, project string, removal compose.Removal) error {
	return s.Engine.Down(ctx, project, removal)
}
