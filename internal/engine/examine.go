package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"
)

// What Docker does with a healthcheck that does not say.
const (
	healthTimeout = 30 * time.Second
	healthOutput  = 4 << 10
)

// Examine runs the healthcheck of a running container once, as Docker would: the
// command that its author wrote, in the container, with its time-out. Nothing of
// the container is changed by it. The output is plain text.
func (e *Engine) Examine(ctx context.Context, id string) (healthy bool, output string, err error) {
	c, err := e.api.ContainerInspect(ctx, id)
	if err != nil {
		return false, "", e.wrap("inspect container "+id, err)
	}
	command := healthCommand(c.Config)
	if command == nil {
		return false, "", fmt.Errorf("container %s has no healthcheck", c.Name)
	}
	timeout := healthTimeout
	if t := c.Config.Healthcheck.Timeout; t > 0 {
		timeout = t
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	code, text, err := e.exec(ctx, id, container.ExecOptions{Cmd: command})
	if err != nil {
		return false, "", e.wrap("run the healthcheck of container "+c.Name, err)
	}
	return code == 0, text, nil
}

// healthCommand is the command of a healthcheck; nil is none.
func healthCommand(c *container.Config) []string {
	if c.Healthcheck == nil || len(c.Healthcheck.Test) < 2 {
		return nil
	}
	test := c.Healthcheck.Test
	switch test[0] {
	case "CMD":
		return test[1:]
	case "CMD-SHELL":
		shell := []string(c.Shell)
		if len(shell) == 0 {
			shell = []string{"/bin/sh", "-c"}
		}
		return append(shell[:len(shell):len(shell)], test[1:]...)
	}
	return nil
}

// exec runs a command in a container to its end.
func (e *Engine) exec(ctx context.Context, id string, o container.ExecOptions) (code int, output string, err error) {
	o.AttachStdout, o.AttachStderr = true, true
	made, err := e.api.ContainerExecCreate(ctx, id, o)
	if err != nil {
		return 0, "", err
	}
	attached, err := e.api.ContainerExecAttach(ctx, made.ID, container.ExecAttachOptions{})
	if err != nil {
		return 0, "", err
	}
	defer attached.Close()
	stop := context.AfterFunc(ctx, attached.Close)
	defer stop()
	var text beginning
	if _, err := stdcopy.StdCopy(&text, &text, attached.Reader); err != nil && ctx.Err() != nil {
		return 0, "", ctx.Err()
	}
	ended, err := e.api.ContainerExecInspect(ctx, made.ID)
	if err != nil {
		return 0, "", err
	}
	if ended.Running {
		return -1, plainText(strings.TrimSpace(string(text))), nil
	}
	return ended.ExitCode, plainText(strings.TrimSpace(string(text))), nil
}

// A beginning keeps what is written first, up to healthOutput.
type beginning []byte

func (b *beginning) Write(p []byte) (int, error) {
	*b = append(*b, p[:min(len(p), healthOutput-len(*b))]...)
	return len(p), nil
}
