//go:build e2e

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"devenv/compose"
	"devenv/internal/engine"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestEngineScripts runs the promises of the commands on a real engine, each
// script with a project of its own, which is taken down afterwards.
func TestEngineScripts(t *testing.T) {
	e := realEngine(t)
	params := scriptParams("testdata/e2e")
	params.Cmds["freeport"] = freePort
	params.Cmds["taken"] = takePort
	params.Setup = func(env *testscript.Env) error {
		project := uniqueProject()
		env.Setenv("PROJECT", project)
		env.Setenv("COMPOSE_PROJECT_NAME", project)
		env.Setenv("FIXTURES", fixtures(t))
		env.Setenv("DOCKER_CONFIG", composePlugin(t))
		env.Setenv("DOCKER_HOST", os.Getenv("DOCKER_HOST"))
		env.Defer(func() { removeAll(t, e, project) })
		return nil
	}
	testscript.Run(t, params)
}

// realEngine fails the test where no engine answers: what needs one is never
// skipped.
func realEngine(t *testing.T) *engine.Engine {
	t.Helper()
	e, err := engine.New(t.Context(), engine.Options{Log: io.Discard, Progress: engine.Quiet})
	if err != nil {
		t.Fatalf("%v\nthis test needs a Docker Engine: run `task engine images`", err)
	}
	return e
}

func remove(t *testing.T, e *engine.Engine, project string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := e.Down(ctx, &compose.Plan{Project: project}, compose.RemoveVolumes); err != nil {
		t.Errorf("clean up: %v", err)
	}
}

// composePlugin is a docker configuration in which `docker compose` exists.
func composePlugin(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("sh", filepath.Join(fixtures(t), "engine", "compose-plugin.sh")).Output()
	if err != nil {
		t.Fatalf("docker compose as a peer: %v", err)
	}
	return strings.TrimSpace(string(out))
}

var projects atomic.Int64

func uniqueProject() string {
	return fmt.Sprintf("devenv-e2e-%x-%d", os.Getpid(), projects.Add(1))
}

// freePort puts free ports of this machine into variables: freeport PORT ADMIN
func freePort(ts *testscript.TestScript, neg bool, args []string) {
	ports, err := findPorts(len(args))
	ts.Check(err)
	for i, name := range args {
		ts.Setenv(name, ports[i])
	}
}

// findPorts finds ports that are free now; all are held until all are found.
func findPorts(n int) ([]string, error) {
	var ports []string
	for range n {
		l, err := net.Listen("tcp", "0.0.0.0:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		ports = append(ports, port)
	}
	return ports, nil
}

func freePorts(t *testing.T, n int) []string {
	t.Helper()
	ports, err := findPorts(n)
	if err != nil {
		t.Fatal(err)
	}
	return ports
}

// takePort listens on the port in a variable until the script ends: taken PORT
func takePort(ts *testscript.TestScript, neg bool, args []string) {
	l, err := net.Listen("tcp", net.JoinHostPort("0.0.0.0", ts.Getenv(args[0])))
	ts.Check(err)
	ts.Defer(func() { l.Close() })
}

// copyFixture copies a fixture, so that a test can edit it.
func copyFixture(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(fixtures(t), name))); err != nil {
		t.Fatal(err)
	}
	return dir
}
