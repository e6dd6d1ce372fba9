package stack_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"devenv/compose"
	"devenv/internal/stack"
	"devenv/internal/stack/stacktest"
)

// A source is a project whose game is built.
type source struct{ dir string }

func newSource(t *testing.T) source {
	s := source{t.TempDir()}
	write(t, filepath.Join(s.dir, "Dockerfile"), "FROM scratch AS builder\nCOPY game.c .\nFROM builder AS runner\n")
	s.edit(t, "int main;")
	return s
}

func (s source) edit(t *testing.T, text string) { write(t, filepath.Join(s.dir, "game.c"), text) }

func (s source) plan(t *testing.T) *compose.Plan {
	return planIn(t, "mud", s.dir, strings.Replace(game, "image: game", "build: .", 1))
}

func (s source) planAs(t *testing.T, profile string) *compose.Plan {
	s.plan(t) // writes the file
	p, err := compose.Load(t.Context(), compose.Source{ProjectDirectory: s.dir, ProjectName: "mud"})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := p.Plan(compose.Request{Profile: profile})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func builds(b *bed) int {
	n := 0
	for _, call := range b.fake.Calls() {
		if call == "build game" {
			n++
		}
	}
	return n
}

func TestOnlyWhatIsStaleIsBuilt(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	src := newSource(t)
	steps := []struct {
		what   string
		before func()
		how    stack.Building
		builds int
	}{
		{"no image yet", func() {}, stack.BuildStale, 1},
		{"nothing changed", func() {}, stack.BuildStale, 1},
		{"a source changed, and builds are off", func() { src.edit(t, "int other;") }, stack.BuildNever, 1},
		{"a source changed", func() {}, stack.BuildStale, 2},
		{"all are asked for", func() {}, stack.BuildAlways, 3},
	}
	for _, step := range steps {
		step.before()
		rep, err := b.Up(t.Context(), src.plan(t), stack.UpOptions{Building: step.how})
		if err != nil {
			t.Fatal(step.what, err)
		}
		mustBeReady(t, rep)
		if n := builds(b); n != step.builds {
			t.Errorf("%s: built %d times, want %d", step.what, n, step.builds)
		}
	}
}

func TestEachTargetHasItsOwnImageAndOnlyTheSwitchedServiceIsReplaced(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	src := newSource(t)
	for _, profile := range []string{"prod", "dev", "prod", "dev"} {
		rep := b.up(t, src.planAs(t, profile))
		mustBeReady(t, rep)
		if s := service(t, rep, "game"); s.Profile != profile || s.Target != map[string]string{"prod": "runner", "dev": "builder"}[profile] {
			t.Errorf("as %s there runs %s/%s", profile, s.Profile, s.Target)
		}
	}
	if n := builds(b); n != 2 {
		t.Errorf("built %d times, want once a target", n)
	}
}

func TestWithoutAnImageAndWithoutABuildNothingIsStarted(t *testing.T) {
	b := newBed(t)
	_, err := b.Up(t.Context(), newSource(t).plan(t), stack.UpOptions{Building: stack.BuildNever})
	var start *stack.StartError
	if !errors.As(err, &start) || err.Error() != `service "game" has no image yet` || start.Fix != "leave out --no-build" {
		t.Errorf("got %v", err)
	}
	if calls := b.fake.Calls(); len(calls) > 0 {
		t.Errorf("engine was asked to %q", calls)
	}
}

func TestABuildThatFailsIsABuildErrorAndNothingIsStarted(t *testing.T) {
	b := newBed(t)
	b.fake.Building = func(context.Context, []string) error { return errors.New("exit code: 1") }
	_, err := b.Up(t.Context(), newSource(t).plan(t), stack.UpOptions{Building: stack.BuildStale})
	var build *stack.BuildError
	if !errors.As(err, &build) || err.Error() != "build of game: exit code: 1" {
		t.Errorf("got %v", err)
	}
	if calls := b.fake.Calls(); len(calls) > 0 {
		t.Errorf("engine was asked to %q", calls)
	}
}

func TestAnInterruptedBuildIsAnInterrupt(t *testing.T) {
	b := newBed(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.fake.Building = func(ctx context.Context, _ []string) error {
		cancel()
		return errors.New("builder: " + ctx.Err().Error())
	}
	_, err := b.Up(ctx, newSource(t).plan(t), stack.UpOptions{Building: stack.BuildStale})
	if !errors.Is(err, context.Canceled) || len(b.fake.Calls()) > 0 {
		t.Errorf("got %v, calls %q", err, b.fake.Calls())
	}
}
