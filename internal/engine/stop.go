package engine

import (
	"context"
	"fmt"

	"devenv/compose"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/containerd/errdefs"
	"github.com/docker/compose/v2/pkg/progress"
	"github.com/docker/docker/api/types/container"
)

// hooks are what the author wants to have run in a container before it stops.
func hooks(model *types.Project, service string) []types.ServiceHook {
	if model == nil {
		return nil
	}
	return model.Services[service].PreStop
}

// stop runs the hooks of a running container and stops it. Hooks that fail leave it as
// it is, with a [HookError].
func (e *Engine) stop(ctx context.Context, c container.Summary, hooks []types.ServiceHook, o container.StopOptions) error {
	tell, name := progress.ContextWriter(ctx), "Container "+nameOf(c.Names)
	tell.Event(progress.StoppingEvent(name))
	for _, hook := range hooks {
		if c.State != string(compose.Running) {
			break
		}
		code, output, err := e.exec(ctx, c.ID, container.ExecOptions{
			Cmd: hook.Command, User: hook.User, Privileged: hook.Privileged, WorkingDir: hook.WorkingDir,
			Env: hook.Environment.ToMapping().Values(),
		})
		if err == nil && code != 0 {
			err = fmt.Errorf("exit code %d: %s", code, output)
		}
		if err != nil && !gone(err) {
			return &HookError{Container: nameOf(c.Names), Err: err}
		}
	}
	if err := e.api.ContainerStop(ctx, c.ID, o); err != nil && !errdefs.IsNotFound(err) {
		tell.Event(progress.ErrorMessageEvent(name, "Error while Stopping"))
		return fmt.Errorf("stop container %s: %w", nameOf(c.Names), err)
	}
	tell.Event(progress.StoppedEvent(name))
	return nil
}

// HookError is a pre_stop hook that failed, so that its container was left as it was.
type HookError struct {
	Container string
	Err       error
}

func (e *HookError) Error() string {
	return fmt.Sprintf("pre_stop hook of container %s: %v", e.Container, e.Err)
}

func (e *HookError) Unwrap() error { return e.Err }

// Hint says how to do without.
func (e *HookError) Hint() string {
	return "correct the hook, or stop the container without it (`docker stop " + e.Container + "`), and run `devenv down` again"
}
