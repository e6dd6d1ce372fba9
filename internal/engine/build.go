package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"devenv/compose"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/containerd/errdefs"
	composeapi "github.com/docker/compose/v2/pkg/api"
	"go.yaml.in/yaml/v3"
)

// Images finds the local images among refs; what is not there is left out.
func (e *Engine) Images(ctx context.Context, refs []string) (map[string]compose.Image, error) {
	images := map[string]compose.Image{}
	for _, ref := range refs {
		found, err := e.api.ImageInspect(ctx, ref)
		if errdefs.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, e.wrap("look for image "+ref, err)
		}
		image := compose.Image{ID: found.ID}
		if found.Config != nil {
			image.Labels = found.Config.Labels
		}
		images[ref] = image
	}
	return images, nil
}

// Build builds the images of the services that digests names, each labelled
// with its digest. Services with the same build are built once, and so are stages
// that builds share.
func (e *Engine) Build(ctx context.Context, plan *compose.Plan, digests map[string]string) error {
	model := buildModel(plan.Model, digests)
	draw(e.mode)
	var last tail
	log, progress := io.Writer(e.log), string(e.mode)
	if e.mode == Quiet {
		log, progress = &filter{w: &last}, string(Lines) // kept for the error
	}
	release, err := e.redirectStdout(log)
	if err != nil {
		return err
	}
	err = e.compose.Build(ctx, model, composeapi.BuildOptions{
		Services: once(model, slices.Sorted(maps.Keys(digests))),
		Progress: progress,
	})
	release()
	if err != nil && len(last.lines) > 0 {
		err = fmt.Errorf("%w\n%s", err, strings.Join(last.lines, "\n"))
	}
	return e.wrap("", buildError(err))
}

// A tail keeps the last lines that are written to it.
type tail struct{ lines []string }

const tailLines = 20

func (t *tail) Write(line []byte) (int, error) {
	t.lines = append(t.lines, "  "+strings.TrimRight(string(line), "\n"))
	t.lines = t.lines[max(0, len(t.lines)-tailLines):]
	return len(line), nil
}

// buildModel is a copy whose images carry the digest of what goes into them.
func buildModel(model *types.Project, digests map[string]string) *types.Project {
	m := *model
	m.Services = maps.Clone(model.Services)
	for name, digest := range digests {
		s := m.Services[name]
		build := *s.Build
		build.Labels = maps.Clone(build.Labels)
		if build.Labels == nil {
			build.Labels = types.Labels{}
		}
		if digest != "" {
			build.Labels[compose.LabelDigest] = digest
		}
		s.Build = &build
		m.Services[name] = s
	}
	return &m
}

// once keeps the first of services whose builds are the same, and lets its build
// tag the images of the others too.
func once(model *types.Project, services []string) []string {
	first := map[string]string{}
	var builders []string
	for _, name := range services {
		s := model.Services[name]
		key, err := yaml.Marshal(s.Build)
		if err != nil {
			builders = append(builders, name)
			continue
		}
		leader, shared := first[string(key)]
		if !shared {
			first[string(key)] = name
			builders = append(builders, name)
			continue
		}
		lead := model.Services[leader]
		build := *lead.Build
		build.Tags = append(slices.Clone(build.Tags), composeapi.GetImageNameOrDefault(s, model.Name))
		lead.Build = &build
		model.Services[leader] = lead
	}
	return builders
}

// buildError drops the prefix that repeats what the caller says.
func buildError(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(plainText(strings.TrimPrefix(err.Error(), "failed to solve: ")))
}

// wrap says what was being done, and tells an engine that went away from
// one that refused.
func (e *Engine) wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	if isGone(err) {
		return &UnreachableError{Host: e.host, Err: err}
	}
	if doing == "" {
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}
