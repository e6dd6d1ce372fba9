package stack_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"devenv/compose"
	"devenv/internal/probe"
	"devenv/internal/report"
	"devenv/internal/stack"
	"devenv/internal/stack/stacktest"
)

func TestAGameIsReadyOnceItGreets(t *testing.T) {
	b := newBed(t)
	listening := make(chan struct{})
	b.fake.Play("game", stacktest.After(listening, stacktest.Greets("Welcome to Midgaard\r\nName: ")))
	answer := make(chan report.Report)
	go func() { answer <- b.up(t, planOf(t, game)) }()
	select {
	case <-answer:
		t.Fatal("ready before the game listened")
	case <-time.After(100 * time.Millisecond): // many attempts of the check
	}
	close(listening)
	rep := <-answer
	mustBeReady(t, rep)
	s := service(t, rep, "game")
	if s.State != report.Ready || s.Container != "mud-game-1" || len(s.Ports) != 1 {
		t.Fatalf("got %+v", s)
	}
	if p := s.Ports[0]; p.Check == nil || p.Check.Greeting != "Welcome to Midgaard\nName:" || p.Address != p.Check.Addr {
		t.Errorf("port is %+v", p)
	}
	if !slices.Contains(b.told, "game: running, waiting for its greeting") || b.told[len(b.told)-1] != "game: ready" {
		t.Errorf("told %q", b.told)
	}
}

func TestAContainerThatRanBeforeIsReadyWithoutTheWindow(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	plan := planOf(t, game)
	mustBeReady(t, b.up(t, plan))
	first := containers(t, b)
	b.Window = time.Hour
	mustBeReady(t, b.up(t, plan))
	if again := containers(t, b); again[0].ID != first[0].ID {
		t.Errorf("container %s became %s", first[0].ID, again[0].ID)
	}
}

func TestAGameThatDiesWithinTheWindowIsNotReady(t *testing.T) {
	b := newBed(t)
	b.Window = time.Hour
	greeted := make(chan struct{})
	b.fake.Play("game", func(p *stacktest.Process) int {
		p.Listen(stacktest.Greeting("Welcome\xff\xf9"))
		<-greeted
		p.Print("no database")
		return 3
	})
	b.Tell = func(line string) {
		if strings.HasSuffix(line, "its greeting") {
			close(greeted)
		}
	}
	f := failure(t, b.up(t, planOf(t, game)), "game", "start: its container ended with exit code 3")
	if f.ExitCode == nil || *f.ExitCode != 3 || !slices.Equal(f.Log, []string{"no database"}) || f.Next != "docker logs mud-game-1" {
		t.Errorf("failure is %+v", f)
	}
}

func TestOneCrashOfAGameThatIsStartedAgainIsForgiven(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Lives(stacktest.Exits(1, "no database yet"), stacktest.Greets("Welcome")))
	mustBeReady(t, b.up(t, planOf(t, game+"    restart: on-failure\n")))
	if n := containers(t, b)[0].Restarts; n != 1 {
		t.Errorf("%d restarts", n)
	}
}

func TestACrashLoopFailsFast(t *testing.T) {
	for policy, code := range map[string]int{"always": 7, "unless-stopped": 7, "on-failure": 7, "on-failure:3": 7} {
		t.Run(policy, func(t *testing.T) {
			b := newBed(t)
			b.fake.Play("game", stacktest.Exits(code, "no world"))
			f := failure(t, b.up(t, planOf(t, game+"    restart: "+policy+"\n")), "game", "exit code 7", "started again each time")
			if f.ExitCode == nil || *f.ExitCode != code || len(f.Log) == 0 {
				t.Errorf("failure is %+v", f)
			}
		})
	}
}

func TestALoopOfGoodEndsIsAFailureToo(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Exits(0))
	failure(t, b.up(t, planOf(t, game+"    restart: always\n")), "game", "exit code 0", "started again each time")
}

func TestAGameThatEndsWellFails(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Exits(0))
	failure(t, b.up(t, planOf(t, game)), "game", "exit code 0", "a player should be able to connect")
}

func TestRunningOutOfMemoryIsSaid(t *testing.T) {
	for name, more := range map[string]string{"once": "", "in a loop": "    restart: always\n"} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			b.fake.Play("game", (*stacktest.Process).OutOfMemory)
			if f := failure(t, b.up(t, planOf(t, game+more)), "game"); !f.OOM || *f.ExitCode != 137 {
				t.Errorf("failure is %+v", f)
			}
		})
	}
}

func TestAOneShotIsDone(t *testing.T) {
	b := newBed(t)
	b.fake.Play("migrate", stacktest.Exits(0))
	b.fake.Play("game", stacktest.Greets("Welcome"))
	rep := b.up(t, planOf(t, game+`
		depends_on: { migrate: { condition: service_completed_successfully } }
	migrate: { image: game }
`))
	mustBeReady(t, rep)
	if s := service(t, rep, "migrate"); s.State != report.Done {
		t.Errorf("migrate is %s", s.State)
	}
}

func TestAnUnhealthyContainerFailsWithWhatItsHealthcheckSaid(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", func(p *stacktest.Process) int {
		p.Listen(stacktest.Greeting("Welcome\xff\xf9"))
		p.Health(compose.Unhealthy, "no players table")
		return p.Wait()
	})
	f := failure(t, b.up(t, planOf(t, game+"    healthcheck: { test: [CMD, check] }\n")), "game", "healthcheck: unhealthy")
	if f.Health != "no players table" {
		t.Errorf("failure is %+v", f)
	}
}

func TestReadyMeansHealthyAndGreeting(t *testing.T) {
	b := newBed(t)
	healthy := make(chan struct{})
	b.fake.Play("game", func(p *stacktest.Process) int {
		p.Listen(stacktest.Greeting("Welcome\xff\xf9"))
		<-healthy
		p.Health(compose.Healthy, "")
		return p.Wait()
	})
	b.Tell = func(line string) {
		if line == "game: running, waiting for its healthcheck" {
			close(healthy)
		}
		b.tell(line)
	}
	mustBeReady(t, b.up(t, planOf(t, game+"    healthcheck: { test: [CMD, check] }\n")))
	if b.told[1] != "game: running, waiting for its healthcheck" || b.told[len(b.told)-1] != "game: ready" {
		t.Errorf("told %q", b.told)
	}
}

func TestAFailureEndsTheWaitOfTheOthersAndTheStart(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Exits(2))
	b.fake.Play("postgres", stacktest.Runs) // never healthy
	rep := b.up(t, planOf(t, game+`
	postgres: { image: pg, healthcheck: { test: [CMD, check] } }
	web: { image: web, depends_on: { postgres: { condition: service_healthy } } }
`))
	failure(t, rep, "game", "exit code 2")
	for _, name := range []string{"postgres", "web"} {
		if s := service(t, rep, name); s.State != report.Waiting || s.Failure != nil {
			t.Errorf("%s is %s: %+v", name, s.State, s.Failure)
		}
	}
}

func TestEveryReplicaIsAsked(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	rep := b.up(t, planOf(t, game+"    deploy: { replicas: 3 }\n"))
	mustBeReady(t, rep)
	if ports := service(t, rep, "game").Ports; len(ports) != 3 {
		t.Errorf("asked %d ports", len(ports))
	}
}

func TestAServiceOfNoContainersIsDone(t *testing.T) {
	b := newBed(t)
	mustBeReady(t, b.up(t, planOf(t, game+"    scale: 0\n")))
}

func TestAnExposedPortIsAskedAtTheContainersOwnAddress(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	rep := b.up(t, planOf(t, `
services:
	game:
		image: game
		expose: ["4123"]
		x-devenv: { checks: { "4123": { expect: Wel.ome } } }
`))
	mustBeReady(t, rep)
	if p := service(t, rep, "game").Ports; len(p) != 1 || !strings.HasSuffix(p[0].Address, ":4123") {
		t.Errorf("ports are %+v", p)
	}
}

func TestATimeoutSaysWhatWasAskedAndWhatTheServerLastSaid(t *testing.T) {
	tests := map[string]struct {
		game   stacktest.Game
		expect string
		want   probe.Outcome
		said   string
	}{
		"the game is silent":           {game: stacktest.Silence, want: probe.Silent},
		"the game says something else": {game: stacktest.Greeting("Server full"), expect: ", expect: Welcome", want: probe.NoMatch, said: "Server full"},
		"the game only negotiates":     {game: stacktest.Greeting("\xff\xfb\x01"), want: probe.NegotiationOnly},
	}
	for name, tt := range tests {
		for _, bound := range []string{"within", "timeout"} {
			t.Run(name+" until its "+bound, func(t *testing.T) {
				b := newBed(t)
				listens := make(chan struct{})
				b.fake.Play("game", func(p *stacktest.Process) int {
					p.Listen(tt.game)
					close(listens)
					return p.Wait()
				})
				allowed, timeout := "150ms", 10*time.Second
				if bound == "timeout" {
					allowed, timeout = "10s", 150*time.Millisecond
				}
				text := strings.Replace(within(allowed), allowed, allowed+tt.expect, 1)
				plan := planOf(t, text)
				if err := stacktest.Bring(t.Context(), b.fake, plan); err != nil {
					t.Fatal(err)
				}
				<-listens // so that every attempt meets the game itself
				rep, err := b.Up(t.Context(), plan, stack.UpOptions{Timeout: timeout})
				if err != nil {
					t.Fatal(err)
				}
				f := failure(t, rep, "game", "check 4000 telnet: ", string(tt.want), "127.0.0.1:")
				if f.Said != tt.said || f.ExitCode != nil {
					t.Errorf("failure is %+v", f)
				}
			})
		}
	}
}
