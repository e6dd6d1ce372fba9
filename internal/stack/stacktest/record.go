package stacktest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"devenv/compose"
)

// End stops containers and keeps them.
func (e *Engine) End(_ context.Context, containers []compose.Container) error {
	all := e.find(func(c *container) bool {
		return slices.ContainsFunc(containers, func(r compose.Container) bool { return r.ID == c.ID })
	})
	e.end(all)
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range all {
		e.calls = append(e.calls, "end "+c.Service)
	}
	return e.reachable()
}

// Record tells all there is of a container.
func (e *Engine) Record(_ context.Context, id string) (compose.Record, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.containers {
		if c.ID == id {
			return c.record(), e.reachable()
		}
	}
	return compose.Record{}, fmt.Errorf("no such container: %s", id)
}

func (c *container) record() compose.Record {
	inspect, _ := json.MarshalIndent(c.Container, "", "  ") // has nothing that is not JSON
	record := compose.Record{Inspect: inspect}
	if c.Health == compose.Healthy || c.Health == compose.Unhealthy {
		code := map[compose.Health]int{compose.Unhealthy: 1}[c.Health]
		record.Health = fmt.Sprintf("%s exit code %d after 0s\n  %s\n", c.Started.UTC().Format(time.RFC3339Nano), code, c.HealthLog)
	}
	var log strings.Builder
	for _, l := range c.log {
		fmt.Fprintf(&log, "%s %s\n", l.at.UTC().Format(time.RFC3339Nano), l.text)
	}
	record.Log = log.String()
	return record
}
