package stacktest

import (
	"context"

	"devenv/compose"
)

// Inventory lists containers and volumes of all projects; each has a size of one byte.
func (e *Engine) Inventory(_ context.Context, sizes bool) ([]compose.Item, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	size := map[bool]int64{true: 1}[sizes]
	var items []compose.Item
	for _, c := range e.containers {
		seen := c.seen()
		items = append(items, compose.Item{Kind: compose.AContainer, Project: c.project, Labels: seen.Labels, State: c.State, Created: c.Started, Ports: seen.Ports, Size: size})
	}
	for _, v := range e.volumes {
		items = append(items, compose.Item{Kind: compose.AVolume, Project: v.project, Labels: v.labels, Size: size})
	}
	return items, e.reachable()
}
