//go:build e2e

package main

import (
	"cmp"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const slowProject = `
services:
  game:
    build: .
    init: true
    command: sleep 600
    ports: [ { target: 4000, app_protocol: telnet } ]
    volumes: [ "world:/world" ]
    depends_on: { db: { condition: service_healthy } }
  db:
    image: python:3.11-slim
    init: true
    command: sleep 600
    healthcheck: { test: "sleep 1", interval: 1s }
volumes: { world: }
`

// slowly is a project that can be interrupted at each step.
func slowly(t *testing.T) (p *program, project string) {
	e := realEngine(t)
	project = uniqueProject()
	t.Cleanup(func() {
		remove(t, e, project)
		removeImages(project + "-game:_last")
	})
	dir := t.TempDir()
	for name, text := range map[string]string{
		"compose.yaml": slowProject,
		"Dockerfile":   "FROM python:3.11-slim\nRUN echo " + project + " && sleep 1\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return newProgram(t, dir, "COMPOSE_PROJECT_NAME="+project), project
}

func leftOf(t *testing.T, project string) (containers, volumes string) {
	label := "label=com.docker.compose.project=" + project
	return docker(t, "ps", "-aq", "--filter", label) + docker(t, "network", "ls", "-q", "--filter", label),
		docker(t, "volume", "ls", "-q", "--filter", label)
}

func TestAnInterruptAtAnyStepTakesBackWhatWasCreatedAndKeepsVolumes(t *testing.T) {
	p, project := slowly(t)
	for _, step := range []string{"building game", "starting ", "Container ", "db: running, waiting for its healthcheck", "game: running, waiting for its greeting"} {
		for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
			ended := p.interrupt(signal, []string{step}, "up")
			if ended.code != 130 || !strings.Contains(ended.stderr, "devenv: interrupted") {
				t.Errorf("%v at %q: exit code %d, want 130\n%s", signal, step, ended.code, ended.stderr)
			}
			if left, _ := leftOf(t, project); left != "" {
				t.Errorf("%v at %q: left: %s", signal, step, left)
			}
		}
		if step == "building game" {
			p.env = append(p.env, "DEVENV_PROFILE=prod") // from here on, another image: it is built once
		}
	}
	if _, volumes := leftOf(t, project); volumes == "" {
		t.Error("the volume is gone")
	}
}

func TestASecondInterruptEndsAtOnce(t *testing.T) {
	p, project := slowly(t)
	ended := p.interrupt(os.Interrupt, []string{"db: running", "taking back"}, "up")
	if ended.code != 130 || strings.Contains(ended.stderr, "devenv: interrupted") {
		t.Errorf("exit code %d, want 130 without an end of the clean-up\n%s", ended.code, ended.stderr)
	}
	if left, _ := leftOf(t, project); left == "" {
		t.Error("it went on cleaning up")
	}
}

func TestAnInterruptWithKeepKeepsWhatWasCreated(t *testing.T) {
	p, project := slowly(t)
	ended := p.interrupt(os.Interrupt, []string{"db: running"}, "up", "--keep")
	if left, _ := leftOf(t, project); ended.code != 130 || left == "" {
		t.Errorf("exit code %d, left %q", ended.code, left)
	}
}

// TestAnEngineThatGoesAwayDuringUp cuts the connection to the engine in the
// middle of a wait; the next up finds all as it was and goes on.
func TestAnEngineThatGoesAwayDuringUp(t *testing.T) {
	p, project := slowly(t)
	proxy := newProxy(t)
	env := p.env
	p.env = append(p.env, "DOCKER_HOST=unix://"+proxy.path)
	ended := p.follow("db: running, waiting for its healthcheck", proxy.cut, "up", "--keep")
	if ended.code != 4 || !strings.Contains(ended.stderr, "engine") || !strings.Contains(ended.stderr, "hint:") {
		t.Errorf("exit code %d, want 4\n%s", ended.code, ended.stderr)
	}
	p.env = env
	ended = p.follow("game: running, waiting for its greeting", func() {}, "up", "--timeout", "8s")
	if ended.code != 6 { // it never greets; all else has gone on
		t.Errorf("exit code %d, want 6\n%s", ended.code, ended.stderr)
	}
	if containers, _ := leftOf(t, project); containers == "" {
		t.Error("nothing is there")
	}
}

// A proxy stands before the engine's socket.
type proxy struct {
	path     string
	listener net.Listener
	conns    chan net.Conn
}

func newProxy(t *testing.T) *proxy {
	t.Helper()
	dir, err := os.MkdirTemp("", "devenv") // short: a socket's path has few bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &proxy{path: filepath.Join(dir, "engine.sock"), conns: make(chan net.Conn, 1000)}
	if p.listener, err = net.Listen("unix", p.path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.cut)
	go p.serve()
	return p
}

func (p *proxy) serve() {
	for {
		front, err := p.listener.Accept()
		if err != nil {
			return
		}
		back, err := net.Dial("unix", engineSocket())
		if err != nil {
			front.Close()
			continue
		}
		p.conns <- front
		go func() { io.Copy(back, front); back.(*net.UnixConn).CloseWrite() }()
		go func() { io.Copy(front, back); front.Close() }()
	}
}

// cut ends all connections, and lets in no more.
func (p *proxy) cut() {
	p.listener.Close()
	for {
		select {
		case conn := <-p.conns:
			conn.Close()
		default:
			return
		}
	}
}

// engineSocket is that of the engine the tests run on.
func engineSocket() string {
	return strings.TrimPrefix(cmp.Or(os.Getenv("DOCKER_HOST"), "unix:///var/run/docker.sock"), "unix://")
}
