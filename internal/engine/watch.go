package engine

import (
	"archive/tar"
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"devenv/compose"

	"github.com/containerd/errdefs"
	composeapi "github.com/docker/compose/v2/pkg/api"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
)

// Replace creates what is missing of services and replaces their containers that no
// longer fit, those of no other. It starts nothing. The images of what it has replaced
// go, where they were built here and have no name any more.
func (e *Engine) Replace(ctx context.Context, plan *compose.Plan, services []string) error {
	before, err := e.Containers(ctx, plan.Project)
	if err != nil {
		return err
	}
	err = e.compose.Create(ctx, labelled(plan.Model), composeapi.CreateOptions{
		Services:             services,
		Recreate:             composeapi.RecreateDiverged,
		RecreateDependencies: composeapi.RecreateNever,
		Inherit:              true,
		IgnoreOrphans:        true,
		QuietPull:            true,
	})
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		e.tidy(ctx, before, services)
	}
	if err == nil {
		err = e.own(ctx, plan)
	}
	return e.wrap("replace "+strings.Join(services, ", "), e.pools(ctx, err))
}

// tidy removes images that nothing names and nothing runs, after many a rebuild. One
// that the engine keeps is no fault.
func (e *Engine) tidy(ctx context.Context, before []compose.Container, services []string) {
	for _, c := range before {
		if !slices.Contains(services, c.Service) || c.Labels[compose.LabelDigest] == "" {
			continue
		}
		found, err := e.api.ImageInspect(ctx, c.ImageID)
		if err == nil && len(found.RepoTags)+len(found.RepoDigests) == 0 {
			_, _ = e.api.ImageRemove(ctx, c.ImageID, image.RemoveOptions{PruneChildren: true})
		}
	}
}

// Sync brings files into a container, in one archive, and takes others away. They
// belong to whom the place that they come to belongs. left says why what is gone
// here is still there; "" where it is not.
func (e *Engine) Sync(ctx context.Context, c compose.Container, what compose.Copying) (left string, err error) {
	if len(what.Files) > 0 {
		if err := e.copyIn(ctx, c, what); err != nil {
			return "", e.wrap(fmt.Sprintf("copy to %s of container %s", what.Target, c.Name), err)
		}
	}
	if len(what.Gone) == 0 {
		return "", nil
	}
	return e.takeAway(ctx, c, what.Gone)
}

func (e *Engine) copyIn(ctx context.Context, c compose.Container, what compose.Copying) error {
	folder := what.Folder()
	if err := e.makeFolder(ctx, c.ID, folder); err != nil {
		return err
	}
	owner, err := e.ownerOf(ctx, c.ID, what.Target)
	if errdefs.IsNotFound(err) {
		owner, err = e.ownerOf(ctx, c.ID, folder)
	}
	if err != nil {
		return err
	}
	r, w := io.Pipe()
	packed := make(chan error, 1)
	go func() {
		err := what.Tar(w, owner)
		w.CloseWithError(err)
		packed <- err
	}()
	err = e.api.CopyToContainer(ctx, c.ID, folder, r, container.CopyToContainerOptions{AllowOverwriteDirWithFile: true})
	r.Close()
	if packing := <-packed; packing != nil && err == nil {
		return packing
	}
	return err
}

// ownerOf is to whom a file or folder of a container belongs. Only the beginning of
// the archive that tells it is read.
func (e *Engine) ownerOf(ctx context.Context, id, name string) (compose.Owner, error) {
	archive, _, err := e.api.CopyFromContainer(ctx, id, name)
	if err != nil {
		return compose.Owner{}, err
	}
	defer archive.Close()
	header, err := tar.NewReader(archive).Next()
	if err != nil {
		return compose.Owner{}, fmt.Errorf("look at %s: %w", name, err)
	}
	return compose.Owner{User: header.Uid, Group: header.Gid}, nil
}

// takeAway deletes files and folders of a container by its own means: engines have
// none.
func (e *Engine) takeAway(ctx context.Context, c compose.Container, names []string) (left string, err error) {
	if c.State != compose.Running {
		return "it does not run", nil
	}
	rm, err := e.Find(ctx, c, "rm")
	if err != nil {
		return "", err
	}
	if rm == "" {
		return "its image has no rm", nil
	}
	for some := range slices.Chunk(names, mostNames) {
		var said []string
		command := compose.Command{Args: append([]string{rm, "-rf", "--"}, some...), User: "0"}
		code, err := e.Hook(ctx, c, command, func(line string) { said = append(said, line) })
		if err != nil {
			return "", err
		}
		if code != 0 {
			return fmt.Sprintf("rm ended with exit code %d: %s", code, strings.Join(said, "; ")), nil
		}
	}
	return "", nil
}

// mostNames keeps a command line far below what kernels allow.
const mostNames = 200

// Hook runs a command in a running container and hands each line that it prints, as
// plain text.
func (e *Engine) Hook(ctx context.Context, c compose.Container, command compose.Command, each func(line string)) (code int, err error) {
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		eachLine(r, each)
	}()
	code, err = e.Exec(ctx, c, command, compose.Streams{Out: w, Err: w})
	w.Close()
	<-done
	return code, err
}

// eachLine hands on the lines of a stream to its end; a very long one as several.
func eachLine(r io.Reader, each func(line string)) {
	in := bufio.NewReaderSize(r, longestLine)
	for {
		line, _, err := in.ReadLine()
		if err != nil {
			return
		}
		each(Plain(string(line)))
	}
}
