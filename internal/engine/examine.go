package engine

import (
	"bytes"
	"context"
	"fmt"
	"io"
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
	code, text, err := e.exec(ctx, id, command)
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
func (e *Engine) exec(ctx context.Context, id string, command []string) (code int, output string, err error) {
	made, err := e.api.ContainerExecCreate(ctx, id, container.ExecOptions{Cmd: command, AttachStdout: true, AttachStderr: true})
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
	var text bytes.Buffer
	if _, err := stdcopy.StdCopy(&text, &text, io.LimitReader(attached.Reader, healthOutput)); err != nil && ctx.Err() != nil {
		return 0, "", ctx.Err()
	}
	ended, err := e.api.ContainerExecInspect(ctx, made.ID)
	if err != nil {
		return 0, "", err
	}
	if ended.Running {
		return -1, plainText(strings.TrimSpace(text.String())), nil
	}
	return ended.ExitCode, plainText(strings.TrimSpace(text.String())), nil
}
