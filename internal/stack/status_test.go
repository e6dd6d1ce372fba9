package stack_test

import (
	"strings"
	"testing"
	"time"

	"devenv/compose"
	"devenv/internal/probe"
	"devenv/internal/report"
	"devenv/internal/stack"
	"devenv/internal/stack/stacktest"
)

func TestCheckTellsWhatRunsAndChangesNothing(t *testing.T) {
	tests := map[string]struct {
		script stacktest.Script
		more   string
		state  report.State
		words  string
	}{
		"ready":            {stacktest.Greets("Welcome"), "", report.Ready, ""},
		"nobody listens":   {stacktest.Runs, "", report.Failed, "check 4000 telnet: accepted then closed"},
		"ended":            {stacktest.Exits(4), "", report.Failed, "start: its container ended with exit code 4"},
		"unhealthy":        {unhealthy, "    healthcheck: { test: [CMD, x] }\n", report.Failed, "healthcheck: unhealthy"},
		"health undecided": {stacktest.Greets("Welcome"), "    healthcheck: { test: [CMD, x] }\n", report.Failed, "healthcheck: still starting"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			b.fake.Play("game", tt.script)
			plan := planOf(t, game+tt.more)
			rep, err := b.Up(t.Context(), plan, stack.UpOptions{Timeout: 200 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			before := len(b.fake.Calls())
			if rep, err = b.Check(t.Context(), plan, stack.Asking{}); err != nil {
				t.Fatal(err)
			}
			s := service(t, rep, "game")
			if s.State != tt.state || rep.Ready != (tt.state == report.Ready) {
				t.Errorf("game is %s, all ready %v", s.State, rep.Ready)
			}
			if tt.words != "" {
				failure(t, rep, "game", tt.words)
			}
			if len(b.fake.Calls()) != before {
				t.Errorf("engine was asked to %q", b.fake.Calls()[before:])
			}
		})
	}
}

func unhealthy(p *stacktest.Process) int {
	p.Listen(stacktest.Greeting("Welcome\xff\xf9"))
	p.Health(compose.Unhealthy, "broken")
	return p.Wait()
}

func TestWhatWasNeverStartedIsNotRunning(t *testing.T) {
	b := newBed(t)
	plan := planOf(t, game)
	for name, ask := range map[string]func() (report.Report, error){
		"check":  func() (report.Report, error) { return b.Check(t.Context(), plan, stack.Asking{}) },
		"status": func() (report.Report, error) { return b.Status(t.Context(), plan) },
	} {
		rep, err := ask()
		if err != nil {
			t.Fatal(name, err)
		}
		if s := service(t, rep, "game"); s.State != report.NotRunning || s.Failure != nil || rep.Ready {
			t.Errorf("%s: got %+v", name, s)
		}
	}
}

func TestAContainerThatWasStartedAgainOftenLongAgoIsReady(t *testing.T) {
	b := newBed(t)
	crash := stacktest.Exits(1)
	b.fake.Play("game", stacktest.Lives(crash, crash, crash, stacktest.Greets("Welcome")))
	plan := planOf(t, game+"    restart: always\n")
	events := b.fake.Events(t.Context(), "mud")
	if err := stacktest.Bring(t.Context(), b.fake, plan); err != nil {
		t.Fatal(err)
	}
	for starts := 0; starts < 4; {
		if e := <-events; e.Action == compose.Started {
			starts++
		}
	}
	rep := b.up(t, plan)
	mustBeReady(t, rep)
	if rep, err := b.Check(t.Context(), plan, stack.Asking{}); err != nil || !rep.Ready {
		t.Errorf("got %+v, %v", rep, err)
	}
}

func TestCheckGivesEveryPortWithItsAnswer(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	plan := planOf(t, strings.Replace(game, "ports: [", "ports: [ '80', ", 1))
	mustBeReady(t, b.up(t, plan))
	rep, err := b.Check(t.Context(), plan, stack.Asking{})
	if err != nil {
		t.Fatal(err)
	}
	ports := service(t, rep, "game").Ports
	if len(ports) != 2 || ports[0].Check == nil || ports[0].Check.Outcome != probe.Ready || ports[1].Check != nil || ports[1].Port != 80 || ports[1].Address == "" {
		t.Errorf("ports are %+v", ports)
	}
}

func TestStatusTellsWhatIsStale(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	src := newSource(t)
	mustBeReady(t, b.up(t, src.planAs(t, "dev")))
	stale := func(profile string) string {
		t.Helper()
		rep, err := b.Status(t.Context(), src.planAs(t, profile))
		if err != nil {
			t.Fatal(err)
		}
		return service(t, rep, "game").Stale
	}
	if got := stale("dev"); got != "" {
		t.Errorf("nothing has changed: %s", got)
	}
	if got, want := stale("prod"), "it runs target builder of image mud-game:builder, the plan asks for mud-game:runner"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	src.edit(t, "int other;")
	if got, want := stale("dev"), "its sources have changed since it was built"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTheProfileOfWhatRunsIsToldByItsContainers(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	src := newSource(t)
	for _, want := range []string{"", "dev", "prod"} {
		if want != "" {
			mustBeReady(t, b.up(t, src.planAs(t, want)))
		}
		if got, err := b.Profile(t.Context(), "mud"); err != nil || got != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
}

func TestAnEngineThatIsGoneIsAnErrorOfEveryUse(t *testing.T) {
	b := newBed(t)
	plan := planOf(t, game)
	b.fake.GoAway()
	_, up := b.Up(t.Context(), plan, stack.UpOptions{})
	_, check := b.Check(t.Context(), plan, stack.Asking{})
	_, status := b.Status(t.Context(), plan)
	_, profile := b.Profile(t.Context(), "mud")
	down := b.Down(t.Context(), &compose.Plan{Project: "mud"}, compose.KeepVolumes)
	for name, err := range map[string]error{"up": up, "check": check, "status": status, "profile": profile, "down": down} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
