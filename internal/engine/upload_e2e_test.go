//go:build e2e

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"devenv/compose"
	"devenv/internal/engine"
	"devenv/internal/stack/stacktest"
)

// loader is an engine with a project of its own of one service, game.
func loader(t *testing.T, more string) (*engine.Engine, *compose.Plan) {
	t.Helper()
	e, err := engine.New(t.Context(), engine.Options{Log: t.Output(), Progress: engine.Lines})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	dir := t.TempDir()
	text := "services:\n  game:\n    image: python:3.11-slim\n" + more
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	project := fmt.Sprintf("devenv-upload-%d-%d", os.Getpid(), time.Now().UnixNano()%1e6)
	loaded, err := compose.Load(t.Context(), compose.Source{ProjectDirectory: dir, ProjectName: project})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := loaded.Plan(compose.Request{Profile: "prod"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Down(context.Background(), &compose.Plan{Project: project}, compose.RemoveVolumes); err != nil {
			t.Error(err)
		}
	})
	return e, plan
}

func TestAContainerWhoseRootIsForReadingGetsItsUploadsInAVolume(t *testing.T) {
	e, plan := loader(t, "    read_only: true\n    volumes: ['world:/world']\n    command: [cat, /world/rooms/deep/cellar]\nvolumes: { world: {} }\n")
	source := filepath.Join(t.TempDir(), "rooms")
	if err := os.MkdirAll(source, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(source, "cellar"), []byte("a cellar\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	plan.Uploads = []compose.Upload{{Service: "game", Source: source, Target: "/world/rooms/deep"}}
	events := e.Events(t.Context(), plan.Project)
	if err := stacktest.Bring(t.Context(), e, plan); err != nil {
		t.Fatal(err)
	}
	for event := range events {
		if event.Action != compose.Died {
			continue
		}
		said, err := e.Logs(t.Context(), event.Container, 5)
		if err != nil || event.ExitCode != 0 || strings.Join(said, "\n") != "a cellar" {
			t.Errorf("ended with %d, said %q, %v", event.ExitCode, said, err)
		}
		return
	}
}

func TestAContainerThatCouldNotBeFilledIsNotLeftForTheNextStart(t *testing.T) {
	e, plan := loader(t, "    command: [sleep, '600']\n")
	plan.Uploads = []compose.Upload{{Service: "game", Source: filepath.Join(t.TempDir(), "nowhere"), Target: "/world"}}
	err := e.Create(t.Context(), plan)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "to /world of container "+plan.Project+"-game-1") {
		t.Errorf("got %v", err)
	}
	if left, err := e.Containers(t.Context(), plan.Project); err != nil || len(left) > 0 {
		t.Errorf("left: %+v, %v", left, err)
	}
}

func TestACopiedFolderHasTheOwnerAndModeOfItsSource(t *testing.T) {
	e, plan := loader(t, "    user: '1000:1000'\n    volumes: ['world:/world']\n    command: [sh, -c, 'touch /world/made /srv/deep/made && stat -c %u:%g:%a /world /srv/deep']\nvolumes: { world: {} }\n")
	source := filepath.Join(t.TempDir(), "rooms")
	if err := os.Mkdir(source, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chown(source, 1000, 1000), os.Chmod(source, 0o750)); err != nil {
		t.Fatal(err)
	}
	plan.Uploads = []compose.Upload{{Service: "game", Source: source, Target: "/srv/deep"}, {Service: "game", Source: source, Target: "/world"}}
	events := e.Events(t.Context(), plan.Project)
	if err := stacktest.Bring(t.Context(), e, plan); err != nil {
		t.Fatal(err)
	}
	for event := range events {
		if event.Action != compose.Died {
			continue
		}
		said, err := e.Logs(t.Context(), event.Container, 5)
		if err != nil || event.ExitCode != 0 || strings.Join(said, " ") != "1000:1000:750 1000:1000:750" {
			t.Errorf("ended with %d, said %q, %v", event.ExitCode, said, err)
		}
		return
	}
}
