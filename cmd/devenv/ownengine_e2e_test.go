//go:build e2e

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// An ownEngine is a Docker Engine of a test's own, with few addresses for networks. It
// has namespaces of its own, as on another machine: when it is killed, so is all that
// it runs, and its networks are gone.
type ownEngine struct {
	t      *testing.T
	dir    string
	host   string
	daemon *exec.Cmd
}

func newOwnEngine(t *testing.T) *ownEngine {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can start an engine: run the tests as root to see this one")
	}
	dir, err := os.MkdirTemp("", "devenv") // short: a socket's path has few bytes
	if err != nil {
		t.Fatal(err)
	}
	o := &ownEngine{t: t, dir: dir, host: "unix://" + filepath.Join(dir, "engine.sock")}
	t.Cleanup(o.end)
	o.start()
	return o
}

// start starts the engine, and waits until it answers.
func (o *ownEngine) start() {
	o.t.Helper()
	at := func(name string) string { return filepath.Join(o.dir, name) }
	log, err := os.OpenFile(at("log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		o.t.Fatal(err)
	}
	defer log.Close()
	os.Remove(at("pid")) // a killed engine leaves it, and one for its containerd, which dies with it
	os.RemoveAll(at("exec"))
	o.daemon = exec.Command("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
		"sh", "-c", `ip link set lo up; exec dockerd "$@"`, "dockerd", "--host", o.host, "--data-root", at("data"), "--exec-root", at("exec"), "--pidfile", at("pid"),
		"--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--default-address-pool", "base=10.213.0.0/26,size=28")
	o.daemon.Stdout, o.daemon.Stderr = log, log
	if err := o.daemon.Start(); err != nil {
		o.t.Fatal(err)
	}
	for limit := time.Now().Add(time.Minute); exec.Command("docker", "-H", o.host, "version").Run() != nil; {
		if time.Now().After(limit) {
			text, _ := os.ReadFile(at("log"))
			o.t.Fatalf("the engine does not answer:\n%s", text)
		}
	}
}

// docker runs the docker command on the engine.
func (o *ownEngine) docker(args ...string) string {
	o.t.Helper()
	return docker(o.t, append([]string{"-H", o.host}, args...)...)
}

// takes has the engine take over an image of the machine's.
func (o *ownEngine) takes(image string) {
	o.t.Helper()
	if out, err := exec.Command("sh", "-c", `docker save "$1" | docker -H "$2" load`, "sh", image, o.host).CombinedOutput(); err != nil {
		o.t.Fatalf("%v\n%s", err, out)
	}
}

// kill kills the engine with all that it runs, as a power failure does.
func (o *ownEngine) kill() {
	if err := o.daemon.Process.Kill(); err != nil {
		o.t.Error(err)
	}
	_ = o.daemon.Wait()
}

func (o *ownEngine) end() {
	o.kill()
	if err := os.RemoveAll(o.dir); err != nil {
		o.t.Errorf("remove the engine: %v", err)
	}
}

// restarting is a project whose containers come back with the engine.
const restarting = `
services:
  game:
    image: python:3.11-slim
    init: true
    restart: always
    command: sleep 600
    ports: [ { target: 4000, app_protocol: telnet } ]
    volumes: [ "world:/world", /anonymous ]
volumes: { world: }
`

// TestWhatAKilledEngineLeavesIsSweptUp kills the engine in the middle of a smoke run,
// which can take nothing down then; its containers come back with the engine, and one
// gc removes all.
func TestWhatAKilledEngineLeavesIsSweptUp(t *testing.T) {
	o := newOwnEngine(t)
	o.takes("python:3.11-slim")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "compose.yaml"), restarting)
	p := newProgram(t, dir, "DOCKER_HOST="+o.host, "COMPOSE_PROJECT_NAME=mud")
	ended := p.follow("game: running, waiting for its greeting", o.kill, "smoke")
	if ended.code != 4 {
		t.Errorf("exit code %d, want 4\n%s", ended.code, ended.stderr)
	}
	o.start()
	if o.docker("ps", "-aq") == "" {
		t.Error("nothing is left to sweep up")
	}
	p.run(0, "gc")
	if left := o.docker("ps", "-aq") + o.docker("volume", "ls", "-q") + o.docker("network", "ls", "-q", "--filter", "type=custom"); left != "" {
		t.Errorf("left: %s", left)
	}
}

func TestWhenAddressesRunOutTheCulpritsAreNamed(t *testing.T) {
	o := newOwnEngine(t)
	for _, name := range []string{"a", "b", "c", "d"} {
		o.docker("network", "create", "--label", "com.docker.compose.project=hoarder", name)
	}
	o.takes("python:3.11-slim")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "compose.yaml"), restarting)
	p := newProgram(t, dir, "DOCKER_HOST="+o.host, "COMPOSE_PROJECT_NAME=mud")
	ended := p.run(5, "smoke")
	for _, want := range []string{"no addresses left", "project hoarder (4, without a container", "devenv gc"} {
		if !strings.Contains(ended.stderr, want) {
			t.Errorf("the story does not say %q:\n%s", want, ended.stderr)
		}
	}
}
