package engine

import (
	"context"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"devenv/compose"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"
)

// detachKeys are what nobody types. An engine would hold back each Ctrl-P else, which
// shells have for the line before, since it begins those that detach.
const detachKeys = "ctrl-^,ctrl-@,ctrl-^"

// Exec runs a command in a running container to its end, and returns its exit
// code. It is not ended with ctx: the engine has no way to.
func (e *Engine) Exec(ctx context.Context, c compose.Container, command compose.Command, s compose.Streams) (code int, err error) {
	made, err := e.api.ContainerExecCreate(ctx, c.ID, container.ExecOptions{
		Cmd: command.Args, User: command.User, WorkingDir: command.Dir, Env: command.Env, Tty: command.Terminal,
		AttachStdin: s.In != nil, AttachStdout: true, AttachStderr: true, DetachKeys: detachKeys,
	})
	if err != nil {
		return 0, e.wrap("exec in container "+c.Name, err)
	}
	attached, err := e.api.ContainerExecAttach(ctx, made.ID, container.ExecAttachOptions{Tty: command.Terminal})
	if err != nil {
		return 0, e.wrap("exec in container "+c.Name, err)
	}
	defer attached.Close()
	resizing, cancel := context.WithCancel(ctx)
	defer cancel()
	go resize(resizing, s.Sizes, func(o container.ResizeOptions) error { return e.api.ContainerExecResize(resizing, made.ID, o) })
	if err := carry(ctx, attached, s, command.Terminal); err != nil {
		return 0, e.wrap("exec in container "+c.Name, err)
	}
	ended, err := e.api.ContainerExecInspect(ctx, made.ID)
	if err != nil {
		return 0, e.wrap("exec in container "+c.Name, err)
	}
	if ended.Running {
		return 0, fmt.Errorf("exec in container %s: the connection broke off; the command may still run", c.Name)
	}
	return ended.ExitCode, nil
}

// carry takes input to a process and its output away, until the latter ends.
func carry(ctx context.Context, attached types.HijackedResponse, s compose.Streams, terminal bool) error {
	stop := context.AfterFunc(ctx, attached.Close)
	defer stop()
	if s.In != nil {
		go func() { // a read from a terminal cannot be ended; the program does
			_, _ = io.Copy(attached.Conn, s.In)
			_ = attached.CloseWrite()
		}()
	}
	var err error
	if terminal {
		_, err = io.Copy(s.Out, attached.Reader)
	} else {
		_, err = stdcopy.StdCopy(s.Out, s.Err, attached.Reader)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// resize passes the size of a terminal on, until ctx ends. The first one may come
// before the process has begun, which engines refuse; it is offered again then.
func resize(ctx context.Context, sizes <-chan compose.Size, set func(container.ResizeOptions) error) {
	for {
		select {
		case <-ctx.Done():
			return
		case size := <-sizes:
			o := container.ResizeOptions{Width: size.Width, Height: size.Height}
			for n := 1; set(o) != nil && n <= 10 && ctx.Err() == nil; n++ {
				time.Sleep(time.Duration(n) * 10 * time.Millisecond)
			}
		}
	}
}

// searchPath is where programs are looked for in a container that does not say.
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Find is where a container has a program, or "". Nothing is run for it, so that
// it works where there is no shell.
func (e *Engine) Find(ctx context.Context, c compose.Container, program string) (string, error) {
	seen, err := e.api.ContainerInspect(ctx, c.ID)
	if err != nil {
		return "", e.wrap("inspect container "+c.Name, err)
	}
	dirs := searchPath
	for _, kv := range seen.Config.Env {
		if value, ok := strings.CutPrefix(kv, "PATH="); ok {
			dirs = value
		}
	}
	for _, dir := range strings.Split(dirs, ":") {
		file := path.Join("/", dir, program)
		there, err := e.runnable(ctx, c, file)
		if there || err != nil {
			return file, err
		}
	}
	return "", nil
}

// runnable tells whether a file is a program, or a link to one.
func (e *Engine) runnable(ctx context.Context, c compose.Container, file string) (bool, error) {
	stat, err := e.api.ContainerStatPath(ctx, c.ID, file)
	if err == nil && stat.LinkTarget != "" {
		stat, err = e.api.ContainerStatPath(ctx, c.ID, stat.LinkTarget)
	}
	if errdefs.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, e.wrap("look for "+file+" in container "+c.Name, err)
	}
	return stat.Mode.IsRegular() && stat.Mode&0o111 != 0, nil
}
