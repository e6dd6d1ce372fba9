package engine

import (
	"context"
	"fmt"
	"strings"

	"devenv/compose"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/containerd/errdefs"
	composeapi "github.com/docker/compose/v2/pkg/api"
	composelib "github.com/docker/compose/v2/pkg/compose"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
)

// Create creates what is missing and replaces the containers whose service or
// image has changed, with networks and volumes. It starts nothing, but for
// services that have no container of their own. Into containers that are new it
// copies what the plan uploads. Where no addresses are left for a network, the error
// is a [PoolsError].
func (e *Engine) Create(ctx context.Context, plan *compose.Plan) error {
	var before []compose.Container
	if len(plan.Uploads) > 0 {
		var err error
		if before, err = e.Containers(ctx, plan.Project); err != nil {
			return err
		}
	}
	if err := e.upload(ctx, plan, before, e.create(ctx, plan)); err != nil {
		return err
	}
	return e.own(ctx, plan)
}

func (e *Engine) create(ctx context.Context, plan *compose.Plan) error {
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
	return e.wrap("create", e.pools(ctx, err))
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
	return each(containers, func(c compose.Container) error {
		if err := e.api.ContainerStop(ctx, c.ID, container.StopOptions{}); err != nil && !errdefs.IsNotFound(err) {
			return e.wrap("stop container "+c.Name, err)
		}
		err := e.api.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true})
		if err != nil && !errdefs.IsNotFound(err) {
			return e.wrap("remove container "+c.Name, err)
		}
		return nil
	})
}

// isGone tells an engine that no longer answers.
func isGone(err error) bool {
	if client.IsErrConnectionFailed(err) {
		return true
	}
	text := err.Error()
	return strings.Contains(text, "error during connect") || strings.Contains(text, "Cannot connect to the Docker daemon")
}
