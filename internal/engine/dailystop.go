package engine

import (
	"context"
	"slices"
	"sync"
	"time"

	"devenv/compose"

	composeapi "github.com/docker/compose/v2/pkg/api"
	"github.com/docker/compose/v2/pkg/progress"
	"github.com/docker/docker/api/types/container"
)

// StopServices stops the containers of services, those of a service after those that depend
// on it, with the hooks that the plan's model, which may be missing, has for that.
// A container is killed after grace, in whole seconds; nil is what it says itself.
// Nothing is removed.
func (e *Engine) StopServices(ctx context.Context, plan *compose.Plan, services []string, grace *time.Duration) error {
	of := byProject(plan.Project)
	of.Add("label", composeapi.OneoffLabel+"=False")
	all, err := e.api.ContainerList(ctx, container.ListOptions{Filters: of})
	if err != nil {
		return e.wrap("list containers", err)
	}
	all = slices.DeleteFunc(all, func(c container.Summary) bool {
		return !slices.Contains(services, c.Labels[composeapi.ServiceLabel])
	})
	draw(e.mode)
	defer draw(Quiet)
	err = progress.Run(ctx, func(ctx context.Context) error {
		return inReverse(all, func(c container.Summary) error {
			return e.stop(ctx, c, hooks(plan.Model, c.Labels[composeapi.ServiceLabel]), container.StopOptions{Timeout: seconds(grace)})
		})
	}, e.cli.Err())
	return e.wrap("stop project "+plan.Project, err)
}

func seconds(d *time.Duration) *int {
	if d == nil {
		return nil
	}
	whole := int(d.Round(time.Second) / time.Second)
	return &whole
}

// inReverse does something with all containers side by side, but with those of a
// service only after those that depend on it.
func inReverse(all []container.Summary, do func(container.Summary) error) error {
	left := map[string]*sync.WaitGroup{}
	for _, c := range all {
		service := c.Labels[composeapi.ServiceLabel]
		if left[service] == nil {
			left[service] = &sync.WaitGroup{}
		}
		left[service].Add(1)
	}
	before := dependents(all)
	return each(all, func(c container.Summary) error {
		service := c.Labels[composeapi.ServiceLabel]
		defer left[service].Done()
		for _, dependent := range before[service] {
			left[dependent].Wait()
		}
		return do(c)
	})
}
