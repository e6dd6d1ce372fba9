package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"devenv/compose"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/containerd/errdefs"
	composeapi "github.com/docker/compose/v2/pkg/api"
	"github.com/docker/compose/v2/pkg/progress"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
)

// Down removes the containers and networks of the plan's project, and its volumes
// when removal says so. It finds them by label, so it also finds those of another
// profile; the model, which may be missing, tells the hooks to run before. What it
// could not remove is a [LeftoverError].
//
// A container stops as soon as those that depend on it have ended; docker compose
// has it wait until they are removed, too.
func (e *Engine) Down(ctx context.Context, plan *compose.Plan, removal compose.Removal) error {
	draw(e.mode)
	defer draw(Quiet)
	err := progress.Run(ctx, func(ctx context.Context) error {
		return e.takeDown(ctx, plan, removal)
	}, e.cli.Err())
	if err != nil {
		return e.wrap("take down project "+plan.Project, err)
	}
	left, err := e.left(ctx, plan.Project, removal)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return &LeftoverError{Project: plan.Project, Left: left}
	}
	return nil
}

func (e *Engine) takeDown(ctx context.Context, plan *compose.Plan, removal compose.Removal) error {
	if err := e.providersDown(ctx, plan.Model); err != nil {
		return err
	}
	all, err := e.api.ContainerList(ctx, container.ListOptions{All: true, Filters: byProject(plan.Project)})
	if err != nil {
		return err
	}
	if removal == compose.Discard {
		err = each(all, func(c container.Summary) error { return e.remove(ctx, c, removal) })
	} else {
		err = e.containersDown(ctx, all, plan, removal)
	}
	if err != nil {
		return err
	}
	errs := make([]error, 2)
	var wg sync.WaitGroup
	wg.Go(func() { errs[0] = e.networksDown(ctx, plan.Project) })
	if removal != compose.KeepVolumes {
		wg.Go(func() { errs[1] = e.volumesDown(ctx, plan.Project) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// providersDown has compose tell the programs that provide a service in place of
// a container.
func (e *Engine) providersDown(ctx context.Context, model *types.Project) error {
	if model == nil {
		return nil
	}
	only := *model
	only.Networks, only.Volumes, only.Services = nil, nil, types.Services{}
	for name, s := range model.Services {
		if s.Provider != nil {
			s.DependsOn = nil
			only.Services[name] = s
		}
	}
	if len(only.Services) == 0 {
		return nil
	}
	return e.compose.Down(ctx, model.Name, composeapi.DownOptions{Project: &only})
}

// containersDown stops and removes containers, those of a service when all that
// depend on it have ended.
func (e *Engine) containersDown(ctx context.Context, all []container.Summary, plan *compose.Plan, removal compose.Removal) error {
	ends := map[string]end{} // by container
	of := map[string][]end{} // by service
	for _, c := range all {
		var one end
		one.told, one.tell = context.WithCancel(context.WithoutCancel(ctx))
		defer one.tell()
		ends[c.ID] = one
		service := c.Labels[composeapi.ServiceLabel]
		of[service] = append(of[service], one)
	}
	defer e.watchEnds(ctx, plan.Project, ends)()
	before := dependents(all)
	return each(all, func(c container.Summary) error {
		service := c.Labels[composeapi.ServiceLabel]
		for _, dependent := range before[service] {
			for _, one := range of[dependent] {
				<-one.told.Done()
			}
		}
		err := e.stop(ctx, c, hooks(plan.Model, service), container.StopOptions{})
		ends[c.ID].tell()
		if err != nil {
			return err
		}
		return e.remove(ctx, c, removal)
	})
}

// An end is that of a container's process; it may be told more than once.
type end struct {
	told context.Context
	tell context.CancelFunc
}

// watchEnds tells when processes have ended, which is well before the engine has
// unwired their networks and says that the containers have stopped. What it does not
// get to see, the stop tells.
func (e *Engine) watchEnds(ctx context.Context, project string, ends map[string]end) (unwatch func()) {
	ctx, unwatch = context.WithCancel(ctx)
	of := byProject(project)
	of.Add("type", string(events.ContainerEventType))
	of.Add("event", string(events.ActionDie))
	messages, errs := e.api.Events(ctx, events.ListOptions{Filters: of})
	go func() {
		for {
			select {
			case m := <-messages:
				if one, ours := ends[m.Actor.ID]; ours {
					one.tell()
				}
			case <-errs:
				return
			}
		}
	}()
	return unwatch
}

// dependents lists for each service those that depend on it, by the labels of
// their containers. A circle, which containers of two versions of a file can form,
// is left open.
func dependents(all []container.Summary) map[string][]string {
	needs := map[string][]string{}
	for _, c := range all {
		service := c.Labels[composeapi.ServiceLabel]
		needs[service] = []string{}
		for _, on := range strings.Split(c.Labels[composeapi.DependenciesLabel], ",") {
			if name, _, _ := strings.Cut(on, ":"); name != "" && name != service {
				needs[service] = append(needs[service], name)
			}
		}
	}
	before := map[string][]string{}
	const visiting, visited = 1, 2
	state := map[string]int{}
	var visit func(service string)
	visit = func(service string) {
		state[service] = visiting
		for _, on := range needs[service] {
			if _, there := needs[on]; !there || state[on] == visiting {
				continue
			}
			before[on] = append(before[on], service)
			if state[on] != visited {
				visit(on)
			}
		}
		state[service] = visited
	}
	for service := range needs {
		if state[service] == 0 {
			visit(service)
		}
	}
	return before
}

// remove removes a container that runs no more, or whose end nobody waits for.
func (e *Engine) remove(ctx context.Context, c container.Summary, removal compose.Removal) error {
	tell, name := progress.ContextWriter(ctx), "Container "+nameOf(c.Names)
	tell.Event(progress.RemovingEvent(name))
	anonymous := removal != compose.KeepVolumes
	err := e.api.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true, RemoveVolumes: anonymous})
	if errdefs.IsConflict(err) { // somebody else is removing it
		err = e.removed(ctx, c.ID)
	}
	if err != nil && !errdefs.IsNotFound(err) {
		tell.Event(progress.ErrorMessageEvent(name, "Error while Removing"))
		return fmt.Errorf("remove container %s: %w", nameOf(c.Names), err)
	}
	tell.Event(progress.RemovedEvent(name))
	return nil
}

// removed waits until a container that is being removed is gone.
func (e *Engine) removed(ctx context.Context, id string) error {
	done, errs := e.api.ContainerWait(ctx, id, container.WaitConditionRemoved)
	select {
	case <-done:
		return nil
	case err := <-errs:
		return err
	}
}

// gone tells that what was to be stopped or removed is, or is about to be.
func gone(err error) bool { return errdefs.IsNotFound(err) || errdefs.IsConflict(err) }

// networksDown removes the networks of a project; one that is still in use stays,
// and is told as left over.
func (e *Engine) networksDown(ctx context.Context, project string) error {
	all, err := e.api.NetworkList(ctx, network.ListOptions{Filters: byProject(project)})
	if err != nil {
		return err
	}
	return each(all, func(n network.Summary) error {
		progress.ContextWriter(ctx).Event(progress.RemovingEvent("Network " + n.Name))
		return discard(ctx, "Network "+n.Name, e.api.NetworkRemove(ctx, n.ID))
	})
}

func (e *Engine) volumesDown(ctx context.Context, project string) error {
	all, err := e.api.VolumeList(ctx, volume.ListOptions{Filters: byProject(project)})
	if err != nil {
		return err
	}
	return each(all.Volumes, func(v *volume.Volume) error {
		progress.ContextWriter(ctx).Event(progress.RemovingEvent("Volume " + v.Name))
		return discard(ctx, "Volume "+v.Name, e.api.VolumeRemove(ctx, v.Name, true))
	})
}

// discard tells what became of a removal.
func discard(ctx context.Context, name string, err error) error {
	tell := progress.ContextWriter(ctx)
	switch {
	case err == nil, errdefs.IsNotFound(err):
		tell.Event(progress.RemovedEvent(name))
	case errdefs.IsConflict(err), strings.Contains(err.Error(), "has active endpoints"):
		tell.Event(progress.NewEvent(name, progress.Warning, "Resource is still in use"))
	default:
		tell.Event(progress.ErrorEvent(name))
		return fmt.Errorf("remove %s%s: %w", strings.ToLower(name[:1]), name[1:], err)
	}
	return nil
}

// each does something with all, side by side.
func each[T any](all []T, do func(T) error) error {
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	for i, one := range all {
		wg.Go(func() { errs[i] = do(one) })
	}
	wg.Wait()
	return errors.Join(errs...)
}
