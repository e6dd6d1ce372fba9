package compose

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"devenv/internal/conversation"

	"github.com/compose-spec/compose-go/v2/types"
)

// A Request is what the user asks to have planned.
type Request struct {
	Profile  string            // "" lets the project decide
	Targets  map[string]string // --target, by service
	Services []string          // none means all
}

// A Plan is what is decided. It can be printed, compared and carried out, and
// takes no more decisions.
type Plan struct {
	Project  string
	Profile  string
	Services []Service // in the order of their names
	Changes  []Change
	Notes    []string // worth saying, nothing to stop for

	// Model is the compose project to run, with all changes made.
	Model *types.Project

	// Uploads are what containers get a copy of before they start, sorted by
	// service and target; only an isolated plan has some.
	Uploads []Upload

	sources  sourceMap
	envFiles map[string]types.MappingWithEquals // by service: what came from its env_file
	profiles []string                           // of the project
	origin   *Plan                              // that an isolated plan is made of
}

// A Service is the part of a plan about one service.
type Service struct {
	Name     string
	Image    string // reference that its container is made from
	Built    bool
	Target   string // stage to build; "" is the last one
	Profile  string // set where the profile decides about this service
	Checks   []Check
	Smoke    []conversation.Conversation // x-devenv.smoke
	Quiesce  Quiesce
	Farewell Farewell
	Prepare  []Prepare // in the order in which it is done
	AsUser   *AsUser   // nil where it runs as the image, or the author, says

	dockerfile dockerfileOf
}

// A Change is one thing that the plan does to the project, and why. Service is ""
// for what is of the whole project, such as a network.
type Change struct {
	Service string `json:"service"`
	Field   string `json:"field"`
	From    string `json:"from"`
	To      string `json:"to"`
	Cause   string `json:"cause"`
}

// Labels that devenv puts on the containers of the services it decides about
// (LabelDigest: on the images it builds, whence containers inherit it).
const (
	LabelProfile = "devenv.profile"
	LabelTarget  = "devenv.target"
	LabelDigest  = "devenv.digest"
)

// Plan decides what to run for a request. It reads nothing and changes nothing
// of the project. Errors are [UsageError], [StageError] and [FileError].
func (p *Project) Plan(r Request) (*Plan, error) {
	profile, err := p.Profile(r.Profile)
	if err != nil {
		return nil, err
	}
	if err := p.known(r); err != nil {
		return nil, err
	}
	pl := &planner{project: p, variant: p.variant(profile), profile: profile, request: r}
	if pl.model, err = pl.variant.clone(r.Services); err != nil {
		return nil, &FileError{Err: err}
	}
	return pl.plan()
}

// known checks that the services of a request exist.
func (p *Project) known(r Request) error {
	names := slices.Clone(r.Services)
	for name := range r.Targets {
		names = append(names, name)
	}
	slices.Sort(names)
	all := p.base.model.AllServices()
	for _, name := range names {
		if _, ok := all[name]; !ok {
			return &UsageError{
				Err: fmt.Errorf("no service %q in project %s", name, p.Name),
				Fix: "services there: " + strings.Join(p.ServiceNames(), ", "),
			}
		}
	}
	return nil
}

// ServiceNames lists every service of the files, also those that no profile
// has switched on, sorted.
func (p *Project) ServiceNames() []string {
	names := append(p.base.model.ServiceNames(), p.base.model.DisabledServiceNames()...)
	slices.Sort(names)
	return names
}

// A planner holds a plan while it is being made.
type planner struct {
	project *Project
	variant *variant
	profile string
	request Request
	model   *types.Project

	changes []Change
	notes   []string
	targets map[string]target
	users   map[string]*AsUser
}

func (pl *planner) plan() (*Plan, error) {
	candidates := pl.candidates()
	if err := pl.selectServices(); err != nil {
		return nil, err
	}
	if err := pl.chooseTargets(candidates); err != nil {
		return nil, err
	}
	checks, err := pl.checks()
	if err != nil {
		return nil, err
	}
	pl.tellOverrides()
	pl.inject()
	pl.runAsUser()
	pl.assignPorts()
	plan := &Plan{Project: pl.project.Name, Profile: pl.profile, Changes: pl.changes, Model: pl.model, sources: pl.project.sources, envFiles: pl.variant.envFiles, profiles: pl.project.Profiles()}
	for _, name := range pl.model.ServiceNames() {
		plan.Services = append(plan.Services, pl.service(name, checks[name]))
	}
	pl.noteIdleStages(plan)
	pl.noteOddProtocols()
	pl.noteNoTelnet(plan)
	pl.noteOddProfiles()
	plan.Notes = pl.notes
	return plan, nil
}

func (pl *planner) service(name string, checks []Check) Service {
	s, said := pl.model.Services[name], pl.project.settings.Services[name]
	service := Service{Name: name, Image: imageName(s, pl.project.Name), Built: s.Build != nil, Checks: checks, Smoke: said.Smoke, Quiesce: said.Quiesce, Farewell: said.Farewell}
	if s.Build != nil {
		service.Target = s.Build.Target
		service.dockerfile = pl.variant.dockerfiles[name]
	}
	service.Profile = s.Labels[LabelProfile]
	service.AsUser = pl.users[name]
	service.Prepare = pl.project.settings.prepare(name, pl.profile)
	return service
}

// selectServices keeps the services asked for and what they depend on, and
// tells what could not be read of them.
func (pl *planner) selectServices() error {
	if err := pl.deselect(); err != nil {
		return &FileError{Err: err}
	}
	pl.model = pl.model.WithoutUnnecessaryResources()
	if len(pl.model.Services) == 0 {
		return pl.noService()
	}
	var errs []error
	for _, name := range pl.model.ServiceNames() {
		errs = append(errs, pl.variant.broken[name])
		if pl.model.Services[name].Build != nil {
			errs = append(errs, serviceFault(name, pl.variant.dockerfiles[name].err))
		}
	}
	return errors.Join(errs...)
}

func (pl *planner) noService() error {
	if len(pl.project.ServiceNames()) == 0 {
		return &FileError{Where: pl.project.sources.where(path{"services"}), Err: errors.New("no service to start"), Fix: "the file declares no services"}
	}
	return &FileError{Err: errors.New("no service to start"), Fix: "all services wait for a Compose profile: set COMPOSE_PROFILES, or name a service"}
}

// deselect disables what was not asked for and nothing depends on. The model's
// own WithSelectedServices does this too, with a copy of it all for each one.
func (pl *planner) deselect() error {
	if len(pl.request.Services) == 0 {
		return nil
	}
	needed := map[string]bool{}
	err := pl.model.ForEachService(pl.request.Services, func(name string, _ *types.ServiceConfig) error {
		needed[name] = true
		return nil
	})
	if err != nil {
		return err
	}
	for name, s := range pl.model.Services {
		if !needed[name] {
			pl.model.DisabledServices[name] = s
			delete(pl.model.Services, name)
			continue
		}
		maps.DeleteFunc(s.DependsOn, func(name string, _ types.ServiceDependency) bool { return !needed[name] })
	}
	return nil
}

func serviceFault(service string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("service %q: %w", service, err)
}

// BuiltServices are the services whose image is built, in order.
func (p *Plan) BuiltServices() []Service {
	return slices.DeleteFunc(slices.Clone(p.Services), func(s Service) bool { return !s.Built })
}

// Service finds a service of the plan by name.
func (p *Plan) Service(name string) (Service, bool) {
	i := slices.IndexFunc(p.Services, func(s Service) bool { return s.Name == name })
	if i < 0 {
		return Service{}, false
	}
	return p.Services[i], true
}

// Only is the plan for telling of these services alone, without those that they
// depend on.
func (p *Plan) Only(names []string) *Plan {
	some := *p
	some.Services = slices.DeleteFunc(slices.Clone(p.Services), func(s Service) bool { return !slices.Contains(names, s.Name) })
	return &some
}

// String renders the plan, one change a line, for people and for golden files.
func (p *Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s as %s\n", p.Project, p.Profile)
	for _, c := range p.Changes {
		whose := strings.TrimPrefix(c.Service+": ", ": ")
		fmt.Fprintf(&b, "  %s%s %s -> %s (%s)\n", whose, c.Field, quoted(c.From), quoted(c.To), c.Cause)
	}
	if len(p.Changes) == 0 {
		b.WriteString("  nothing is changed\n")
	}
	for _, s := range p.Services {
		for _, c := range s.Checks {
			fmt.Fprintf(&b, "  %s: check %s\n", s.Name, c)
		}
		for _, work := range s.Prepare {
			fmt.Fprintf(&b, "  %s: prepare %s: %s\n", s.Name, work.Name, work)
		}
	}
	return b.String()
}

// quoted shows an empty value as "", and leaves others as they are.
func quoted(value string) string {
	if value == "" {
		return `""`
	}
	return value
}
