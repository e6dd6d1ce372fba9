package compose

import (
	"bytes"
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
	"go.yaml.in/yaml/v3"
)

// A Project is what the files declare. It does not change; [Project.Plan]
// decides what to do with it.
type Project struct {
	Name  string
	Files []string // absolute paths, in the order of the merge

	base        *variant            // the files as they are written
	variants    map[string]*variant // by profile, where the profile changes the model
	settings    settings
	sources     sourceMap
	environment types.Mapping
}

// A variant is the compose model of one profile, with everything read that a
// plan may need.
type variant struct {
	model       *types.Project
	dockerfiles map[string]dockerfileOf // by service
	broken      map[string]error        // services whose env_file cannot be read
}

// Load reads the project: compose files, .env, x-devenv, env files and
// Dockerfiles. It decides nothing. All faults of x-devenv are told at once, each
// as a [FileError].
func Load(ctx context.Context, source Source) (*Project, error) {
	options, err := source.options()
	if err != nil {
		return nil, err
	}
	l, err := newLoading(ctx, options)
	if err != nil {
		return nil, err
	}
	model, err := l.load(ctx, nil, nil)
	if err != nil {
		return nil, err
	}
	p := &Project{Name: model.Name, Files: l.files, environment: model.Environment}
	p.sources = readSources(append(l.mentioned, l.files...))
	if p.settings, err = decodeSettings(model, p.sources); err != nil {
		return nil, err
	}
	p.base = readVariant(model)
	p.variants, err = l.variants(ctx, p)
	return p, err
}

// loading is one reading of the files, repeated for each profile that changes them.
type loading struct {
	details   types.ConfigDetails
	name      string // of the project, when it is set outside the files
	named     bool
	files     []string
	mentioned []string // by include and extends
	profiles  []string // of Compose, from COMPOSE_PROFILES
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
	l.profiles = strings.FieldsFunc(o.Environment[consts.ComposeProfiles], func(r rune) bool { return r == ',' })
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
		if more == nil {
			o.Listeners = append(o.Listeners, l.remember)
		}
	})
	if err != nil {
		return nil, loadError(err, readSources(l.files))
	}
	model.ComposeFiles = l.files
	return model, nil
}

// remember notes the files that include and extends name.
func (l *loading) remember(_ string, about map[string]any) {
	add := func(name string) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(l.details.WorkingDir, name)
		}
		l.mentioned = append(l.mentioned, name)
	}
	if list, ok := about["path"].(types.StringList); ok {
		for _, name := range list {
			add(name)
		}
	}
	if name, ok := about["file"].(string); ok {
		add(name)
	}
}

// loadError puts file and line to what compose-go says, where the message names
// a path that stands in a file.
func loadError(err error, sources sourceMap) error {
	fault := &FileError{Err: err}
	for _, word := range strings.FieldsFunc(err.Error(), func(r rune) bool { return strings.ContainsRune(" :\"'`\n", r) }) {
		if p := path(strings.Split(word, ".")); len(p) > 1 && sources.has(p[:2]) {
			fault.Where = sources.where(p)
			break
		}
	}
	if strings.Contains(err.Error(), "non-string key") {
		fault.Fix = `put the port in quotes: "5556":`
	}
	if strings.Contains(err.Error(), "project name must not be empty") {
		fault.Fix = "give one with --project-name, or with name: in the compose file"
	}
	return fault
}

// has tells whether p stands in any file.
func (m sourceMap) has(p path) bool {
	return slices.ContainsFunc(m.files, func(f sourceFile) bool {
		key, _ := find(f.root, p)
		return key != nil
	})
}

// decodeSettings reads every x-devenv of the model and checks the rules that
// hold between them.
func decodeSettings(model *types.Project, sources sourceMap) (settings, error) {
	d := &decoder{sources: sources}
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
			model, err := l.load(ctx, []string{profile}, slices.Concat(files[profile], []types.ConfigFile{}))
			if err != nil {
				errs[i] = fmt.Errorf("profile %s: %w", profile, err)
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

// overrides are the override parts of a profile as compose files of their own,
// to be merged after the user's. A part is taken from the file it stands in, so
// that tags such as !reset and ${VARIABLES} work in it; one that only extends
// brings along is taken from the merged model.
func (p *Project) overrides(profile string) ([]types.ConfigFile, error) {
	var files []types.ConfigFile
	for _, service := range slices.Sorted(maps.Keys(p.settings.Services)) {
		said, _ := p.settings.forService(service, profile)
		if said.Override == nil {
			continue
		}
		parts := p.written(service, profile)
		if len(parts) == 0 {
			parts = []any{escapeDollars(said.Override)}
		}
		for _, part := range parts {
			text, err := marshalOverride(service, part)
			if err != nil {
				return nil, fmt.Errorf("service %q: %s override of profile %s: %w", service, extension, profile, err)
			}
			files = append(files, types.ConfigFile{Filename: p.Files[0], Content: text})
		}
	}
	return files, nil
}

func marshalOverride(service string, part any) ([]byte, error) {
	var text bytes.Buffer
	enc := yaml.NewEncoder(&text)
	enc.SetIndent(2)
	err := enc.Encode(map[string]any{"services": map[string]any{service: part}})
	return text.Bytes(), err
}

// written finds the override parts as they stand in the files, in merge order.
func (p *Project) written(service, profile string) []any {
	for _, name := range p.settings.lineage(profile) {
		var parts []any
		for _, f := range p.sources.files {
			at := path{"services", service, extension, "profiles", name, "override"}
			if _, part := find(f.root, at); part != nil {
				parts = append(parts, part)
			}
		}
		if len(parts) > 0 {
			return parts
		}
	}
	return nil
}

// escapeDollars keeps a value that was interpolated once from being
// interpolated again.
func escapeDollars(value any) any {
	switch v := value.(type) {
	case string:
		return strings.ReplaceAll(v, "$", "$$")
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = escapeDollars(v[i])
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(v))
		for k := range v {
			m[k] = escapeDollars(v[k])
		}
		return m
	}
	return value
}
