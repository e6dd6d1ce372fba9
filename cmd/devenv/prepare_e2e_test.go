//go:build e2e

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

const slowPrepare = `
services:
  game:
    image: python:3.11-slim
    init: true
    read_only: true
    command: sleep 600
    x-devenv: { prepare: [ { name: migrate, command: "sh -c 'echo begun; sleep 600'" } ] }
`

func TestAnInterruptedPrepareLeavesNoContainer(t *testing.T) {
	e := realEngine(t)
	project := uniqueProject()
	t.Cleanup(func() { remove(t, e, project) })
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(slowPrepare), 0o644); err != nil {
		t.Fatal(err)
	}
	p := newProgram(t, dir, "COMPOSE_PROJECT_NAME="+project)
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		ended := p.interrupt(signal, []string{"game migrate | begun"}, "up")
		if ended.code != 130 {
			t.Errorf("%v: exit code %d, want 130\n%s", signal, ended.code, ended.stderr)
		}
		if containers, volumes := leftOf(t, project); containers+volumes != "" {
			t.Errorf("%v: left: %s %s", signal, containers, volumes)
		}
		ended = p.interrupt(signal, []string{"game migrate | begun"}, "up", "--keep")
		if left := docker(t, "ps", "-aq", "--filter", "label=com.docker.compose.project="+project, "--filter", "label=com.docker.compose.oneoff=True"); ended.code != 130 || left != "" {
			t.Errorf("%v with --keep: exit code %d, left: %s\n%s", signal, ended.code, left, ended.stderr)
		}
		remove(t, e, project)
	}
}
