//go:build e2e

package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"devenv/compose"
	"devenv/internal/engine"
	"devenv/internal/stack"
	"devenv/internal/stack/stacktest"

	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/volume"
	"github.com/docker/docker/client"
)

// An observed engine also lists volumes, which stack has no use for.
type observed struct {
	*engine.Engine
	t   *testing.T
	api *client.Client
}

// Volumes lists the volumes of a project.
func (o observed) Volumes(project string) []string {
	list, err := o.api.VolumeList(o.t.Context(), volume.ListOptions{Filters: filters.NewArgs(filters.Arg("label", "com.docker.compose.project="+project))})
	if err != nil {
		o.t.Fatal(err)
	}
	var names []string
	for _, v := range list.Volumes {
		names = append(names, v.Name)
	}
	return names
}

// removeImages removes what the contract has built, also what has lost its tag
// to a later build.
func (o observed) removeImages() {
	ctx := o.t.Context()
	for _, digest := range stacktest.Digests {
		built := filters.NewArgs(filters.Arg("label", compose.LabelDigest+"="+digest))
		list, err := o.api.ImageList(ctx, image.ListOptions{Filters: built})
		if err != nil {
			o.t.Fatal(err)
		}
		for _, i := range list {
			if _, err := o.api.ImageRemove(ctx, i.ID, image.RemoveOptions{Force: true, PruneChildren: true}); err != nil {
				o.t.Errorf("remove image %v: %v", i.RepoTags, err)
			}
		}
	}
}

// TestDockerKeepsTheContract fails where no engine runs.
func TestDockerKeepsTheContract(t *testing.T) {
	api, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { api.Close() })
	image := os.Getenv("DEVENV_TEST_IMAGE")
	if image == "" {
		image = "python:3.11-slim"
	}
	stacktest.Contract(t, image, func(t *testing.T) stack.Engine {
		e, err := engine.New(t.Context(), engine.Options{Log: t.Output(), Progress: engine.Lines})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { e.Close() })
		return observed{e, t, api}
	})
	observed{t: t, api: api}.removeImages()
}

// TestABrokenOffStartLeavesNothing breaks a start off at several moments: what
// the engine was asked for by then must be there to be taken down.
func TestABrokenOffStartLeavesNothing(t *testing.T) {
	e, err := engine.New(t.Context(), engine.Options{Log: t.Output(), Progress: engine.Lines})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	project := fmt.Sprintf("devenv-broken-off-%d", os.Getpid())
	dir := t.TempDir()
	text := "services:\n  a: &a { image: 'python:3.11-slim', stop_signal: SIGKILL, command: [sleep, '600'] }\n  b: *a\n  c: *a\n"
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	loaded, err := compose.Load(t.Context(), compose.Source{ProjectDirectory: dir, ProjectName: project})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := loaded.Plan(compose.Request{Profile: "prod"})
	if err != nil {
		t.Fatal(err)
	}
	for after := 5 * time.Millisecond; after < 400*time.Millisecond; after *= 2 {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		err := stacktest.Bring(ctx, e, plan)
		cancel()
		if down := e.Down(context.WithoutCancel(t.Context()), &compose.Plan{Project: project}, compose.RemoveVolumes); down != nil {
			t.Errorf("after %v: start: %v; down: %v", after, err, down)
		}
	}
	// A second Down finds what has come into being since the last one.
	left, err := e.Containers(t.Context(), project)
	if err != nil || len(left) > 0 {
		t.Errorf("left: %+v, %v", left, err)
	}
	if err := e.Down(t.Context(), &compose.Plan{Project: project}, compose.RemoveVolumes); err != nil {
		t.Error(err)
	}
}
