package stack_test

import (
	"context"
	"errors"
	"testing"

	"devenv/internal/stack"
	"devenv/internal/stack/stacktest"
)

func TestTheEndOfWatchingLeavesTheGameRunning(t *testing.T) {
	tests := map[string]struct {
		first, later func(*vigil) stacktest.Script
		save         string
		replaced     bool
	}{
		"between changes":                 {},
		"while it starts again":           {later: interruptedAtStart, save: "app/a"},
		"while it is stopped":             {first: interruptedAtStop, save: "app/a"},
		"while its container is replaced": {first: interruptedAtStop, save: "game.c", replaced: true},
		"after its container is replaced": {later: interruptedAtStart, save: "game.c", replaced: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			b.fake.Play("game", stacktest.Greets("Welcome"))
			var v *vigil
			made := make(chan bool)
			if tt.first != nil {
				b.fake.Play("game", stacktest.Lives(func(p *stacktest.Process) int {
					p.Listen(stacktest.Greeting("Welcome\xff\xf9"))
					<-made
					return tt.first(v)(p)
				}, stacktest.Greets("Welcome")))
			}
			v = watching(t, b, "{ action: sync+restart, path: app, target: /app }, { action: rebuild, path: game.c }")
			close(made)
			before := containers(t, b)[0]
			if tt.later != nil {
				b.fake.Play("game", tt.later(v))
			}
			if tt.save == "" {
				v.end()
			} else {
				v.save(tt.save, "new")
			}
			if err := v.wait(); !errors.Is(err, context.Canceled) || states(t, b) != "game" {
				t.Errorf("ended with %v; runs: %q", err, states(t, b))
			}
			if now := containers(t, b)[0]; (now.ID != before.ID) != tt.replaced {
				t.Errorf("the container was %s and is %s", before.ID, now.ID)
			}
		})
	}
}

// interruptedAtStart is a game at whose start somebody presses Ctrl-C.
func interruptedAtStart(v *vigil) stacktest.Script {
	return func(p *stacktest.Process) int {
		v.end()
		return p.Wait()
	}
}

// interruptedAtStop is a game at whose stop somebody presses Ctrl-C.
func interruptedAtStop(v *vigil) stacktest.Script {
	return func(p *stacktest.Process) int {
		<-p.Stopped
		v.end()
		return stacktest.Terminated
	}
}

func TestAnEngineThatGoesAwayEndsWatching(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	v := watching(t, b, "{ action: rebuild, path: game.c }")
	b.fake.GoAway()
	var gone *stack.EngineGoneError
	if err := v.wait(); !errors.As(err, &gone) {
		t.Errorf("ended with %v", err)
	}
}
