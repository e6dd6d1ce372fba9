package compose

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"devenv/internal/dockerfile"

	"github.com/compose-spec/compose-go/v2/types"
)

// dockerfileOf is the Dockerfile of a service, or why there is none to read.
type dockerfileOf struct {
	file *dockerfile.File // nil where err says why, or where the context is not on this disk
	path string
	err  error
}

// readVariant reads what the model points to: env files and Dockerfiles. What
// cannot be read is remembered and told only when a plan needs it, so that a
// service nobody starts stops nobody.
func readVariant(model *types.Project) *variant {
	v := &variant{dockerfiles: map[string]dockerfileOf{}, broken: map[string]error{}, envFiles: map[string]types.MappingWithEquals{}}
	read := map[string]dockerfileOf{}
	for _, services := range []types.Services{model.Services, model.DisabledServices} {
		for name, s := range services {
			resolved, err := resolveEnvironment(model.Environment, s)
			if err != nil {
				v.broken[name] = envFileError(name, err)
				continue
			}
			services[name] = resolved
			v.envFiles[name] = added(s.Environment, resolved.Environment)
			if s.Build != nil {
				v.dockerfiles[name] = readDockerfile(*s.Build, read)
			}
		}
	}
	v.model, v.folders = model, foldersOf(model)
	return v
}

func envFileError(service string, err error) error {
	fault := &FileError{Err: fmt.Errorf("service %q: env_file: %w", service, withoutValues(err))}
	if strings.Contains(err.Error(), "not found") {
		fault.Fix = "create the file, or give it `required: false`"
	}
	return fault
}

// resolveEnvironment gives the service the values of its env_file and of the
// process, as docker compose does before it hashes the service.
func resolveEnvironment(environment types.Mapping, s types.ServiceConfig) (types.ServiceConfig, error) {
	one := types.Project{Environment: environment, Services: types.Services{s.Name: s}}
	resolved, err := one.WithServicesEnvironmentResolved(true)
	if err != nil {
		return s, err
	}
	return resolved.Services[s.Name], nil
}

// added is what a resolved environment has that the declared one does not name: it
// comes from an env_file.
func added(declared, resolved types.MappingWithEquals) types.MappingWithEquals {
	more := maps.Clone(resolved)
	maps.DeleteFunc(more, func(name string, _ *string) bool { _, ok := declared[name]; return ok })
	return more
}

// readDockerfile reads the Dockerfile of a build; read keeps those seen before.
func readDockerfile(b types.BuildConfig, read map[string]dockerfileOf) dockerfileOf {
	if b.DockerfileInline != "" {
		file, err := dockerfile.Parse("dockerfile_inline", []byte(b.DockerfileInline))
		return dockerfileOf{file: file, path: "dockerfile_inline", err: dockerfileError(err)}
	}
	if isRemote(b.Context) {
		return dockerfileOf{path: b.Context}
	}
	name := b.Dockerfile
	if name == "" {
		name = "Dockerfile"
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(b.Context, name)
	}
	known, ok := read[name]
	if !ok {
		file, err := dockerfile.Read(name)
		known = dockerfileOf{file: file, path: name, err: dockerfileError(err)}
		read[name] = known
	}
	return known
}

func dockerfileError(err error) error {
	if err == nil {
		return nil
	}
	var syntax *dockerfile.ParseError
	if errors.As(err, &syntax) {
		return &FileError{Err: err, Fix: "correct the line; https://docs.docker.com/reference/dockerfile lists the instructions"}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return &FileError{Err: err, Fix: "check build.context and build.dockerfile"}
	}
	return &FileError{Err: err}
}

// isRemote tells a git or http context from a folder.
func isRemote(context string) bool {
	return strings.Contains(context, "://") || strings.HasPrefix(context, "git@") || strings.HasPrefix(context, "github.com/")
}

// variant is the model that a profile starts from.
func (p *Project) variant(profile string) *variant {
	if v, ok := p.variants[profile]; ok {
		return v
	}
	return p.base
}

// clone copies the model so that a plan can change it.
func (v *variant) clone(enable []string) (*types.Project, error) {
	model, err := v.model.WithServicesEnabled(enable...)
	if err != nil {
		return nil, err
	}
	model.Services = maps.Clone(model.Services)
	return model, nil
}

// HasStopHooks tells whether some service, in some profile, has pre_stop hooks, a
// farewell or a provider: what a teardown must know the plan for.
func (p *Project) HasStopHooks() bool {
	for _, s := range p.settings.Services {
		if s.Farewell.Given() {
			return true
		}
	}
	for _, v := range append(slices.Collect(maps.Values(p.variants)), p.base) {
		for _, s := range v.model.AllServices() {
			if len(s.PreStop) > 0 || s.Provider != nil {
				return true
			}
		}
	}
	return false
}
