package stack

import (
	"context"

	"devenv/compose"
)

// A Lister lists the containers and volumes of all projects, with their sizes only
// where they are asked for.
type Lister interface {
	Inventory(ctx context.Context, sizes bool) ([]compose.Item, error)
}

// List is every project on this engine.
func (s Stack) List(ctx context.Context, sizes bool) ([]compose.Environment, error) {
	items, err := s.Engine.Inventory(ctx, sizes)
	return compose.Environments(items), err
}
