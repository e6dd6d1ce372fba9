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
	rep := report.Report{Project: plan.Project, Profile: plan.Profile, Services: make([]report.Service, len(plan.Services))}
	h := history{started: true}
	var wg sync.WaitGroup
	for i, service := range plan.Services {
		wg.Go(func() { rep.Services[i] = s.checkOne(ctx, plan, service, of(service.Name, containers), h) })
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

func (s Stack) checkOne(ctx context.Context, plan *compose.Plan, service compose.Service, mine []compose.Container, h history) report.Service {
	v := judge(service, mine, scale(plan, service.Name), h)
	var answers []probe.Answer
	if v.phase == up || v.phase == running {
		answers = s.askAll(ctx, service, mine)
	}
	w := &waiting{service: service, verdict: v, asking: &asking{answers: answers}}
	w.lateOrWrong()
	w.ready = w.holds()
	if w.verdict.phase == running {
		w.verdict = w.verdict.fail("healthcheck", "still starting")
	}
	entry := s.entry(service, mine, answers)
	entry.State = w.state()
	if w.verdict.phase == pending {
		entry.State = report.NotRunning
	}
	entry.Failure = s.explain(ctx, plan, w.verdict)
	return entry
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
	rep, err := s.Check(ctx, plan)
	if err != nil {
		return rep, err
	}
	images, err := s.stale(ctx, plan)
	if err != nil {
		return rep, err
	}
	containers, err := s.Engine.Containers(ctx, plan.Project)
	if err != nil {
		return rep, err
	}
	for i := range rep.Services {
		for _, image := range images {
			if image.service.Name == rep.Services[i].Name {
				rep.Services[i].Stale = staleness(image, of(image.service.Name, containers))
			}
		}
	}
	return rep, nil
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
