//go:build e2e

package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const talker = `
services:
  game:
    image: python:3.11-slim
    init: true
    environment: { WORLD: "${WORLD:-midgaard}" }
    command: [ python3, -uc, "import os, time; print('in', os.environ['WORLD']); time.sleep(600)" ]
`

// projectOf is devenv in a folder with a compose file, which is taken down afterwards.
func projectOf(t *testing.T, text string) *program {
	t.Helper()
	e, project, dir := realEngine(t), uniqueProject(), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { remove(t, e, project) })
	return newProgram(t, dir, "COMPOSE_PROJECT_NAME="+project)
}

// A talk is a program that is talked to while it runs.
type talk struct {
	t     *testing.T
	cmd   *exec.Cmd
	keys  io.WriteCloser
	lines *bufio.Reader
	said  strings.Builder
}

// begin starts a program; what it says on stdout can be waited for.
func (p *program) begin(args ...string) *talk {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), args[0], args[1:]...)
	cmd.Dir, cmd.Env = p.dir, p.env
	keys, err := cmd.StdinPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	return &talk{t: p.t, cmd: cmd, keys: keys, lines: bufio.NewReader(out)}
}

// hear reads lines until one holds the words.
func (c *talk) hear(words string) {
	c.t.Helper()
	for {
		line, err := c.lines.ReadString('\n')
		c.said.WriteString(line)
		if strings.Contains(line, words) {
			return
		}
		if err != nil {
			c.t.Fatalf("never said %q: %v; said %q", words, err, c.said.String())
		}
	}
}

func (c *talk) press(keys string) {
	c.t.Helper()
	if _, err := io.WriteString(c.keys, keys); err != nil {
		c.t.Fatal(err)
	}
}

// end waits for the program, which must have this exit code.
func (c *talk) end(code int) {
	c.t.Helper()
	rest, _ := io.ReadAll(c.lines)
	c.said.Write(rest)
	if got := exitOf(c.t, c.cmd.Wait()); got != code {
		c.t.Errorf("exit code %d, want %d; said %q", got, code, c.said.String())
	}
}

func TestFollowedLogsGoOnOverARestartAndOverANewContainerUntilAnInterrupt(t *testing.T) {
	p := projectOf(t, talker)
	p.run(0, "up")
	logs := p.begin(p.path, "logs", "-f", "game")
	logs.hear("game-1  | in midgaard")
	p.run(0, "restart", "game")
	logs.hear("game-1  | in midgaard")
	p.env = append(p.env, "WORLD=thera")
	p.run(0, "up")
	logs.hear("game-1  | in thera")
	if err := logs.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	logs.end(130)
	if n := strings.Count(logs.said.String(), "in "); n != 3 {
		t.Errorf("%d lines, want each of 3 lives once: %q", n, logs.said.String())
	}
}

func TestFollowedLogsEndWhenAllHasEnded(t *testing.T) {
	p := projectOf(t, talker)
	p.run(0, "up")
	logs := p.begin(p.path, "logs", "--follow", "--format", "json")
	logs.hear(`"line":"in midgaard"`)
	p.run(0, "stop")
	logs.end(0)
}
