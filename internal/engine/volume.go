package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"devenv/compose"

	"github.com/containerd/errdefs"
	composeapi "github.com/docker/compose/v2/pkg/api"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/volume"
)

// NamedVolumes lists the volumes of a project, by key and name, with the containers
// of any project that mount them. They are found by label, so that volumes of other
// profiles are among them, and external ones are not.
func (e *Engine) NamedVolumes(ctx context.Context, project string) ([]compose.Volume, error) {
	list, err := e.api.VolumeList(ctx, volume.ListOptions{Filters: byProject(project)})
	if err != nil {
		return nil, e.wrap("list volumes", err)
	}
	var all []compose.Volume
	for _, v := range list.Volumes {
		key := v.Labels[composeapi.VolumeLabel]
		if key == "" {
			continue // an anonymous one
		}
		users, err := e.usersOf(ctx, v.Name)
		if err != nil {
			return nil, err
		}
		all = append(all, compose.Volume{Key: key, Name: v.Name, Project: project, Driver: v.Driver, Options: v.Options, Labels: v.Labels, Users: users})
	}
	slices.SortFunc(all, func(a, b compose.Volume) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Name, b.Name))
	})
	return all, nil
}

func (e *Engine) usersOf(ctx context.Context, name string) ([]compose.VolumeUser, error) {
	list, err := e.api.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("volume", name))})
	if err != nil {
		return nil, e.wrap("list the containers of volume "+name, err)
	}
	var users []compose.VolumeUser
	for _, c := range list {
		for _, m := range c.Mounts {
			if m.Type == mount.TypeVolume && m.Name == name {
				users = append(users, user(c, m.RW))
			}
		}
	}
	slices.SortFunc(users, func(a, b compose.VolumeUser) int { return cmp.Compare(a.Name, b.Name) })
	return users, nil
}

func user(c container.Summary, writes bool) compose.VolumeUser {
	u := compose.VolumeUser{Container: c.ID, Name: nameOf(c.Names), Project: c.Labels[composeapi.ProjectLabel], Writes: writes, State: compose.State(c.State)}
	if c.Labels[composeapi.OneoffLabel] != "True" {
		u.Service = c.Labels[composeapi.ServiceLabel]
	}
	return u
}

// RenewVolume replaces a volume by an empty one of the same name, driver, options and
// labels, or makes it. No container may mount it.
func (e *Engine) RenewVolume(ctx context.Context, v compose.Volume) error {
	there, err := e.api.VolumeInspect(ctx, v.Name)
	switch {
	case errdefs.IsNotFound(err):
		return e.makeVolume(ctx, v)
	case err != nil:
		return e.wrap("inspect volume "+v.Name, err)
	case there.Labels[composeapi.ProjectLabel] != v.Project:
		return fmt.Errorf("volume %s: belongs to another project", v.Name)
	}
	if err := e.api.VolumeRemove(ctx, v.Name, false); err != nil {
		return e.wrap("empty volume "+v.Name, err)
	}
	return e.makeVolume(ctx, v)
}

// makeVolume makes a volume as docker compose does.
func (e *Engine) makeVolume(ctx context.Context, v compose.Volume) error {
	labels := map[string]string{composeapi.VersionLabel: composeapi.ComposeVersion}
	for key, value := range v.Labels {
		labels[key] = value
	}
	labels[composeapi.ProjectLabel], labels[composeapi.VolumeLabel] = v.Project, v.Key
	_, err := e.api.VolumeCreate(ctx, volume.CreateOptions{Name: v.Name, Driver: v.Driver, DriverOpts: v.Options, Labels: labels})
	return e.wrap("make volume "+v.Name, err)
}
