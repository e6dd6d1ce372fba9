package stack

import (
	"context"
	"slices"
	"strings"

	"devenv/compose"
	"devenv/internal/report"
)

// A Surveyor looks at what a service finds that is to run as the user of this
// machine: its image, and the volumes that are there.
type Surveyor interface {
	Survey(ctx context.Context, plan *compose.Plan, service string) (compose.Survey, error)
}

// A standing is as whom the containers of a service were made to run.
type standing int

const (
	unsettled standing = iota // there are none, or others than the plan wants
	asUser
	asImage
)

// settleUsers is the plan with services running as their images say that cannot run as
// the user, which is told. A service whose containers fit either way stays as it is.
// The images that are built must be there.
func (s Stack) settleUsers(ctx context.Context, plan *compose.Plan) (*compose.Plan, error) {
	names := plan.AsUsers()
	if len(names) == 0 {
		return plan, nil
	}
	if !s.Engine.Local() {
		return plan.AsImage(names), nil // no folder of this machine is mounted there
	}
	containers, err := s.Engine.Containers(ctx, plan.Project)
	if err != nil {
		return nil, err
	}
	standings, err := s.standings(plan, containers)
	if err != nil {
		return nil, err
	}
	var hindered []string
	for _, name := range names {
		cannot, err := s.hindered(ctx, plan, name, standings[name], of(name, containers))
		if err != nil {
			return nil, err
		}
		if cannot {
			hindered = append(hindered, name)
		}
	}
	plan = plan.AsImage(hindered)
	for _, name := range plan.AsUsers() {
		service, _ := plan.Service(name)
		service.AsUser.MakeFolders()
	}
	return plan, nil
}

// hindered tells whether a service cannot run as the user, and says why.
func (s Stack) hindered(ctx context.Context, plan *compose.Plan, name string, now standing, containers []compose.Container) (bool, error) {
	service, _ := plan.Service(name)
	images, err := s.Engine.Images(ctx, []string{service.Image})
	if err != nil {
		return false, err
	}
	replaced := func(c compose.Container) bool { return c.ImageID != images[service.Image].ID }
	if slices.ContainsFunc(containers, replaced) || now == asImage && service.AsUser.Said {
		now = unsettled
	}
	const tip = "`x-devenv: { user: image }` on it keeps it so"
	switch now {
	case asUser:
		return false, nil
	case asImage:
		s.tell("note: service %q: runs as its image says, as it did before; after `devenv down` it may run as you, and %s", name, tip)
		return true, nil
	}
	found, err := s.Engine.Survey(ctx, plan, name)
	if err != nil {
		return false, err
	}
	why, cannot := service.AsUser.Hindrance(found)
	if why != "" {
		s.tell("note: service %q: runs as its image says, and not as you: %s; %s", name, why, tip)
	}
	return cannot, nil
}

// standings tells for each service that is to run as the user as whom its containers
// were made to run, by the fingerprints of both definitions.
func (s Stack) standings(plan *compose.Plan, containers []compose.Container) (map[string]standing, error) {
	names := plan.AsUsers()
	users, err := s.Engine.Hashes(plan)
	if err != nil {
		return nil, err
	}
	images, err := s.Engine.Hashes(plan.AsImage(names))
	if err != nil {
		return nil, err
	}
	all := map[string]standing{}
	for _, name := range names {
		mine := of(name, containers)
		switch {
		case len(mine) == 0:
		case !diverged(users[name], mine):
			all[name] = asUser
		case !diverged(images[name], mine):
			all[name] = asImage
		}
	}
	return all, nil
}

// asTheyRun is the plan with services running as their images say whose containers
// were made so.
func (s Stack) asTheyRun(plan *compose.Plan, containers []compose.Container) (*compose.Plan, error) {
	if len(plan.AsUsers()) == 0 {
		return plan, nil
	}
	standings, err := s.standings(plan, containers)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range plan.AsUsers() {
		if standings[name] == asImage {
			names = append(names, name)
		}
	}
	return plan.AsImage(names), nil
}

// userTip is what to try where a service that runs as the user may lack a right: its
// log, or the engine, speaks of that.
func userTip(plan *compose.Plan, service string, f *report.Failure) string {
	planned, _ := plan.Service(service)
	said := strings.ToLower(f.Reason + strings.Join(f.Log, "\n"))
	lacking := func(words string) bool { return strings.Contains(said, words) }
	if planned.AsUser == nil || !slices.ContainsFunc([]string{"permission denied", "eacces", "read-only file system", "not permitted"}, lacking) {
		return ""
	}
	return "; it runs as your user: `x-devenv: { user: image }` on service " + service + " runs it as the image says"
}
