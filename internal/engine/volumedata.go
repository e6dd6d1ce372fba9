package engine

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"

	"devenv/compose"

	composeapi "github.com/docker/compose/v2/pkg/api"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
)

// helperDir is where a helper mounts a volume: in a folder of its own, since an
// engine passes the owner and mode of the folder over into which it unpacks.
const helperDir = "/devenv-snapshot"

// ReadVolume writes what is in a volume to w, as the engine packs it: one tar, with
// the volume as the folder "volume".
func (e *Engine) ReadVolume(ctx context.Context, v compose.Volume, h compose.Helper, w io.Writer) error {
	return e.help(ctx, v, h, func(id string) error {
		r, _, err := e.api.CopyFromContainer(ctx, id, path.Join(helperDir, "volume"))
		if err != nil {
			return e.wrap("read volume "+v.Name, err)
		}
		defer r.Close()
		_, err = io.Copy(w, r)
		return e.wrap("read volume "+v.Name, err)
	})
}

// WriteVolume fills an empty volume with what [Engine.ReadVolume] has written.
func (e *Engine) WriteVolume(ctx context.Context, v compose.Volume, h compose.Helper, r io.Reader) error {
	return e.help(ctx, v, h, func(id string) error {
		if err := e.mustBeEmpty(ctx, v, id); err != nil {
			return err
		}
		err := e.api.CopyToContainer(ctx, id, helperDir, r, container.CopyToContainerOptions{})
		return e.wrap("fill volume "+v.Name, err)
	})
}

// mustBeEmpty refuses a volume that keeps its files when it is removed, since its
// driver has them elsewhere.
func (e *Engine) mustBeEmpty(ctx context.Context, v compose.Volume, id string) error {
	r, _, err := e.api.CopyFromContainer(ctx, id, path.Join(helperDir, "volume"))
	if err != nil {
		return e.wrap("read volume "+v.Name, err)
	}
	defer r.Close()
	archive := tar.NewReader(r)
	for n := 0; ; n++ {
		_, err := archive.Next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return e.wrap("read volume "+v.Name, err)
		case n > 0:
			return fmt.Errorf("volume %s has kept its files though it was removed: empty it by hand", v.Name)
		}
	}
}

// help does something with a container that mounts a volume and is never started,
// and removes it in any case.
func (e *Engine) help(ctx context.Context, v compose.Volume, h compose.Helper, do func(id string) error) (err error) {
	labels := maps.Clone(h.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	labels[composeapi.ProjectLabel] = h.Project
	lasting, cancel := context.WithTimeout(context.WithoutCancel(ctx), hung) // of one that is broken off, nobody knows the ID
	defer cancel()
	made, err := e.api.ContainerCreate(lasting, &container.Config{
		Image: h.Image, Labels: labels, NetworkDisabled: true,
		Entrypoint: []string{helperDir}, // an image may have no command, and an engine wants one
	}, &container.HostConfig{
		NetworkMode: "none",
		Mounts: []mount.Mount{{
			Type: mount.TypeVolume, Source: v.Name, Target: path.Join(helperDir, "volume"),
			VolumeOptions: &mount.VolumeOptions{NoCopy: true},
		}},
	}, nil, nil, "")
	if err != nil {
		return e.wrap("make a container that mounts volume "+v.Name, err)
	}
	defer func() { err = errors.Join(err, e.discardOneOff(ctx, made.ID)) }()
	return do(made.ID)
}
