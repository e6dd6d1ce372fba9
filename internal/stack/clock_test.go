package stack_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"devenv/compose"
	"devenv/internal/report"
	"devenv/internal/stack"
	"devenv/internal/stack/stacktest"
)

// The tests here run in a bubble: time is the bubble's, a loop that spins would
// hang, and a goroutine left behind fails the test.

// inBubble runs a test on a plan without ports.
func inBubble(t *testing.T, text string, test func(t *testing.T, b *bed, plan *compose.Plan)) {
	plan := planOf(t, text)
	synctest.Test(t, func(t *testing.T) { test(t, bedOf(t), plan) })
}

const postgres = `
services:
	postgres: { image: pg, healthcheck: { test: [CMD, check] } }
`

// healthyAfter is a container whose healthcheck takes its time.
func healthyAfter(d time.Duration) stacktest.Script {
	return func(p *stacktest.Process) int {
		select {
		case <-time.After(d):
			p.Health(compose.Healthy, "")
		case <-p.Stopped:
		}
		return p.Wait()
	}
}

// endsAfter is a container that ends by itself.
func endsAfter(d time.Duration, code int) stacktest.Script {
	return func(p *stacktest.Process) int {
		select {
		case <-time.After(d):
		case <-p.Stopped:
		}
		return code
	}
}

func TestWhatNobodyAsksMustLiveForAWhile(t *testing.T) {
	inBubble(t, "services: { bot: { image: bot } }", func(t *testing.T, b *bed, plan *compose.Plan) {
		rep := b.up(t, plan)
		mustBeReady(t, rep)
		if rep.Took != 400*time.Millisecond {
			t.Errorf("took %v", rep.Took)
		}
		if rep = b.up(t, plan); rep.Took != 0 {
			t.Errorf("the second time took %v", rep.Took)
		}
	})
	inBubble(t, "services: { bot: { image: bot } }", func(t *testing.T, b *bed, plan *compose.Plan) {
		b.fake.Play("bot", endsAfter(300*time.Millisecond, 1))
		failure(t, b.up(t, plan), "bot", "exit code 1")
	})
}

func TestAllMustHoldForTheWindowBeforeAnUpIsDone(t *testing.T) {
	inBubble(t, postgres, func(t *testing.T, b *bed, plan *compose.Plan) {
		b.Window = 0 // the default
		b.fake.Play("postgres", healthyAfter(2*time.Second))
		if rep := b.up(t, plan); !rep.Ready || rep.Took != 2100*time.Millisecond {
			t.Errorf("ready %v after %v", rep.Ready, rep.Took)
		}
	})
}

func TestAServiceThatDiesWhileOthersAreWaitedForFails(t *testing.T) {
	inBubble(t, postgres+"	bot: { image: bot }\n", func(t *testing.T, b *bed, plan *compose.Plan) {
		b.fake.Play("postgres", healthyAfter(10*time.Second))
		b.fake.Play("bot", endsAfter(5*time.Second, 1))
		rep := b.up(t, plan)
		failure(t, rep, "bot", "exit code 1")
		if rep.Took != 5*time.Second || !slices.Contains(b.told, "bot: ready") {
			t.Errorf("took %v, told %q", rep.Took, b.told)
		}
	})
}

func TestATimeoutIsAFailureThatNamesWhatWasWaitedFor(t *testing.T) {
	web := "	web: { image: web, depends_on: { postgres: { condition: service_healthy } } }\n"
	tests := map[string]struct {
		text, words string
		timeout     time.Duration
		took        time.Duration
	}{
		"the timeout that was given":  {postgres, "wait: timed out after 10s waiting for its healthcheck", 10 * time.Second, 10 * time.Second},
		"the timeout during a start":  {postgres + web, "wait: timed out after 10s waiting for its healthcheck", 10 * time.Second, 10 * time.Second},
		"patience, where none is set": {postgres, "wait: timed out after 5m0s waiting for its healthcheck", 0, 5 * time.Minute},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, tt.text, func(t *testing.T, b *bed, plan *compose.Plan) {
				rep, err := b.Up(t.Context(), plan, stack.UpOptions{Timeout: tt.timeout})
				if err != nil {
					t.Fatal(err)
				}
				failure(t, rep, "postgres", tt.words)
				if rep.Took != tt.took {
					t.Errorf("took %v", rep.Took)
				}
			})
		})
	}
}

// A slowEngine is not done starting when all runs.
type slowEngine struct {
	*stacktest.Engine
	takes time.Duration
}

func (e slowEngine) Create(ctx context.Context, plan *compose.Plan) error {
	if err := e.Engine.Create(ctx, plan); err != nil {
		return err
	}
	select {
	case <-time.After(e.takes):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestPatienceBeginsWhenAllIsStarted(t *testing.T) {
	inBubble(t, postgres, func(t *testing.T, b *bed, plan *compose.Plan) {
		b.Engine = slowEngine{b.fake, 20 * time.Minute} // it pulls
		b.fake.Play("postgres", healthyAfter(4*time.Minute))
		rep, err := b.Up(t.Context(), plan, stack.UpOptions{})
		if err != nil || !rep.Ready {
			t.Errorf("%+v, %v", rep, err)
		}
	})
}

func TestAStartThatTakesAllTheTimeIsAStartError(t *testing.T) {
	inBubble(t, postgres, func(t *testing.T, b *bed, plan *compose.Plan) {
		b.Engine = slowEngine{b.fake, time.Hour}
		b.fake.Play("postgres", healthyAfter(0))
		_, err := b.Up(t.Context(), plan, stack.UpOptions{Timeout: time.Minute})
		var late *stack.StartError
		if !errors.As(err, &late) || !strings.Contains(err.Error(), "timed out after 1m0s waiting for the engine to start all of mud") {
			t.Errorf("got %v", err)
		}
	})
}

func TestACrashLoopIsFoundHoweverSlowly(t *testing.T) {
	inBubble(t, "services: { bot: { image: bot, restart: always } }", func(t *testing.T, b *bed, plan *compose.Plan) {
		b.fake.Play("bot", endsAfter(300*time.Millisecond, 4))
		f := failure(t, b.up(t, plan), "bot", "crashed 2 times (exit code 4)")
		if *f.ExitCode != 4 {
			t.Errorf("exit code %d", *f.ExitCode)
		}
		if want := "bot: waiting for its container to be started again (it ended with exit code 4)"; !slices.Contains(b.told, want) {
			t.Errorf("told %q", b.told)
		}
	})
}

func TestAnInterruptTakesBackWhatWasStarted(t *testing.T) {
	inBubble(t, postgres, func(t *testing.T, b *bed, plan *compose.Plan) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		began := time.Now()
		rep, err := b.Up(ctx, plan, stack.UpOptions{})
		if !errors.Is(err, context.Canceled) || len(rep.Services) > 0 || time.Since(began) != 3*time.Second {
			t.Errorf("%+v, %v after %v", rep, err, time.Since(began))
		}
		if left := containers(t, b); len(left) > 0 || !slices.Contains(b.fake.Calls(), "down mud") {
			t.Errorf("left: %+v, calls %q", left, b.fake.Calls())
		}
	})
}

func TestAnInterruptLeavesAProjectThatWasThere(t *testing.T) {
	inBubble(t, postgres, func(t *testing.T, b *bed, plan *compose.Plan) {
		b.fake.Play("postgres", healthyAfter(time.Minute))
		if err := stacktest.Bring(t.Context(), b.fake, plan); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		if _, err := b.Up(ctx, plan, stack.UpOptions{}); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if left := containers(t, b); len(left) != 1 || left[0].State != compose.Running {
			t.Errorf("left: %+v", left)
		}
		if last := b.told[len(b.told)-1]; !strings.HasPrefix(last, "interrupted: the containers of mud are left as they are") {
			t.Errorf("told %q", last)
		}
	})
}

func TestAnEngineThatGoesAwayIsSaid(t *testing.T) {
	inBubble(t, postgres, func(t *testing.T, b *bed, plan *compose.Plan) {
		time.AfterFunc(3*time.Second, b.fake.GoAway)
		_, err := b.Up(t.Context(), plan, stack.UpOptions{})
		var gone *stack.EngineGoneError
		if !errors.As(err, &gone) || gone.Project != "mud" {
			t.Errorf("got %v", err)
		}
	})
}

func TestAContainerThatIsRemovedWhileWaitedForFails(t *testing.T) {
	inBubble(t, postgres, func(t *testing.T, b *bed, plan *compose.Plan) {
		time.AfterFunc(3*time.Second, func() { b.fake.Down(context.Background(), &compose.Plan{Project: "mud"}, compose.KeepVolumes) })
		if rep := b.up(t, plan); rep.Took != 3*time.Second || service(t, rep, "postgres").State != report.Failed {
			t.Errorf("got %+v", rep)
		}
	})
}
