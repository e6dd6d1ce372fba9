package engine

import (
	"context"

	"devenv/compose"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
)

// End stops containers side by side, each in its own time of grace, and keeps
// them, so that they tell afterwards how they ended. The engine starts none of
// them again.
func (e *Engine) End(ctx context.Context, containers []compose.Container) error {
	return each(containers, func(c compose.Container) error {
		err := e.api.ContainerStop(ctx, c.ID, container.StopOptions{})
		if errdefs.IsNotFound(err) {
			return nil
		}
		return e.wrap("stop container "+c.Name, err)
	})
}
