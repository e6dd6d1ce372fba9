package stack_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"devenv/compose"
	"devenv/internal/stack"
	"devenv/internal/stack/stacktest"
)

// A helper is the fake engine with hands.
type helper struct {
	*stacktest.Engine
	stack.Hand
	stack.LogReader
	programs map[string]string
	stopped  []string
}

func (h *helper) StopServices(ctx context.Context, plan *compose.Plan, services []string, _ *time.Duration) error {
	h.stopped = services
	all, err := h.Containers(ctx, plan.Project)
	if err != nil {
		return err
	}
	return h.End(ctx, slices.DeleteFunc(all, func(c compose.Container) bool { return !slices.Contains(services, c.Service) }))
}

func (h *helper) Find(_ context.Context, _ compose.Container, program string) (string, error) {
	return h.programs[program], nil
}

func helped(b *bed) (stack.Daily, *helper) {
	h := &helper{Engine: b.fake}
	return stack.Daily{Stack: b.Stack, Engine: h}, h
}

const trio = `
services:
	db: { image: db }
	game: { image: game, depends_on: { db: { condition: service_started, restart: true } } }
	web: { image: web, depends_on: [ game ] }
`

// states are the services that run.
func states(t *testing.T, b *bed) string {
	t.Helper()
	all, err := b.fake.Containers(t.Context(), "mud")
	if err != nil {
		t.Fatal(err)
	}
	var running []string
	for _, c := range all {
		if c.State == compose.Running {
			running = append(running, c.Service)
		}
	}
	return strings.Join(running, " ")
}

func TestStartStartsWhatWasStoppedAndWaitsUntilItIsReady(t *testing.T) {
	b := newBed(t)
	plan := planOf(t, trio)
	mustBeReady(t, b.up(t, plan))
	d, _ := helped(b)
	if err := d.Engine.StopServices(t.Context(), plan, []string{"db", "game"}, nil); err != nil {
		t.Fatal(err)
	}
	if got := states(t, b); got != "web" {
		t.Fatalf("runs after the stop: %s", got)
	}
	rep, err := d.Start(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	mustBeReady(t, rep)
	if got := states(t, b); got != "db game web" {
		t.Errorf("runs: %s", got)
	}
}

func TestStartTellsACrash(t *testing.T) {
	b := newBed(t)
	plan := planOf(t, trio)
	b.fake.Play("game", stacktest.Lives(stacktest.Runs, stacktest.Exits(3)))
	mustBeReady(t, b.up(t, plan))
	d, _ := helped(b)
	if err := d.Engine.StopServices(t.Context(), plan, []string{"game"}, nil); err != nil {
		t.Fatal(err)
	}
	rep, err := d.Start(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	if rep.Err() == nil || !strings.Contains(rep.Err().Error(), "exit code 3") {
		t.Errorf("the report says %v", rep.Err())
	}
}

func TestStartMakesNothing(t *testing.T) {
	b := newBed(t)
	d, _ := helped(b)
	_, err := d.Start(t.Context(), planOf(t, trio))
	var idle *stack.IdleError
	if !errors.As(err, &idle) || !strings.Contains(idle.Hint(), "devenv up db") {
		t.Errorf("error is %v", err)
	}
}

func TestRestart(t *testing.T) {
	tests := map[string]struct {
		services []string
		stopped  string
	}{
		"all without a name": {nil, "db game web"},
		"one alone":          {[]string{"web"}, "web"},
		"with those that depends_on says to restart": {[]string{"db"}, "db game"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			plan := planOf(t, trio)
			mustBeReady(t, b.up(t, plan))
			d, h := helped(b)
			rep, err := d.Restart(t.Context(), plan, tt.services, nil)
			if err != nil {
				t.Fatal(err)
			}
			mustBeReady(t, rep)
			if got := strings.Join(h.stopped, " "); got != tt.stopped {
				t.Errorf("stopped %s, want %s", got, tt.stopped)
			}
			if got := states(t, b); got != "db game web" {
				t.Errorf("runs: %s", got)
			}
		})
	}
}

func TestRunningFindsTheContainerThatIsMeant(t *testing.T) {
	second := containerOf("game", compose.Running)
	second.Number = 2
	ended := containerOf("game", compose.Exited)
	ended.ExitCode = 3
	tests := map[string]struct {
		containers []compose.Container
		number     int
		want       int
		wantErr    string
	}{
		"the first that runs":       {[]compose.Container{ended, second}, 0, 2, ""},
		"the one of a number":       {[]compose.Container{containerOf("game", compose.Running), second}, 2, 2, ""},
		"one that has ended":        {[]compose.Container{ended}, 0, 0, "does not run: its container has ended with exit code 3"},
		"one that is paused":        {[]compose.Container{containerOf("game", compose.Paused)}, 0, 0, "does not run: its container is paused"},
		"none":                      {[]compose.Container{containerOf("db", compose.Running)}, 0, 0, "has no container"},
		"a number that there isn't": {[]compose.Container{second}, 3, 0, "has no container of number 3"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := dailyOf(&archive{containers: tt.containers}).Running(t.Context(), "mud", "game", tt.number)
			if tt.wantErr == "" && (err != nil || got.Number != tt.want) {
				t.Errorf("number %d, error %v; want number %d", got.Number, err, tt.want)
			}
			if tt.wantErr != "" && (err == nil || err.Error() != `service "game" `+tt.wantErr) {
				t.Errorf("error is %v, want %s", err, tt.wantErr)
			}
		})
	}
}

func TestShellIsTheBestThereIs(t *testing.T) {
	tests := map[string]struct {
		programs map[string]string
		want     string
	}{
		"bash":  {map[string]string{"sh": "/bin/sh", "ash": "/bin/ash", "bash": "/bin/bash"}, "/bin/bash"},
		"ash":   {map[string]string{"sh": "/bin/sh", "ash": "/bin/ash"}, "/bin/ash"},
		"sh":    {map[string]string{"sh": "/bin/sh", "python3": "/bin/python3"}, "/bin/sh"},
		"none":  {map[string]string{"python3": "/bin/python3"}, ""},
		"empty": {nil, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := &helper{programs: tt.programs}
			got, err := stack.Daily{Engine: h}.Shell(t.Context(), compose.Container{})
			if got != tt.want || err != nil {
				t.Errorf("shell %q, error %v; want %q", got, err, tt.want)
			}
		})
	}
}
