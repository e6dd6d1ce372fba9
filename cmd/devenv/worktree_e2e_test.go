//go:build e2e

package main

import (
	"context"
	"strings"
	"testing"

	"devenv/compose"
	"devenv/internal/engine"
)

// removeAll takes a project down, and those that its worktrees have made of its name.
func removeAll(t *testing.T, e *engine.Engine, project string) {
	items, err := e.Inventory(context.Background(), false)
	if err != nil {
		t.Errorf("clean up: %v", err)
	}
	for _, one := range compose.Environments(items) {
		if strings.HasPrefix(one.Project, project+"-") {
			remove(t, e, one.Project)
		}
	}
	remove(t, e, project)
}
