package stack_test

import (
	"strings"
	"testing"
	"time"

	"devenv/compose"
	"devenv/internal/report"
	"devenv/internal/stack"
	"devenv/internal/stack/stacktest"
)

// What was there before an up is not mistaken for what came of it.

func TestAReplacedContainerThatWasKilledIsNoCrash(t *testing.T) {
	for name, restart := range map[string]string{"no restart": "", "always": "    restart: always\n"} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			b.fake.Play("game", stacktest.Greets("Welcome"))
			mustBeReady(t, b.up(t, planOf(t, game+restart)))
			first := containers(t, b)[0].ID
			mustBeReady(t, b.up(t, planOf(t, game+restart+"    command: other\n")))
			if now := containers(t, b); len(now) != 1 || now[0].ID == first {
				t.Errorf("containers are %+v", now)
			}
		})
	}
}

func TestABrokenContainerMayBeReplacedByAWellOne(t *testing.T) {
	unhealthy := func(p *stacktest.Process) int {
		p.Health(compose.Unhealthy, "broken")
		return p.Wait()
	}
	tests := map[string]struct {
		broken stacktest.Script
		more   string
	}{
		"unhealthy":     {unhealthy, "    healthcheck: { test: [CMD, check] }\n"},
		"silent":        {stacktest.Listens(stacktest.Silence), ""},
		"ended":         {stacktest.Exits(1), ""},
		"in crash loop": {stacktest.Exits(1), "    restart: always\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			b.fake.Play("game", tt.broken)
			if _, err := b.Up(t.Context(), planOf(t, game+tt.more), stack.UpOptions{Timeout: 100 * time.Millisecond}); err != nil {
				t.Fatal(err)
			}
			b.fake.Play("game", func(p *stacktest.Process) int {
				p.Listen(stacktest.Greeting("Welcome\xff\xf9"))
				p.Health(compose.Healthy, "")
				return p.Wait()
			})
			mustBeReady(t, b.up(t, planOf(t, game+tt.more+"    command: mended\n")))
		})
	}
}

func TestAStoppedProjectIsStartedAgain(t *testing.T) {
	b := newBed(t)
	stop := make(chan struct{})
	b.fake.Play("game", stacktest.Lives(
		func(p *stacktest.Process) int {
			p.Listen(stacktest.Greeting("Welcome\xff\xf9"))
			<-stop
			return 1
		},
		stacktest.Greets("Welcome back"),
	))
	plan := planOf(t, game)
	mustBeReady(t, b.up(t, plan))
	events := b.fake.Events(t.Context(), "mud")
	close(stop)
	for e := range events {
		if e.Action == compose.Died {
			break
		}
	}
	if s := containers(t, b)[0].State; s != compose.Exited {
		t.Fatalf("container is %s", s)
	}
	mustBeReady(t, b.up(t, plan))
}

func TestAGameReadyBeforeTheRestIsStartedWaitsForNoCheckInVain(t *testing.T) {
	b := newBed(t)
	slow := make(chan struct{})
	b.fake.Play("game", stacktest.Greets("Welcome"))
	b.fake.Play("postgres", func(p *stacktest.Process) int {
		<-slow
		p.Health(compose.Healthy, "")
		return p.Wait()
	})
	plan := planOf(t, within("2s")+`
	postgres: { image: pg, healthcheck: { test: [CMD, check] } }
	web: { image: web, healthcheck: { test: [CMD, check] }, depends_on: { postgres: { condition: service_healthy } } }
`)
	b.fake.Play("web", func(p *stacktest.Process) int {
		p.Health(compose.Healthy, "")
		return p.Wait()
	})
	b.Tell = func(line string) {
		if line == "game: ready" {
			select {
			case <-slow:
			default:
				close(slow)
			}
		}
	}
	mustBeReady(t, b.up(t, plan))
}

func TestTheGameOfAnotherProjectIsNotOurs(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	other := planIn(t, "other", t.TempDir(), game)
	mustBeReady(t, b.up(t, other))
	rep, err := b.Check(t.Context(), planOf(t, game), stack.Asking{})
	if err != nil {
		t.Fatal(err)
	}
	if s := service(t, rep, "game"); s.State != report.NotRunning {
		t.Errorf("game is %s", s.State)
	}
	mustBeReady(t, b.up(t, planOf(t, game)))
	if err := b.Down(t.Context(), &compose.Plan{Project: "mud"}, compose.KeepVolumes); err != nil {
		t.Fatal(err)
	}
	if rep, err := b.Check(t.Context(), other, stack.Asking{}); err != nil || !rep.Ready {
		t.Errorf("the other project: %v, %v", rep, err)
	}
}

func TestWhatAFailureLeavesIsMendedByTheNextUp(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Exits(1))
	failure(t, b.up(t, planOf(t, game)), "game", "exit code 1")
	b.fake.Play("game", stacktest.Greets("Welcome"))
	mustBeReady(t, b.up(t, planOf(t, game)))
	if calls := strings.Join(b.fake.Calls(), ", "); calls != "create mud, start game, create mud, start game" {
		t.Errorf("calls: %s", calls)
	}
}
