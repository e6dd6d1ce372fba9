package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"devenv/compose"

	composeapi "github.com/docker/compose/v2/pkg/api"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
)

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
	if removal != compose.KeepVolumes {
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
