package engine

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"devenv/compose"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
)

// upload copies into the containers that are new what the plan wants in them,
// before they are started. One that could not be filled, or whose creation ended
// with an error, is removed, so that the next Create does not find it again.
func (e *Engine) upload(ctx context.Context, plan *compose.Plan, before []compose.Container, created error) error {
	if len(plan.Uploads) == 0 {
		return created
	}
	lasting := context.WithoutCancel(ctx)
	after, err := e.Containers(lasting, plan.Project)
	if err != nil {
		return errors.Join(created, err)
	}
	fresh := unfilled(plan.Uploads, before, after)
	if created == nil {
		created = each(fresh, func(c compose.Container) error { return e.fill(ctx, c, plan.Uploads) })
	}
	if created != nil {
		return errors.Join(created, each(fresh, func(c compose.Container) error {
			// It has never run, so nothing is in its volumes that anybody has made.
			return e.wrap("remove container "+c.Name, e.api.ContainerRemove(lasting, c.ID, container.RemoveOptions{Force: true, RemoveVolumes: true}))
		}))
	}
	return nil
}

// unfilled are the containers that are there only now, and are to be filled.
func unfilled(uploads []compose.Upload, before, after []compose.Container) []compose.Container {
	var fresh []compose.Container
	for _, c := range after {
		old := slices.ContainsFunc(before, func(b compose.Container) bool { return b.ID == c.ID })
		wanted := slices.ContainsFunc(uploads, func(u compose.Upload) bool { return u.Service == c.Service })
		if !old && wanted {
			fresh = append(fresh, c)
		}
	}
	return fresh
}

// fill does the uploads of a container one after the other: a later one may lie
// within an earlier one.
func (e *Engine) fill(ctx context.Context, c compose.Container, uploads []compose.Upload) error {
	for _, u := range uploads {
		if u.Service != c.Service {
			continue
		}
		if err := e.send(ctx, c.ID, u); err != nil {
			return e.wrap(fmt.Sprintf("copy %s to %s of container %s", u.Source, u.Target, c.Name), err)
		}
	}
	return nil
}

func (e *Engine) send(ctx context.Context, id string, u compose.Upload) error {
	info, err := os.Stat(u.Source)
	if err != nil {
		return err
	}
	folder := path.Clean(u.Target)
	if !info.IsDir() {
		folder = path.Dir(folder)
	}
	if err := e.makeFolder(ctx, id, folder); err != nil {
		return err
	}
	if info.IsDir() {
		if err := e.passOn(ctx, id, folder, info); err != nil {
			return err
		}
	}
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := u.Tar(w)
		w.CloseWithError(err)
		ended <- err
	}()
	err = e.api.CopyToContainer(ctx, id, folder, r, container.CopyToContainerOptions{})
	r.Close()
	if packing := <-ended; packing != nil && !errors.Is(packing, io.ErrClosedPipe) {
		return packing
	}
	return err
}

// passOn gives a folder of a container the mode and owner of one of this machine,
// where the root of the container can be written to.
func (e *Engine) passOn(ctx context.Context, id, folder string, info fs.FileInfo) error {
	c, err := e.api.ContainerInspect(ctx, id)
	if err != nil || folder == "/" || c.HostConfig.ReadonlyRootfs {
		return err
	}
	header, err := tar.FileInfoHeader(info, "")
	if err != nil {
		return err
	}
	return e.sendTop(ctx, id, folder, header)
}

// makeFolder makes a folder of a container, and those that it lies in. Only what
// is missing is written: the root of a container may be for reading only, and the
// folder in a volume.
func (e *Engine) makeFolder(ctx context.Context, id, folder string) error {
	there := folder
	for ; there != "/"; there = path.Dir(there) {
		_, err := e.api.ContainerStatPath(ctx, id, there)
		if err == nil {
			break
		}
		if !errdefs.IsNotFound(err) {
			return err
		}
	}
	if there == folder {
		return nil
	}
	var each []*tar.Header
	names := strings.Split(strings.Trim(strings.TrimPrefix(folder, there), "/"), "/")
	for i := range names {
		each = append(each, &tar.Header{Typeflag: tar.TypeDir, Name: path.Join(names[:i+1]...) + "/", Mode: 0o755})
	}
	text, err := packed(each...)
	if err != nil {
		return err
	}
	return e.api.CopyToContainer(ctx, id, there, text, container.CopyToContainerOptions{})
}

// packed is a tar of folders.
func packed(folders ...*tar.Header) (io.Reader, error) {
	var text bytes.Buffer
	packer := tar.NewWriter(&text)
	for _, folder := range folders {
		if err := packer.WriteHeader(folder); err != nil {
			return nil, err
		}
	}
	return &text, packer.Close()
}
