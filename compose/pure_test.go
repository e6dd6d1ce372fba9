package compose

import (
	"os"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A project of many shapes, and requests that change much of it.
const manyShapes = `
-- compose.yaml --
x-devenv: { profiles: { ci: { like: dev } } }
services:
  game:
    build: { context: ., args: { A: "1" } }
    labels: { own: label }
    environment: { A: "1" }
    ports: [ { target: 4000, published: "4000", app_protocol: telnet } ]
    depends_on: [ db, cache ]
    x-devenv:
      profiles: { dev: { override: { command: run, environment: { A: "2" }, labels: { more: label } } } }
      checks: { "4000": { expect: name } }
  db: { image: postgres, volumes: [ "data:/data" ] }
  cache: { image: redis, x-devenv: { profiles: { prod: { override: { tty: true } } } } }
  debugger: { image: e, profiles: [ dev ], depends_on: [ game ] }
volumes: { data: , unused: }
-- Dockerfile --
FROM scratch AS builder
CMD a
FROM scratch AS runner
`

var manyRequests = []Request{
	{}, {Profile: "prod"}, {Profile: "ci"}, {Services: []string{"db"}}, {Services: []string{"debugger"}, Profile: "prod"},
	{Targets: map[string]string{"game": "runner"}},
}

// planning changes nothing of the project, so a second plan is like the first.
func TestPlanIsPure(t *testing.T) {
	p := load(t, manyShapes)
	before := everything(t, p)
	for _, r := range manyRequests {
		first := rendered(t, plan(t, p, r))
		if diff := cmp.Diff(first, rendered(t, plan(t, p, r))); diff != "" {
			t.Errorf("the second plan of %+v differs (-first +second):\n%s", r, diff)
		}
		if diff := cmp.Diff(before, everything(t, p)); diff != "" {
			t.Fatalf("planning %+v changed the project (-before +after):\n%s", r, diff)
		}
	}
}

// What is done to a plan is not done to the project.
func TestPlanSharesNothing(t *testing.T) {
	p := load(t, manyShapes)
	before := everything(t, p)
	made := plan(t, p, Request{})
	for name, s := range made.Model.Services {
		for k := range s.Environment {
			delete(s.Environment, k)
		}
		for k := range s.Labels {
			s.Labels[k] = "changed"
		}
		for k := range s.DependsOn {
			delete(s.DependsOn, k)
		}
		for i := range s.Ports {
			s.Ports[i].Published = "1"
		}
		if s.Build != nil {
			s.Build.Args["A"] = nil
		}
		delete(made.Model.Services, name)
	}
	clear(made.Model.Volumes)
	if diff := cmp.Diff(before, everything(t, p)); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

// Many may plan one project at once; the race detector watches.
func TestPlanConcurrently(t *testing.T) {
	p := load(t, manyShapes)
	var wg sync.WaitGroup
	for range 4 {
		for _, r := range manyRequests {
			wg.Go(func() {
				if _, err := p.Plan(r); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Go(func() {
		if _, err := p.Stages(); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
}

// Nothing is read after Load.
func TestPlanReadsNothing(t *testing.T) {
	dir := folder(t, manyShapes)
	p := loadFrom(t, Source{ProjectDirectory: dir})
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for _, r := range manyRequests {
		plan(t, p, r)
	}
}

func rendered(t *testing.T, p *Plan) string {
	t.Helper()
	text, err := p.Model.MarshalYAML()
	if err != nil {
		t.Fatal(err)
	}
	return p.String() + string(text)
}

// everything is all that a project knows, as text.
func everything(t *testing.T, p *Project) string {
	t.Helper()
	var all string
	for _, profile := range append([]string{""}, p.Profiles()...) {
		model := *p.variant(profile).model
		text, err := model.MarshalYAML()
		if err != nil {
			t.Fatal(err)
		}
		all += profile + "\n" + string(text)
		model.Services = model.DisabledServices
		if text, err = model.MarshalYAML(); err != nil {
			t.Fatal(err)
		}
		all += "disabled\n" + string(text)
	}
	return all
}
