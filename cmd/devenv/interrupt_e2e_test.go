//go:build e2e

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const silentGame = `
services:
  game:
    image: python:3.11-slim
    init: true
    command: sleep 600
    ports: [ { target: 4000, app_protocol: telnet } ]
    volumes: [ "world:/world" ]
volumes: { world: }
`

func TestInterruptedUpTakesBackWhatItStartedAndKeepsVolumes(t *testing.T) {
	e := realEngine(t)
	project := uniqueProject()
	t.Cleanup(func() { remove(t, e, project) })
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(silentGame), 0o644); err != nil {
		t.Fatal(err)
	}
	p := newProgram(t, dir, "COMPOSE_PROJECT_NAME="+project)

	ended := p.interrupt("waiting for its greeting", os.Interrupt, "up")
	if ended.code != 130 || !strings.Contains(ended.stderr, "taking back what was started; volumes stay") {
		t.Errorf("exit code %d, want 130\n%s", ended.code, ended.stderr)
	}
	label := "label=com.docker.compose.project=" + project
	if left := docker(t, "ps", "-aq", "--filter", label); left != "" {
		t.Errorf("containers left: %s", left)
	}
	if volumes := docker(t, "volume", "ls", "-q", "--filter", label); volumes == "" {
		t.Error("the volume is gone")
	}
}
