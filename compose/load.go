package compose

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// A Project is what the files declare. It does not change; [Project.Plan]
// decides what to do with it.
type Project struct {
	Name  string
	Files []string // absolute paths, in the order of the merge
	Named bool     // by --project-name or COMPOSE_PROJECT_NAME, not by its files

	base        *variant            // the files as they are written
	variants    map[string]*variant // by profile, where the profile changes the model
	settings    settings
	sources     sourceMap
	environment types.Mapping
	ports       map[string]uint16 // of the host that are assigned; nil leaves it to the files
	user        Owner             // who works on it
}

// A variant is the compose model of one profile, with everything read that a
// plan may need.
type variant struct {
	model       *types.Project
	dockerfiles map[string]dockerfileOf            // by service
	broken      map[string]error                   // services whose env_file cannot be read
	envFiles    map[string]types.MappingWithEquals // by service: what came from its env_file
	folders     map[string]int                     // of the project that are mounted: who owns them
}

// Load reads the project: compose files, .env, x-devenv, env files and
// Dockerfiles. It decides nothing. All faults of x-devenv are told at once, each
// as a [FileError].
func Load(ctx context.Context, source Source) (*Project, error) {
	knowRaw()
	options, err := source.options()
	if err != nil {
		return nil, err
	}
	l, err := newLoading(ctx, options)
	if err != nil {
		return nil, err
	}
	sources := readSources(l.details)
	model, err := l.load(ctx, nil, nil)
	if err != nil {
		return nil, loadError(err, sources)
	}
	p := &Project{Name: model.Name, Files: l.files, environment: model.Environment, sources: sources, Named: l.named}
	if p.settings, err = decodeSettings(model, p.sources); err != nil {
		return nil, err
	}
	p.base = readVariant(model)
	p.variants, err = l.variants(ctx, p)
	return p, err
}

// loading is one reading of the files, repeated for each profile that changes them.
type loading struct {
	details  types.ConfigDetails
	name     string // of the project, when it is set outside the files
	named    bool
	files    []string
	profiles []string // of Compose, from COMPOSE_PROFILES
}

func newLoading(ctx context.Context, o *cli.ProjectOptions) (*loading, error) {
	dir, err := o.GetWorkingDir()
	if err != nil {
		return nil, fmt.Errorf("find the project directory: %w", err)
	}
	details, err := o.ReadConfigFiles(ctx, dir, o)
	if err != nil {
		return nil, sourceError(dir, err)
	}
	details.Environment = o.Environment
	l := &loading{details: *details}
	for _, f := range details.ConfigFiles {
		l.files = append(l.files, f.Filename)
	}
	for name := range strings.SplitSeq(o.Environment[consts.ComposeProfiles], ",") {
		if name = strings.TrimSpace(name); name != "" {
			l.profiles = append(l.profiles, name)
		}
	}
	l.setName(o, dir)
	return l, nil
}

// setName takes the first of --project-name, COMPOSE_PROJECT_NAME, the file's
// own name (which loader reads) and the name of the folder.
func (l *loading) setName(o *cli.ProjectOptions, dir string) {
	l.name, l.named = o.Name, o.Name != ""
	if l.name == "" {
		l.name, l.named = o.Environment[consts.ComposeProjectName], o.Environment[consts.ComposeProjectName] != ""
	}
	if l.name == "" {
		l.name = loader.NormalizeProjectName(filepath.Base(dir))
	}
}

// load reads the model with the given Compose profiles on, and more files
// merged after those of the user.
func (l *loading) load(ctx context.Context, profiles []string, more []types.ConfigFile) (*types.Project, error) {
	details := l.details
	details.ConfigFiles = slices.Concat(details.ConfigFiles, more)
	details.Environment = maps.Clone(details.Environment)
	model, err := loader.LoadWithContext(ctx, details, func(o *loader.Options) {
		o.SetProjectName(l.name, l.named)
		o.SkipResolveEnvironment = true
		o.Profiles = slices.Concat(l.profiles, profiles)
	})
	if err != nil {
		return nil, err
	}
	model.ComposeFiles = l.files
	return model, nil
}

// decodeSettings reads every x-devenv of the model and checks the rules that
// hold between them.
func decodeSettings(model *types.Project, sources sourceMap) (settings, error) {
	d := &decoder{sources: sources, dir: model.WorkingDir}
	s := d.root(model.Extensions[extension])
	s.Services = map[string]serviceSettings{}
	all := model.AllServices()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if raw, ok := all[name].Extensions[extension]; ok {
			s.Services[name] = d.service(name, raw)
		}
	}
	d.rules(s)
	return s, errors.Join(d.faults...)
}

// variants loads the profiles whose model differs from the files as written:
// those with an override, and those that are Compose profiles too.
func (l *loading) variants(ctx context.Context, p *Project) (map[string]*variant, error) {
	var names []string
	files := map[string][]types.ConfigFile{}
	for _, profile := range p.Profiles() {
		overrides, err := p.overrides(profile)
		if err != nil {
			return nil, err
		}
		if len(overrides) > 0 || slices.Contains(composeProfiles(p.base.model), profile) {
			names = append(names, profile)
			files[profile] = overrides
		}
	}
	loaded := make([]*variant, len(names))
	errs := make([]error, len(names))
	var wg sync.WaitGroup
	for i, profile := range names {
		wg.Go(func() {
			model, err := l.load(ctx, []string{profile}, files[profile])
			if err != nil {
				errs[i] = fmt.Errorf("profile %s: %w", profile, p.overrideError(err, profile))
				return
			}
			loaded[i] = readVariant(model)
		})
	}
	wg.Wait()
	variants := map[string]*variant{}
	for i, profile := range names {
		variants[profile] = loaded[i]
	}
	return variants, errors.Join(errs...)
}

func composeProfiles(model *types.Project) []string {
	var names []string
	for _, s := range model.AllServices() {
		names = append(names, s.Profiles...)
	}
	return names
}
