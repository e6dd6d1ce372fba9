package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts run this very program under the name devenv.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"devenv": main})
}

// TestScripts runs the promises of the commands that hold without an engine.
func TestScripts(t *testing.T) {
	params := scriptParams("testdata/script")
	params.Setup = func(e *testscript.Env) error {
		e.Setenv("FIXTURES", fixtures(t))
		e.Setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
		return nil
	}
	testscript.Run(t, params)
}

func scriptParams(dir string) testscript.Params {
	return testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "game": playGame},
	}
}

// fixtures is the folder of sample projects.
func fixtures(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../fixtures")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// exits runs a program and wants this exit code: exits 3 devenv plan
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARGUMENT...]")
	}
	code := 0
	err := ts.Exec(args[1], args[2:]...)
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		code = ended.ExitCode()
	} else if err != nil {
		ts.Fatalf("%s: %v", args[1], err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}
