package stack_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"devenv/compose"
	"devenv/internal/stack"
	"devenv/internal/stack/stacktest"
)

// prepared is a game that needs work done, and what it depends on.
const prepared = `
services:
	game:
		image: game
		depends_on: { postgres: { condition: service_healthy } }
		x-devenv:
			prepare:
				- { name: migrate, command: echo migrated, inputs: [ migrations ] }
				- { name: seed, command: echo seeded }
	postgres: { image: pg, healthcheck: { test: [CMD, check] } }
`

// work is what was prepared and started, in order, since so many calls.
func work(b *bed, since int) []string {
	return slices.DeleteFunc(b.fake.Calls()[since:], func(call string) bool {
		return !strings.HasPrefix(call, "prepare ") && !strings.HasPrefix(call, "start ")
	})
}

// again brings a plan up with options, and returns what was done for it.
func again(t *testing.T, b *bed, plan *compose.Plan, o stack.UpOptions) []string {
	t.Helper()
	since := len(b.fake.Calls())
	rep, err := b.Up(t.Context(), plan, o)
	if err != nil {
		t.Fatal(err)
	}
	mustBeReady(t, rep)
	return work(b, since)
}

func healthy(p *stacktest.Process) int {
	p.Health(compose.Healthy, "")
	return p.Wait()
}

var allWork = []string{"prepare game echo migrated", "prepare game echo seeded", "start game"}

func TestWorkIsDoneAfterWhatItDependsOnAndBeforeTheStart(t *testing.T) {
	b := newBed(t)
	b.fake.Play("postgres", healthy)
	rep := b.up(t, planOf(t, prepared))
	mustBeReady(t, rep)
	if done := work(b, 0); !slices.Equal(done, slices.Concat([]string{"start postgres"}, allWork)) {
		t.Errorf("did %q", done)
	}
	for _, line := range []string{"game migrate | migrated", "game seed | seeded"} {
		if !slices.Contains(b.told, line) {
			t.Errorf("%q was not told, but %q", line, b.told)
		}
	}
	steps := ""
	for _, span := range rep.Timeline {
		if span.Service == "game" {
			steps += span.Step + " "
		}
	}
	if !strings.HasPrefix(steps, "prepare start ") {
		t.Errorf("steps are %q", steps)
	}
}

func TestWorkIsDoneAgainOnlyForAReason(t *testing.T) {
	migrateOnly := []string{"prepare game echo migrated", "start game"}
	tests := map[string]struct {
		change func(t *testing.T, b *bed, dir string)
		text   string
		ask    stack.UpOptions
		want   []string
	}{
		"none": {},
		"it was taken down": {
			change: func(t *testing.T, b *bed, _ string) { takeDown(t, b, compose.KeepVolumes) },
			want:   []string{"start postgres", "start game"},
		},
		"its data was removed": {
			change: func(t *testing.T, b *bed, _ string) { takeDown(t, b, compose.RemoveVolumes) },
			want:   slices.Concat([]string{"start postgres"}, allWork),
		},
		"an input has changed": {
			change: func(t *testing.T, _ *bed, dir string) { write(t, filepath.Join(dir, "migrations"), "alter") },
			want:   migrateOnly,
		},
		"the command has changed": {
			text: strings.ReplaceAll(prepared, "echo migrated", "echo all"),
			want: []string{"prepare game echo all", "start game"},
		},
		"the image has changed": {
			text: strings.ReplaceAll(prepared, "image: game", "image: game2"),
			want: allWork,
		},
		"it is asked for": {ask: stack.UpOptions{Prepare: true}, want: allWork},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b, dir := newBed(t), t.TempDir()
			b.fake.Play("postgres", healthy)
			write(t, filepath.Join(dir, "migrations"), "create")
			mustBeReady(t, b.up(t, planIn(t, "mud", dir, prepared)))
			if tt.change != nil {
				tt.change(t, b, dir)
			}
			if tt.text == "" {
				tt.text = prepared
			}
			plan := planIn(t, "mud", dir, tt.text)
			if done := again(t, b, plan, tt.ask); !slices.Equal(done, tt.want) {
				t.Errorf("did %q, want %q", done, tt.want)
			}
			if done := again(t, b, plan, stack.UpOptions{}); len(done) > 0 {
				t.Errorf("then did %q", done)
			}
		})
	}
}

func takeDown(t *testing.T, b *bed, removal compose.Removal) {
	t.Helper()
	if err := b.fake.Down(t.Context(), &compose.Plan{Project: "mud"}, removal); err != nil {
		t.Fatal(err)
	}
}

func TestAServiceWhoseWorkFailsDoesNotStart(t *testing.T) {
	b := newBed(t)
	b.fake.Play("postgres", healthy)
	b.fake.Preparing = func(_ context.Context, _ string, args []string, each func(string)) (int, error) {
		for range 30 {
			each("no such table")
		}
		if args[1] == "migrated" {
			return 0, nil
		}
		return 3, nil
	}
	rep := b.up(t, planOf(t, prepared))
	f := failure(t, rep, "game", "prepare seed: it ended with exit code 3")
	if f.ExitCode == nil || *f.ExitCode != 3 || len(f.Log) != 20 || f.Next != "devenv run --rm game echo seeded" {
		t.Errorf("failure is %+v", f)
	}
	b.fake.Preparing = nil
	if done := again(t, b, planOf(t, prepared), stack.UpOptions{}); !slices.Equal(done, allWork[1:]) {
		t.Errorf("then did %q; what has succeeded is done", done)
	}
}

func TestAnInterruptEndsWorkUnderWay(t *testing.T) {
	b := newBed(t)
	b.fake.Play("postgres", healthy)
	ctx, interrupt := context.WithCancel(t.Context())
	b.fake.Preparing = func(ctx context.Context, _ string, _ []string, _ func(string)) (int, error) {
		interrupt()
		<-ctx.Done()
		return 0, ctx.Err()
	}
	if _, err := b.Up(ctx, planOf(t, prepared), stack.UpOptions{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if done := work(b, 0); !slices.Equal(done, []string{"start postgres", "prepare game echo migrated"}) {
		t.Errorf("did %q", done)
	}
	if known, err := b.fake.Prepared(t.Context(), "mud"); err != nil || len(known) > 0 {
		t.Errorf("known is %+v, %v", known, err)
	}
}

func TestWorkThatTakesTooLongFailsItsService(t *testing.T) {
	b := newBed(t)
	b.fake.Play("postgres", healthy)
	b.fake.Preparing = func(ctx context.Context, _ string, _ []string, _ func(string)) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	rep, err := b.Up(t.Context(), planOf(t, prepared), stack.UpOptions{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	failure(t, rep, "game", "prepare: timed out after", "not done yet")
}

func TestASmokeRunDoesAllWorkAndRemembersNone(t *testing.T) {
	b := newBed(t)
	b.fake.Play("postgres", healthy)
	plan := planOf(t, prepared)
	mustBeReady(t, b.up(t, plan))
	since := len(b.fake.Calls())
	attempt, err := b.Smoke(t.Context(), plan, stack.SmokeOptions{})
	if err != nil || !attempt.Passed() {
		t.Fatalf("%+v, %v", attempt.Cases, err)
	}
	if done := work(b, since); !slices.Equal(done, slices.Concat([]string{"start postgres"}, allWork)) {
		t.Errorf("did %q", done)
	}
	for _, call := range b.fake.Calls()[since:] {
		if strings.HasPrefix(call, "note ") {
			t.Error(call)
		}
	}
}

// Work that was asked for again and failed is not done, whatever was noted before.
func TestWorkThatFailedWhenDoneAgainIsDueStill(t *testing.T) {
	b := newBed(t)
	b.fake.Play("postgres", healthy)
	plan := planOf(t, prepared)
	mustBeReady(t, b.up(t, plan))
	game, _ := plan.Service("game")
	for _, work := range game.Prepare {
		if err := b.fake.NotePrepared(t.Context(), "mud", compose.Prepared{Volume: plan.PreparedVolume("game", work), Digest: "begun"}); err != nil {
			t.Fatal(err)
		}
	}
	if done := again(t, b, plan, stack.UpOptions{}); !slices.Equal(done, allWork) {
		t.Errorf("done again: %q", done)
	}
}

func TestWhatTheGuardRefusesIsNotCreated(t *testing.T) {
	b := newBed(t)
	busy := errors.New("a restore is at work")
	b.Stack.Guard = func() error { return busy }
	if _, err := b.Up(t.Context(), planOf(t, game), stack.UpOptions{}); !errors.Is(err, busy) {
		t.Errorf("up: %v", err)
	}
	if all := containers(t, b); len(all) > 0 {
		t.Errorf("there are %v", all)
	}
}
