package stack_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"devenv/compose"
	"devenv/internal/stack"
	"devenv/internal/stack/stacktest"
)

// saying is the game with a farewell.
func saying(farewell string) string {
	return game + "    x-devenv: { farewell: { " + farewell + " } }\n"
}

// played is a game that runs, with players; a negative number is one that nobody knows.
func played(t *testing.T, text string, players int) (*bed, crowd, *compose.Plan) {
	t.Helper()
	b := newBed(t)
	crowd := watched(t, b)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	plan := planOf(t, text)
	mustBeReady(t, b.up(t, plan))
	if players >= 0 {
		crowd.play(t, b, players)
	}
	return b, crowd, plan
}

func (b *bed) down(t *testing.T, plan *compose.Plan) {
	t.Helper()
	if err := b.Down(t.Context(), plan, compose.KeepVolumes); err != nil {
		t.Fatal(err)
	}
}

func TestTheFarewellIsSaidBeforeTheStop(t *testing.T) {
	tests := map[string]struct {
		players int
		said    bool
	}{
		"while somebody is connected":      {1, true},
		"also where nobody can count them": {-1, true},
		"not where nobody is":              {0, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b, _, plan := played(t, saying("command: [ echo, see you soon ]"), tt.players)
			b.down(t, plan)
			calls := b.fake.Calls()
			hook, down := slices.Index(calls, "hook game"), slices.Index(calls, "down mud")
			if (hook >= 0) != tt.said || down < hook {
				t.Errorf("calls are %q", calls)
			}
			if got := b.toldOf("game: | see you soon"); (len(got) == 1) != tt.said {
				t.Errorf("told %q", b.told)
			}
		})
	}
}

func TestAFarewellThatFailsIsToldAndTheStopGoesOn(t *testing.T) {
	tests := map[string]struct{ farewell, told string }{
		"a command":         {"command: [ shout, bye ]", "game: farewell: shout ended with exit code 1; the stop goes on"},
		"a port unheard":    {`port: "4999", say: [ bye ]`, "game: farewell: port 4999: "},
		"one that hangs up": {`port: "4000", say: [ bye, bye ]`, "game: farewell: port 4000: the server hung up before line 2 of 2 was said; the stop goes on"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			watched(t, b)
			b.fake.Play("game", stacktest.Listens(func(conn net.Conn) {
				_, _ = io.WriteString(conn, "Welcome\xff\xf9")
				_, _ = bufio.NewReader(conn).ReadString('\n')
			}))
			plan := planOf(t, saying(tt.farewell))
			mustBeReady(t, b.up(t, plan))
			b.down(t, plan)
			if got := b.toldOf(tt.told); len(got) != 1 {
				t.Errorf("told %q", b.told)
			}
			if left := containers(t, b); len(left) > 0 {
				t.Errorf("left are %v", left)
			}
		})
	}
}

func TestLinesAreSaidAtAPortForAdministrators(t *testing.T) {
	b := newBed(t)
	heard := make(chan string, 2)
	b.fake.Play("game", stacktest.Listens(func(conn net.Conn) {
		_, _ = io.WriteString(conn, "Password: \xff\xf9")
		for in := bufio.NewScanner(conn); in.Scan(); {
			heard <- in.Text()
			fmt.Fprintf(conn, "You said %s.\r\n> \xff\xf9", in.Text())
		}
	}))
	plan := planOf(t, saying(`port: "4000", say: [ wizard, "shutdown in 10" ]`))
	mustBeReady(t, b.up(t, plan))
	b.down(t, plan)
	if one, two := <-heard, <-heard; one != "wizard" || two != "shutdown in 10" {
		t.Errorf("heard %q, %q", one, two)
	}
	if len(b.toldOf("game: | Password: You said [hidden].")) != 1 || len(b.toldOf("game: | > You said shutdown in 10.")) != 1 {
		t.Errorf("told %q", b.told)
	}
}

func TestPlayersAreWaitedForUntilTheyHaveGone(t *testing.T) {
	b, crowd, plan := played(t, saying("command: [ echo, bye ], wait: 10m"), 2)
	b.Tell = func(line string) {
		b.tell(line)
		if strings.Contains(line, "| bye") {
			crowd.play(t, b, 0)
		}
	}
	began := time.Now()
	b.down(t, plan)
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %s", took)
	}
}

func TestPlayersWhoStayAreWaitedForNoLongerThanSaid(t *testing.T) {
	b, _, plan := played(t, saying("command: [ echo, bye ], wait: 60ms"), 2)
	began := time.Now()
	b.down(t, plan)
	if took := time.Since(began); took < 60*time.Millisecond {
		t.Errorf("it took %s", took)
	}
	if len(b.toldOf("still, 2 players are connected to game")) != 1 {
		t.Errorf("told %q", b.told)
	}
}

func TestAnInterruptEndsTheWaitAndStopsNothing(t *testing.T) {
	b, _, plan := played(t, saying("command: [ echo, bye ], wait: 10m"), 2)
	ctx, cancel := context.WithCancel(t.Context())
	b.Tell = func(line string) {
		if strings.Contains(line, "| bye") {
			cancel()
		}
	}
	if err := b.Down(ctx, plan, compose.KeepVolumes); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	if got := states(t, b); got != "game" {
		t.Errorf("runs: %q", got)
	}
}

func TestTheUserIsAskedWhereSomebodyPlaysAndNothingIsSaid(t *testing.T) {
	tests := map[string]struct {
		text    string
		players int
		answer  bool
		asked   bool
		runs    string
	}{
		"yes":                           {game, 1, true, true, ""},
		"no":                            {game, 1, false, true, "game"},
		"not where nobody plays":        {game, 0, false, false, ""},
		"not where nobody can count":    {game, -1, false, false, ""},
		"not where a farewell is said":  {saying("command: [ echo, bye ]"), 1, false, false, ""},
		"not where a farewell may fail": {saying("command: [ shout, bye ]"), 1, false, false, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b, _, plan := played(t, tt.text, tt.players)
			questions := b.asks(tt.answer)
			err := b.Down(t.Context(), plan, compose.KeepVolumes)
			var declined *stack.DeclinedError
			if errors.As(err, &declined) != (tt.runs != "") || declined == nil && err != nil {
				t.Errorf("error is %v", err)
			}
			if got := strings.Join(*questions, "; "); (got == "stop game all the same?") != tt.asked {
				t.Errorf("asked %q", got)
			}
			if got := states(t, b); got != tt.runs {
				t.Errorf("runs: %q", got)
			}
		})
	}
}

func TestUpReplacesNothingThatTheUserWantsToKeep(t *testing.T) {
	b, _, plan := played(t, game, 1)
	before := containers(t, b)[0].ID
	b.asks(false)
	mustBeReady(t, b.up(t, plan)) // which replaces nothing
	_, err := b.Up(t.Context(), planOf(t, game+"    command: other\n"), stack.UpOptions{})
	var declined *stack.DeclinedError
	if !errors.As(err, &declined) || declined.Error() != "left running: game" {
		t.Errorf("error is %v", err)
	}
	if now := containers(t, b); len(now) != 1 || now[0].ID != before || now[0].State != compose.Running {
		t.Errorf("containers are %+v", now)
	}
}

func TestStopAndRestartPartFromPlayers(t *testing.T) {
	tests := map[string]func(stack.Daily, context.Context, *compose.Plan) error{
		"stop": func(d stack.Daily, ctx context.Context, plan *compose.Plan) error {
			return d.Stop(ctx, plan, []string{"game"}, nil)
		},
		"restart": func(d stack.Daily, ctx context.Context, plan *compose.Plan) error {
			_, err := d.Restart(ctx, plan, nil, nil)
			return err
		},
	}
	for name, do := range tests {
		t.Run(name, func(t *testing.T) {
			b, _, plan := played(t, saying("command: [ echo, bye ]"), 1)
			d, h := helped(b)
			var stoppedBefore bool
			d.Tell = func(line string) {
				b.tell(line)
				stoppedBefore = stoppedBefore || len(h.stopped) > 0 && strings.Contains(line, "| bye")
			}
			if err := do(d, t.Context(), plan); err != nil {
				t.Fatal(err)
			}
			if len(b.toldOf("1 player is connected to game")) != 1 || len(b.toldOf("game: | bye")) != 1 || stoppedBefore || len(h.stopped) != 1 {
				t.Errorf("told %q, stopped %q", b.told, h.stopped)
			}
		})
	}
}

func TestWatchingTellsOfPlayersAndAsksNobody(t *testing.T) {
	for action, trigger := range map[string]string{
		"restart": "{ action: restart, path: ./game.c }",
		"rebuild": "{ action: rebuild, path: ./game.c }",
	} {
		t.Run(action, func(t *testing.T) {
			b := newBed(t)
			crowd := watched(t, b)
			questions := b.asks(false)
			b.fake.Play("game", stacktest.Greets("Welcome"))
			v := watching(t, b, trigger)
			crowd.play(t, b, 2)
			v.save("game.c", "int other;")
			v.hears("2 players are connected to game")
			v.hears("game: ready")
			if len(*questions) > 0 {
				t.Errorf("asked %q", *questions)
			}
		})
	}
}
