package engine

import (
	"context"

	"github.com/containerd/errdefs"
)

// Sizes are the sizes in bytes of the local images among refs, with all that they
// are made of; what is not there is left out.
func (e *Engine) Sizes(ctx context.Context, refs []string) (map[string]int64, error) {
	sizes := map[string]int64{}
	for _, ref := range refs {
		found, err := e.api.ImageInspect(ctx, ref)
		if errdefs.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, e.wrap("look for image "+ref, err)
		}
		sizes[ref] = found.Size
	}
	return sizes, nil
}
