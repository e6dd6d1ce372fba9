package stack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"devenv/compose"
	"devenv/internal/probe"
	"devenv/internal/report"
)

// Asking says what Check asks. The zero value is every check, once.
type Asking struct {
	Ports  map[string][]uint16                 // only these of a service; a service with none is asked all
	Adjust func(probe.Question) probe.Question // changes what the files say; nil leaves it
	Within time.Duration                       // ask again until it holds, for this long; 0 asks once
}

// Check asks the checks of the plan, of what runs, and changes nothing.
func (s Stack) Check(ctx context.Context, plan *compose.Plan, a Asking) (report.Report, error) {
	if a.Within == 0 {
		return s.checkOnce(ctx, plan, a)
	}
	bounded, cancel := context.WithTimeout(ctx, a.Within)
	defer cancel()
	events := s.Engine.Events(bounded, plan.Project)
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		rep, err := s.checkOnce(ctx, plan, a)
		if err != nil || rep.Ready {
			return rep, err
		}
		select {
		case <-bounded.Done():
			return rep, ctx.Err()
		case <-events: // something may have changed
		case <-time.After(pause):
		}
	}
}

// Pauses between looks at what runs, where nothing happens to it meanwhile.
const (
	firstPause   = 50 * time.Millisecond
	longestPause = time.Second
)

func (s Stack) checkOnce(ctx context.Context, plan *compose.Plan, a Asking) (report.Report, error) {
	containers, err := s.Engine.Containers(ctx, plan.Project)
	if err != nil {
		return report.Report{}, err
	}
	if plan, err = s.asTheyRun(plan, containers); err != nil {
		return report.Report{}, err
	}
	return s.check(ctx, plan, containers, a)
}

// check judges every service, and asks all questions to those that run at once.
func (s Stack) check(ctx context.Context, plan *compose.Plan, containers []compose.Container, a Asking) (report.Report, error) {
	verdicts := make([]verdict, len(plan.Services))
	var questions []probe.Question
	asked := make([][2]int, len(plan.Services)) // which of the questions are of the service
	examined := s.examine(ctx, containers)
	for i, service := range plan.Services {
		mine := of(service.Name, containers)
		verdicts[i] = now(service, mine, scale(plan, service.Name), examined)
		asked[i][0] = len(questions)
		if verdicts[i].phase == up || verdicts[i].phase == running {
			questions = append(questions, s.questions(plan, service, mine, a)...)
		}
		asked[i][1] = len(questions)
	}
	answers := Ask(ctx, questions, 0)
	rep := report.Report{Project: plan.Project, Profile: plan.Profile, At: time.Now(), Extra: extra(plan, containers)}
	for i, service := range plan.Services {
		own := answers[asked[i][0]:asked[i][1]]
		rep.Services = append(rep.Services, s.told(ctx, plan, service, of(service.Name, containers), verdicts[i], own))
	}
	rep.Settle()
	return rep, ctx.Err()
}

// examine runs the healthcheck of each container at which Docker has not looked
// yet, and returns the lives of those for which it holds.
func (s Stack) examine(ctx context.Context, containers []compose.Container) map[string]bool {
	healthy := make([]bool, len(containers))
	var wg sync.WaitGroup
	for i, c := range containers {
		if c.State != compose.Running || c.Health != compose.Starting || !c.Early {
			continue
		}
		wg.Go(func() {
			holds, _, err := s.Engine.Examine(ctx, c.ID)
			healthy[i] = holds && err == nil
		})
	}
	wg.Wait()
	examined := map[string]bool{}
	for i, c := range containers {
		examined[lifeOf(c)] = healthy[i]
	}
	return examined
}

// Ask puts questions side by side, each on a connection of its own: once, or
// again and again until each holds or the time is over.
func Ask(ctx context.Context, questions []probe.Question, within time.Duration) []probe.Answer {
	if within == 0 {
		return askOnce(ctx, questions)
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	answers := make([]probe.Answer, len(questions))
	var wg sync.WaitGroup
	for i, q := range questions {
		wg.Go(func() { answers[i] = Stack{}.await(ctx, q, nil) })
	}
	wg.Wait()
	return answers
}

// Told is what is reported of an answer that belongs to no service of a project.
func Told(name string, a probe.Answer) report.Service {
	s := report.Service{Name: name, State: report.Ready, Ports: []report.Port{{Port: uint16(a.Port), Address: a.Addr, Check: &a}}}
	if !a.Ready() {
		s.State, s.Failure = report.Failed, verdict{}.failCheck(a).failure
	}
	return s
}

// askOnce asks what can be dialled.
func askOnce(ctx context.Context, questions []probe.Question) []probe.Answer {
	answers := probe.Many(ctx, questions)
	for i, q := range questions {
		if q.Addr == "" {
			answers[i] = unreachable(q)
		}
	}
	return answers
}

// questions are those that are asked of the containers of a service.
func (s Stack) questions(plan *compose.Plan, service compose.Service, containers []compose.Container, a Asking) []probe.Question {
	var all []probe.Question
	for _, c := range containers {
		for _, check := range chosen(plan, service, a.Ports[service.Name]) {
			q := s.question(service.Name, c, check)
			if a.Adjust != nil {
				q = a.Adjust(q)
			}
			all = append(all, q)
		}
	}
	return all
}

// chosen are the checks of these ports, also of ports that no check is declared
// for; none are all that are declared.
func chosen(plan *compose.Plan, service compose.Service, ports []uint16) []compose.Check {
	if len(ports) == 0 {
		return service.Checks
	}
	var some []compose.Check
	for _, port := range ports {
		some = append(some, plan.CheckOf(service.Name, port))
	}
	return some
}

// of are the containers of a service.
func of(service string, containers []compose.Container) []compose.Container {
	var mine []compose.Container
	for _, c := range containers {
		if c.Service == service {
			mine = append(mine, c)
		}
	}
	return mine
}

// told is what is reported of a service that was asked.
func (s Stack) told(ctx context.Context, plan *compose.Plan, service compose.Service, mine []compose.Container, v verdict, answers []probe.Answer) report.Service {
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
func now(s compose.Service, containers []compose.Container, want int, examined map[string]bool) verdict {
	if len(containers) == 0 && want > 0 {
		return verdict{phase: pending}
	}
	h := newHistory(containers)
	h.launched[s.Name], h.examined = true, examined
	v := judge(s, containers, want, h)
	if v.phase == pending {
		v = v.fail("start", "still waiting for "+v.waits)
	}
	return v
}

// Status is Check, and tells which containers are not what the plan asks for.
func (s Stack) Status(ctx context.Context, plan *compose.Plan) (report.Report, error) {
	containers, err := s.Engine.Containers(ctx, plan.Project)
	if err != nil {
		return report.Report{}, err
	}
	if plan, err = s.asTheyRun(plan, containers); err != nil {
		return report.Report{}, err
	}
	images, err := s.stale(ctx, plan)
	if err != nil {
		return report.Report{}, err
	}
	rep, err := s.check(ctx, plan, containers, Asking{})
	hashes, hashErr := s.Engine.Hashes(plan)
	for i := range rep.Services {
		name := rep.Services[i].Name
		for _, image := range images {
			if image.service.Name == name {
				rep.Services[i].Stale = staleness(image, of(name, containers))
			}
		}
		if rep.Services[i].Stale == "" && diverged(hashes[name], of(name, containers)) {
			rep.Services[i].Stale = "its definition has changed since it was created"
		}
	}
	return rep, errors.Join(err, hashErr)
}

// diverged tells whether a container was created for another definition of its
// service.
func diverged(hash string, containers []compose.Container) bool {
	return slices.ContainsFunc(containers, func(c compose.Container) bool { return hash != "" && c.Hash != "" && c.Hash != hash })
}

// extra are the containers of the project that no service of the profile asks
// for: of another profile, or of a service that the files no longer have.
func extra(plan *compose.Plan, containers []compose.Container) []string {
	var names []string
	for _, c := range containers {
		_, planned := plan.Model.Services[c.Service]
		left, disabled := plan.Model.DisabledServices[c.Service]
		if !planned && (!disabled || !left.HasProfile(plan.Model.Profiles)) {
			names = append(names, c.Name)
		}
	}
	return names
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

// Down parts from the players that the plan knows of, and removes its project; see
// [Runner]. The error may be a [DeclinedError].
func (s Stack) Down(ctx context.Context, plan *compose.Plan, removal compose.Removal) error {
	if err := s.part(ctx, plan, names(plan)); err != nil {
		return err
	}
	return s.Engine.Down(ctx, plan, removal)
}
