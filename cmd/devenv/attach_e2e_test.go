//go:build e2e

package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestUpAttachedShowsLogsAndStopsWithCtrlC reads the log from its first line on, and
// interrupts when the last one has come.
func TestUpAttachedShowsLogsAndStopsWithCtrlC(t *testing.T) {
	e := realEngine(t)
	project := uniqueProject()
	t.Cleanup(func() { remove(t, e, project) })
	dir := t.TempDir()
	write(t, filepath.Join(dir, "compose.yaml"), `
services:
  game:
    image: python:3.11-slim
    init: true
    command: [ sh, -c, 'echo the world begins; sleep 1; printf "\033[31mthe sun rises\n"; exec sleep 600' ]
`)
	p := newProgram(t, dir, "COMPOSE_PROJECT_NAME="+project)
	cmd := exec.CommandContext(t.Context(), p.path, "up", "--attach")
	cmd.Dir, cmd.Env = p.dir, p.env
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var heard strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		heard.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "the sun rises") {
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Error(err)
			}
		}
	}
	if code := exitOf(t, cmd.Wait()); code != 130 {
		t.Errorf("exit code %d, want 130", code)
	}
	if got := heard.String(); !strings.Contains(got, "game-1  | the world begins") || strings.Contains(got, "\x1b") {
		t.Errorf("heard %q", got)
	}
	if state := docker(t, "inspect", "-f", "{{.State.Status}}", project+"-game-1"); state != "exited" {
		t.Errorf("the game is %s, want it stopped and kept", state)
	}
}
