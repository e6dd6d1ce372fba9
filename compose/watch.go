package compose

import (
	"errors"
	"fmt"
	"os"
	slashpath "path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// A Trigger is one entry of a service's develop.watch: files of this machine, and
// what is done when they change. What is done comes in the order of the fields.
type Trigger struct {
	Service string
	Where   string // of the entry: "file:line", or "file"

	Path     string   // a file or folder, absolute
	Include  []string // patterns relative to Path; none is all
	Ignore   []string // patterns relative to Path
	Context  string   // of the build, to which Excluded is relative; "" is none
	Excluded []string // patterns of the build's .dockerignore

	Rebuild bool
	Target  string // where in the container the files are copied to; "" is nowhere
	Initial bool   // all files are copied also when a container is new
	Restart bool
	Hook    Command // is run in the container; no Args is none
}

// NoTriggerError is a project, or a service of it, in which nothing is to be watched.
type NoTriggerError struct {
	Service string // "" is all
	Example string // a service to begin with
}

func (e *NoTriggerError) Error() string {
	if e.Service == "" {
		return "no service has a develop.watch section, so there is nothing to watch"
	}
	return fmt.Sprintf("service %q has no develop.watch section, so there is nothing to watch", e.Service)
}

// Hint is an example to paste.
func (e *NoTriggerError) Hint() string {
	return "say in the compose file what a change is to do, such as:\n" +
		"  services:\n    " + e.Example + ":\n      develop:\n        watch:\n" +
		"          - { action: sync+restart, path: ./src, target: /app/src }\n" +
		"          - { action: rebuild, path: ./Dockerfile }"
}

// Triggers are the entries of develop.watch of services, or of all; notes say what
// of them is left out. Where a bind mount shows the files already, they are not
// copied. It reads the disk. Every fault is told, as a [FileError]; that there is
// nothing to watch is a [NoTriggerError].
func (p *Plan) Triggers(services []string) (triggers []Trigger, notes []string, err error) {
	var errs []error
	for _, s := range p.Services {
		develop := p.Model.Services[s.Name].Develop
		asked := slices.Contains(services, s.Name)
		switch {
		case asked && (develop == nil || len(develop.Watch) == 0):
			errs = append(errs, &NoTriggerError{Service: s.Name, Example: s.Name})
		case develop != nil && (asked || len(services) == 0):
			more, aside, err := p.triggersOf(s, develop.Watch)
			triggers, notes, errs = append(triggers, more...), append(notes, aside...), append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, err
	}
	if len(triggers) == 0 && len(notes) == 0 {
		return nil, nil, &NoTriggerError{Example: p.example()}
	}
	if len(triggers) == 0 {
		return nil, nil, &FileError{Err: errors.New("nothing is left to watch: " + strings.Join(notes, "; "))}
	}
	return triggers, notes, nil
}

// example is the service that somebody would most likely watch.
func (p *Plan) example() string {
	for _, s := range p.Services {
		if s.Built {
			return s.Name
		}
	}
	return p.Services[0].Name
}

func (p *Plan) triggersOf(s Service, watch []types.Trigger) (triggers []Trigger, notes []string, err error) {
	model := p.Model.Services[s.Name]
	excluded, err := p.excluded(s)
	errs := []error{err}
	for i, w := range watch {
		t := newTrigger(s.Name, p.sources.element(path{"services", s.Name, "develop", "watch"}, i), w)
		errs = append(errs, t.faults(w, model)...)
		if model.Build != nil && excluded != nil {
			t.Context, t.Excluded = model.Build.Context, excluded
		}
		if mount, shown := t.shownBy(model.Volumes); shown {
			notes = append(notes, fmt.Sprintf("%s: service %q: the bind mount of %s shows what changes in %s already, so nothing is copied", t.Where, s.Name, mount, w.Path))
			t.Target = ""
		}
		if t.acts() {
			triggers = append(triggers, t)
		}
	}
	return triggers, notes, errors.Join(errs...)
}

// excluded are the patterns of the .dockerignore of a build.
func (p *Plan) excluded(s Service) ([]string, error) {
	build := p.Model.Services[s.Name].Build
	if build == nil || s.dockerfile.file == nil || isRemote(build.Context) {
		return nil, nil
	}
	patterns, err := s.dockerfile.file.Ignored(build.Context)
	if err != nil {
		return nil, &FileError{Err: fmt.Errorf("service %q: %w", s.Name, err), Fix: "mend .dockerignore"}
	}
	return patterns, nil
}

func newTrigger(service, where string, w types.Trigger) Trigger {
	t := Trigger{Service: service, Where: where, Path: w.Path, Include: w.Include, Ignore: w.Ignore, Rebuild: w.Action == types.WatchActionRebuild}
	switch w.Action {
	case types.WatchActionSync, types.WatchActionSyncRestart, types.WatchActionSyncExec:
		t.Target, t.Initial = slashpath.Join("/", w.Target), w.InitialSync
		if strings.HasSuffix(w.Target, "/") && isFile(w.Path) {
			t.Target = slashpath.Join(t.Target, filepath.Base(w.Path))
		}
	}
	t.Restart = w.Action == types.WatchActionRestart || w.Action == types.WatchActionSyncRestart
	if w.Action == types.WatchActionSyncExec {
		t.Hook = Command{Args: w.Exec.Command, User: w.Exec.User, Dir: w.Exec.WorkingDir}
		for name, value := range w.Exec.Environment {
			if value != nil {
				t.Hook.Env = append(t.Hook.Env, name+"="+*value)
			}
		}
		slices.Sort(t.Hook.Env)
	}
	return t
}

// faults are what compose-go does not look for.
func (t Trigger) faults(w types.Trigger, model types.ServiceConfig) []error {
	var errs []error
	fault := func(fix, format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		errs = append(errs, &FileError{Where: t.Where, Err: fmt.Errorf("service %q: develop.watch: %s", t.Service, text), Fix: fix})
	}
	if _, err := os.Stat(t.Path); err != nil {
		fault("paths are relative to the compose file", "path %s is not there", t.Path)
	}
	if t.Rebuild && model.Build == nil {
		fault("give the service a build section, or use the action sync+restart", "rebuild of a service that is not built")
	}
	if w.Action == types.WatchActionSyncExec && len(t.Hook.Args) == 0 {
		fault("write exec: { command: [ … ] }", "sync+exec of no command")
	}
	if w.Exec.Privileged {
		fault("take it out; `devenv exec` is not privileged either", "exec.privileged is not supported")
	}
	return errs
}

// acts tells whether anything is done.
func (t Trigger) acts() bool {
	return t.Rebuild || t.Restart || t.Target != "" || len(t.Hook.Args) > 0
}

// shownBy finds the bind mount by which a container sees the files, or in which a
// copy would end up.
func (t Trigger) shownBy(mounts []types.ServiceVolumeConfig) (source string, shown bool) {
	if t.Target == "" {
		return "", false
	}
	for _, m := range mounts {
		if m.Type != types.VolumeTypeBind {
			continue
		}
		real, err := filepath.EvalSymlinks(m.Source)
		if err != nil {
			real = m.Source
		}
		if isBelow(t.Path, real) || t.Path == real || t.Target == m.Target || isBelow(t.Target, m.Target) {
			return m.Source, true
		}
	}
	return "", false
}
