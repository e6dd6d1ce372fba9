package compose

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// A target is the stage decided for a service, and who decided.
type target struct {
	stage string // "" is the last stage
	cause string
	at    path // where the files say so; nil where they do not
}

// chooseTargets decides which services get a stage of the profile:
//
//   - one that --target names;
//   - one whose x-devenv names a target for the profile;
//   - where the author set no build.target: one with a telnet port;
//   - if that finds none: the only service that is built.
//
// Every other service is left as it is written, and so is one that does not run.
func (pl *planner) chooseTargets(candidates []string) error {
	pl.targets = map[string]target{}
	var errs []error
	for _, name := range candidates {
		if _, selected := pl.model.Services[name]; !selected {
			errs = append(errs, pl.unused(name))
			continue
		}
		t, ok, err := pl.target(name)
		errs = append(errs, err)
		if ok {
			t.stage = strings.ToLower(t.stage) // as BuildKit reads it: one stage, one image
			pl.targets[name] = t
		}
	}
	return errors.Join(errs...)
}

// unused tells of a --target for a service that is not part of the run.
func (pl *planner) unused(name string) error {
	stage, asked := pl.request.Targets[name]
	if !asked {
		return nil
	}
	return &UsageError{
		Err: fmt.Errorf("--target %s=%s: the service is not part of this run", name, stage),
		Fix: "name the service too, or take the target away",
	}
}

func (pl *planner) candidates() []string {
	var chosen, built []string
	for name := range pl.request.Targets {
		if _, ok := pl.model.Services[name]; !ok {
			chosen = append(chosen, name)
		}
	}
	slices.Sort(chosen)
	for _, name := range pl.model.ServiceNames() {
		s := pl.model.Services[name]
		_, asked := pl.request.Targets[name]
		stage, _ := pl.project.settings.target(name, pl.profile)
		free := s.Build != nil && s.Build.Target == ""
		if asked || stage != "" || free && pl.hasTelnet(s) {
			chosen = append(chosen, name)
		}
		if s.Build != nil {
			built = append(built, name)
		}
	}
	if len(chosen) == 0 && len(built) == 1 && pl.model.Services[built[0]].Build.Target == "" {
		return built
	}
	return chosen
}

// hasTelnet tells whether a player could connect to the service by telnet.
func (pl *planner) hasTelnet(s types.ServiceConfig) bool {
	for _, port := range s.Ports {
		if isTCP(port) && port.AppProtocol == string(Telnet) {
			return true
		}
	}
	for number, check := range pl.project.settings.Services[s.Name].Checks {
		if protocolOf(s, number, check) == Telnet {
			return true
		}
	}
	return false
}

// target decides the stage of one candidate; ok is false where the profile has
// nothing to say.
func (pl *planner) target(name string) (t target, ok bool, err error) {
	build := pl.model.Services[name].Build
	explicit, explicitly := pl.explicit(name)
	if build == nil {
		if !explicitly {
			return t, false, nil
		}
		return t, false, pl.unbuilt(name, explicit)
	}
	d := pl.variant.dockerfiles[name]
	if explicitly {
		return explicit, true, pl.exists(name, explicit)
	}
	if d.file == nil {
		pl.notes = append(pl.notes, fmt.Sprintf("service %q: its Dockerfile is not on this disk, so profile %s chooses no stage; name one with --target %s=STAGE or in x-devenv", name, pl.profile, name))
		return t, false, nil
	}
	return pl.byDefault(name)
}

// unbuilt tells of a target for a service without a build section. The command
// line or the file is at fault, whichever names the target.
func (pl *planner) unbuilt(name string, t target) error {
	err := fmt.Errorf("service %q: %s wants stage %q, but the service is not built", name, t.cause, t.stage)
	const fix = "give the service a build section, or take the target away"
	if t.at == nil {
		return &UsageError{Err: err, Fix: fix}
	}
	return &FileError{Where: pl.project.sources.where(t.at), Err: err, Fix: fix}
}

// explicit is the stage that the user names for this very service.
func (pl *planner) explicit(name string) (target, bool) {
	if stage, ok := pl.request.Targets[name]; ok {
		return target{stage: stage, cause: "--target"}, true
	}
	stage, from := pl.project.settings.target(name, pl.profile)
	if stage == "" {
		return target{}, false
	}
	return target{
		stage: stage,
		cause: fmt.Sprintf("%s.profiles.%s.target of the service", extension, from),
		at:    path{"services", name, extension, "profiles", from, "target"},
	}, true
}

// byDefault is the stage that the profile wants of any game. The last stage
// stands in for devenv's own words "builder" and "runner" where the Dockerfile
// leaves no choice: it has one stage, or prod's last stage has no name.
func (pl *planner) byDefault(name string) (target, bool, error) {
	stage, from := pl.project.settings.wanted(pl.profile)
	if stage == "" {
		return target{}, false, nil
	}
	file := pl.variant.dockerfiles[name].file
	t := target{stage: stage, cause: "profile " + pl.profile}
	if from != "" {
		t.at = path{extension, "profiles", from, "target"}
	}
	if file.Has(stage) {
		return t, true, nil
	}
	if from == "" && len(file.Stages) == 1 {
		return target{cause: t.cause + ": the Dockerfile has one stage"}, true, nil
	}
	if from == "" && stage == builtin["prod"] && file.Last().Name == "" {
		return target{cause: t.cause + ": the last stage has no name"}, true, nil
	}
	return t, false, pl.exists(name, t)
}

func (pl *planner) exists(name string, t target) error {
	d := pl.variant.dockerfiles[name]
	if d.file == nil || d.file.Has(t.stage) {
		return nil
	}
	fault := &StageError{Service: name, Stage: t.stage, Cause: t.cause, Path: d.path, Have: d.file.Names(), Profile: pl.profile}
	if t.at != nil {
		fault.Where = pl.project.sources.where(t.at)
	}
	return fault
}

// noteIdleStages warns of a dev container that has nothing to do: the stage
// brings no command, and the service gives none. Every Elixir builder in the
// wild is one.
func (pl *planner) noteIdleStages(plan *Plan) {
	for _, name := range slices.Sorted(maps.Keys(pl.targets)) {
		s := pl.model.Services[name]
		d := pl.variant.dockerfiles[name]
		if d.file == nil || len(s.Command)+len(s.Entrypoint) > 0 || d.file.RunsByItself(pl.targets[name].stage) {
			continue
		}
		pl.notes = append(pl.notes, fmt.Sprintf(`service %q: stage %q has no CMD of its own, so its container may end at once; give the profile a command and the source:
  services:
    %s:
      x-devenv:
        profiles:
          %s:
            override:
              working_dir: /app
              command: %s   # what starts your game from its source
              volumes: [".:/app"]`, name, stageName(pl.targets[name].stage), name, plan.Profile, pl.starter(name)))
	}
}

// starter proposes a command for a game that has none, by what it is built from.
func (pl *planner) starter(name string) string {
	build := pl.model.Services[name].Build
	images := pl.variant.dockerfiles[name].file.Inputs(build.Target, build.Args).Images
	if slices.ContainsFunc(images, func(image string) bool { return strings.Contains(image, "elixir") }) {
		return "mix run --no-halt"
	}
	return `["./start"]`
}

func (pl *planner) noteNoTelnet(plan *Plan) {
	for _, s := range plan.Services {
		if slices.ContainsFunc(s.Checks, func(c Check) bool { return c.Protocol == Telnet }) {
			return
		}
	}
	var ports []string
	for _, s := range plan.Services {
		for _, c := range s.Checks {
			ports = append(ports, fmt.Sprintf("%s:%d", s.Name, c.Port))
		}
	}
	note := "no port is said to be telnet, so no greeting is asked for; write `app_protocol: telnet` on the port that players use"
	if len(ports) > 0 {
		note = fmt.Sprintf("no port is said to be telnet, so %s is only checked to stay open; write `app_protocol: telnet` on the port that players use", strings.Join(ports, ", "))
	}
	pl.notes = append(pl.notes, note)
}

// stageName says a stage to people.
func stageName(stage string) string {
	if stage == "" {
		return "(last)"
	}
	return stage
}
