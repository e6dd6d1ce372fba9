package engine

import (
	"context"
	"errors"
	"slices"
	"sync"

	"devenv/compose"

	composeapi "github.com/docker/compose/v2/pkg/api"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
)

// Remains finds everything on this engine that carries [compose.LabelOwner],
// by project and owner.
func (e *Engine) Remains(ctx context.Context) ([]compose.Remains, error) {
	lists := []func() ([]compose.Thing, error){
		func() ([]compose.Thing, error) {
			all, err := e.api.ContainerList(ctx, container.ListOptions{All: true})
			return things(all, func(c container.Summary) compose.Thing { return thing(compose.AContainer, nameOf(c.Names), c.Labels) }), err
		},
		func() ([]compose.Thing, error) {
			all, err := e.api.NetworkList(ctx, network.ListOptions{})
			return things(all, func(n network.Summary) compose.Thing { return thing(compose.ANetwork, n.Name, n.Labels) }), err
		},
		func() ([]compose.Thing, error) {
			all, err := e.api.VolumeList(ctx, volume.ListOptions{})
			return things(all.Volumes, func(v *volume.Volume) compose.Thing { return thing(compose.AVolume, v.Name, v.Labels) }), err
		},
	}
	found := make([][]compose.Thing, len(lists))
	errs := make([]error, len(lists))
	var wg sync.WaitGroup
	for i, list := range lists {
		wg.Go(func() { found[i], errs[i] = list() })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, e.wrap("look for what smoke runs have left", err)
	}
	return compose.FindRemains(slices.Concat(found...)), nil
}

func thing(kind compose.ThingKind, name string, labels map[string]string) compose.Thing {
	return compose.Thing{Kind: kind, Name: name, Project: labels[composeapi.ProjectLabel], Labels: labels}
}

func things[T any](all []T, of func(T) compose.Thing) []compose.Thing {
	list := make([]compose.Thing, len(all))
	for i, one := range all {
		list[i] = of(one)
	}
	return list
}
