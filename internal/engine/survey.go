package engine

import (
	"archive/tar"
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"devenv/compose"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/containerd/errdefs"
	composeapi "github.com/docker/compose/v2/pkg/api"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
)

// Survey looks at what a service that is to run as the user finds: its image, which
// is pulled if it must be, and the volumes that are there. No volume is made.
func (e *Engine) Survey(ctx context.Context, plan *compose.Plan, service string) (compose.Survey, error) {
	maps, err := e.mapsUsers(ctx)
	if err != nil || maps {
		return compose.Survey{MapsUsers: maps}, err
	}
	s, ok := plan.Service(service)
	if !ok || s.AsUser == nil {
		return compose.Survey{}, nil
	}
	image, err := e.api.ImageInspect(ctx, s.Image)
	if errdefs.IsNotFound(err) && !s.Built {
		e.pull(ctx, plan, service)
		image, err = e.api.ImageInspect(ctx, s.Image)
	}
	if errdefs.IsNotFound(err) {
		return compose.Survey{}, nil // what comes next fails for want of it, and says so
	}
	if err != nil {
		return compose.Survey{}, e.wrap("look for image "+s.Image, err)
	}
	found := compose.Survey{Volumes: map[string]compose.MountRoot{}}
	if image.Config != nil {
		found.User = image.Config.User
	}
	err = e.surveyMounts(ctx, plan.Project, s, &found)
	return found, e.wrap("look at what "+service+" mounts", err)
}

// mapsUsers tells whether root of a container is another user of the machine, or
// files that are mounted get owners of their own.
func (e *Engine) mapsUsers(ctx context.Context) (bool, error) {
	info, err := e.api.Info(ctx)
	if err != nil {
		return false, e.wrap("ask the engine who it is", err)
	}
	mapping := func(option string) bool {
		return strings.HasPrefix(option, "name=rootless") || strings.HasPrefix(option, "name=userns")
	}
	return info.OperatingSystem == "Docker Desktop" || slices.ContainsFunc(info.SecurityOptions, mapping), nil
}

// pull has docker compose pull the image of a service. That it cannot, the creation
// of the container says better.
func (e *Engine) pull(ctx context.Context, plan *compose.Plan, service string) {
	model := labelled(plan.Model)
	model.Services = types.Services{service: model.Services[service]}
	draw(e.mode)
	defer draw(Quiet)
	_ = e.compose.Pull(ctx, model, composeapi.PullOptions{Quiet: e.mode == Quiet, IgnoreFailures: true})
}

// surveyMounts looks, through a container that is never started, at root's home in an
// image and at the tops of volumes.
func (e *Engine) surveyMounts(ctx context.Context, project string, s compose.Service, found *compose.Survey) (err error) {
	there, err := e.volumesThere(ctx, project, s)
	if err != nil {
		return err
	}
	id, err := e.surveyor(ctx, project, s.Image, there)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.discardOneOff(ctx, id)) }()
	if found.Home, err = e.homeOfRoot(ctx, id); err != nil {
		return err
	}
	for _, v := range s.AsUser.Volumes {
		entries, err := e.glance(ctx, id, v.Target)
		if err != nil {
			return err
		}
		if len(entries) > 0 {
			ofRoot := slices.ContainsFunc(entries[1:], func(h *tar.Header) bool { return h.Uid == 0 })
			found.Volumes[v.Target] = compose.MountRoot{Volume: there[v.Target], Owner: entries[0].Uid, Filled: len(entries) > 1, OfRoot: ofRoot}
		}
	}
	return nil
}

// volumesThere are the volumes of a service that exist, by target; of the anonymous
// ones those that a new container takes over from the one before.
func (e *Engine) volumesThere(ctx context.Context, project string, s compose.Service) (map[string]string, error) {
	of := byProject(project)
	of.Add("label", composeapi.ServiceLabel+"="+s.Name)
	list, err := e.api.ContainerList(ctx, container.ListOptions{All: true, Filters: of})
	if err != nil {
		return nil, err
	}
	there := map[string]string{}
	for _, v := range s.AsUser.Volumes {
		if v.Name == "" {
			inherited(list, v.Target, there)
			continue
		}
		_, err := e.api.VolumeInspect(ctx, v.Name)
		if err != nil && !errdefs.IsNotFound(err) {
			return nil, err
		}
		if err == nil {
			there[v.Target] = v.Name
		}
	}
	return there, nil
}

func inherited(list []container.Summary, target string, there map[string]string) {
	for _, c := range list {
		for _, m := range c.Mounts {
			if m.Type == mount.TypeVolume && m.Destination == target {
				there[target] = m.Name
			}
		}
	}
}

// surveyor makes a container to look through. The volumes get nothing of the image.
func (e *Engine) surveyor(ctx context.Context, project, image string, volumes map[string]string) (id string, err error) {
	var mounts []mount.Mount
	for target, name := range volumes {
		mounts = append(mounts, mount.Mount{
			Type: mount.TypeVolume, Source: name, Target: target, ReadOnly: true, VolumeOptions: &mount.VolumeOptions{NoCopy: true},
		})
	}
	lasting, cancel := context.WithTimeout(context.WithoutCancel(ctx), hung) // of one that is broken off, nobody knows the ID
	defer cancel()
	made, err := e.api.ContainerCreate(lasting, &container.Config{
		Image: image, NetworkDisabled: true, Entrypoint: []string{helperDir},
		Labels: map[string]string{composeapi.ProjectLabel: project, composeapi.OneoffLabel: "True"},
	}, &container.HostConfig{NetworkMode: "none", Mounts: mounts}, nil, nil, "")
	return made.ID, err
}

// homeOfRoot lists what is in /root.
func (e *Engine) homeOfRoot(ctx context.Context, id string) ([]string, error) {
	entries, err := e.glance(ctx, id, "/root")
	var names []string
	for _, header := range entries {
		_, name, _ := strings.Cut(path.Clean(header.Name), "/")
		name, _, _ = strings.Cut(name, "/")
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, err
}

// mostOfFolder is how much of a folder of a container is read to know it, in bytes.
const mostOfFolder = 32 << 20

// glance lists a folder of a container and what is in it, as far as its beginning
// tells; nothing where there is no such folder.
func (e *Engine) glance(ctx context.Context, id, folder string) ([]*tar.Header, error) {
	archive, _, err := e.api.CopyFromContainer(ctx, id, folder)
	if errdefs.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	var all []*tar.Header
	for reader := tar.NewReader(io.LimitReader(archive, mostOfFolder)); ; {
		header, err := reader.Next()
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, header)
	}
}
