package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"devenv/compose"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/containerd/errdefs"
	composeapi "github.com/docker/compose/v2/pkg/api"
	composelib "github.com/docker/compose/v2/pkg/compose"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
	"github.com/docker/docker/client"
)

// Create creates what is missing and replaces the containers whose service or
// image has changed, with networks and volumes. It starts nothing, but for
// services that have no container of their own.
func (e *Engine) Create(ctx context.Context, plan *compose.Plan) error {
	model := labelled(plan.Model)
	draw(e.mode)
	defer draw(Quiet)
	err := e.compose.Create(ctx, model, composeapi.CreateOptions{
		Services:             model.ServiceNames(),
		Recreate:             composeapi.RecreateDiverged,
		RecreateDependencies: composeapi.RecreateDiverged,
		Inherit:              true,
		IgnoreOrphans:        true,
		QuietPull:            e.mode == Quiet,
	})
	if err == nil {
		err = ctx.Err() // compose takes what is broken off for what has ended well
	}
	return e.wrap("create", err)
}

// Start starts the containers of one service, with its secrets, configs and
// hooks, and waits for nothing: when a service may start is the caller's to know.
// Services may be started side by side.
func (e *Engine) Start(ctx context.Context, plan *compose.Plan, service string) error {
	model := labelled(plan.Model)
	alone := model.Services[service]
	alone.DependsOn = nil
	model.Services = types.Services{service: alone}
	err := e.compose.Start(ctx, model.Name, composeapi.StartOptions{Project: model})
	if err == nil {
		err = ctx.Err()
	}
	return e.wrap("start "+service, err)
}

// labelled puts the labels on a copy of the model by which docker compose finds
// the containers of a project again. Its command sets them; its library does
// not. It also writes into deploy, which is why that is a copy too.
func labelled(model *types.Project) *types.Project {
	m := *model
	m.Services = types.Services{}
	for name, s := range model.Services {
		s.CustomLabels = types.Labels{
			composeapi.ProjectLabel:     model.Name,
			composeapi.ServiceLabel:     name,
			composeapi.VersionLabel:     composeapi.ComposeVersion,
			composeapi.WorkingDirLabel:  model.WorkingDir,
			composeapi.ConfigFilesLabel: strings.Join(model.ComposeFiles, ","),
			composeapi.OneoffLabel:      "False",
		}
		if s.Deploy != nil {
			deploy := *s.Deploy
			s.Deploy = &deploy
		}
		m.Services[name] = s
	}
	return &m
}

// Hashes are the fingerprints by which docker compose decides whether a container
// still fits its service.
func (e *Engine) Hashes(plan *compose.Plan) (map[string]string, error) {
	hashes := map[string]string{}
	for name, s := range labelled(plan.Model).Services {
		hash, err := composelib.ServiceHash(s)
		if err != nil {
			return nil, fmt.Errorf("service %q: fingerprint of its definition: %w", name, err)
		}
		hashes[name] = hash
	}
	return hashes, nil
}

// Remove stops containers, each in its own time of grace, and removes them.
func (e *Engine) Remove(ctx context.Context, containers []compose.Container) error {
	errs := make([]error, len(containers))
	var wg sync.WaitGroup
	for i, c := range containers {
		wg.Go(func() {
			if err := e.api.ContainerStop(ctx, c.ID, container.StopOptions{}); err != nil && !errdefs.IsNotFound(err) {
				errs[i] = e.wrap("stop container "+c.Name, err)
				return
			}
			if err := e.api.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true}); err != nil && !errdefs.IsNotFound(err) {
				errs[i] = e.wrap("remove container "+c.Name, err)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Down removes the containers and networks of the project, and its volumes when
// removal says so. It finds them by label, so it also finds those of another
// profile. What it could not remove is a [LeftoverError].
func (e *Engine) Down(ctx context.Context, project string, removal compose.Removal) error {
	draw(e.mode)
	err := e.compose.Down(ctx, project, composeapi.DownOptions{
		RemoveOrphans: true,
		Volumes:       removal == compose.RemoveVolumes,
	})
	if err != nil {
		return e.wrap("take down project "+project, err)
	}
	left, err := e.left(ctx, project, removal)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return &LeftoverError{Project: project, Left: left}
	}
	return nil
}

// LeftoverError is a teardown that left something behind.
type LeftoverError struct {
	Project string
	Left    []string // such as "network mud_default"
}

func (e *LeftoverError) Error() string {
	return fmt.Sprintf("project %s is down, but there is left: %s", e.Project, strings.Join(e.Left, ", "))
}

// Hint says how to find out why.
func (e *LeftoverError) Hint() string {
	return "something else may use it: `docker network inspect` and `docker ps -a --filter volume=NAME` tell; then run `devenv down` again"
}

// left lists what still carries the project's label.
func (e *Engine) left(ctx context.Context, project string, removal compose.Removal) ([]string, error) {
	of := byProject(project)
	lists := []func() ([]string, error){
		func() ([]string, error) {
			found, err := e.api.ContainerList(ctx, container.ListOptions{All: true, Filters: of})
			return names(found, func(c container.Summary) string { return "container " + nameOf(c.Names) }), err
		},
		func() ([]string, error) {
			found, err := e.api.NetworkList(ctx, network.ListOptions{Filters: of})
			return names(found, func(n network.Summary) string { return "network " + n.Name }), err
		},
	}
	if removal == compose.RemoveVolumes {
		lists = append(lists, func() ([]string, error) {
			found, err := e.api.VolumeList(ctx, volume.ListOptions{Filters: of})
			return names(found.Volumes, func(v *volume.Volume) string { return "volume " + v.Name }), err
		})
	}
	left := make([][]string, len(lists))
	errs := make([]error, len(lists))
	var wg sync.WaitGroup
	for i, list := range lists {
		wg.Go(func() { left[i], errs[i] = list() })
	}
	wg.Wait()
	return slices.Concat(left...), e.wrap("look for what is left of project "+project, errors.Join(errs...))
}

func names[T any](all []T, name func(T) string) []string {
	var list []string
	for _, one := range all {
		list = append(list, name(one))
	}
	return list
}

func byProject(project string) filters.Args {
	return filters.NewArgs(filters.Arg("label", composeapi.ProjectLabel+"="+project))
}

// isGone tells an engine that no longer answers.
func isGone(err error) bool {
	if client.IsErrConnectionFailed(err) {
		return true
	}
	text := err.Error()
	return strings.Contains(text, "error during connect") || strings.Contains(text, "Cannot connect to the Docker daemon")
}
