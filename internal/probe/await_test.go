package probe

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"regexp"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"devenv/internal/telnet"

	"github.com/google/go-cmp/cmp"
)

// replies is an asker that gives one answer after another, the last for ever;
// each attempt takes a millisecond.
func replies(outcomes ...Outcome) func(context.Context) Answer {
	return func(ctx context.Context) Answer {
		select {
		case <-ctx.Done():
			return Answer{Outcome: Silent, Reason: "interrupted"}
		case <-time.After(time.Millisecond):
		}
		now := outcomes[0]
		if len(outcomes) > 1 {
			outcomes = outcomes[1:]
		}
		return Answer{Outcome: now}
	}
}

func TestAwaitLooksAtOnceAndUntilReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []Outcome
		p := Patience{Unready: func(a Answer) { told = append(told, a.Outcome) }}
		a := await(t.Context(), p, replies(Refused, Closed, Silent, Ready))
		if !a.Ready() || a.Attempts != 4 {
			t.Errorf("%s after %d attempts", a.Verdict(), a.Attempts)
		}
		if want := []Outcome{Refused, Closed, Silent}; !slices.Equal(told, want) {
			t.Errorf("told %q", told)
		}
		// 20, 40 and 80 ms, each give or take a fifth, and 4 attempts
		if a.Took < 116*time.Millisecond || a.Took > 172*time.Millisecond {
			t.Errorf("took %v", a.Took)
		}
	})
}

func TestAwaitPausesNoLongerThanItsPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		a := await(ctx, Patience{First: 100 * time.Millisecond, Longest: 200 * time.Millisecond}, replies(Refused))
		if a.Attempts < 41 || a.Attempts > 63 {
			t.Errorf("%d attempts in 10 s", a.Attempts)
		}
	})
}

func TestAwaitIsWokenEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wake := make(chan struct{}, 1)
		p := Patience{First: time.Hour, Wake: wake, Unready: func(Answer) { wake <- struct{}{} }}
		if a := await(t.Context(), p, replies(Refused, Refused, Ready)); a.Took > time.Second {
			t.Errorf("took %v", a.Took)
		}
	})
}

func TestPausesBeginAnewWhenWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wake := make(chan struct{}, 1)
		p := Patience{First: time.Second, Longest: time.Hour, Wake: wake, Unready: func(a Answer) {
			if a.Attempts == 3 {
				wake <- struct{}{}
			}
		}}
		a := await(t.Context(), p, replies(Refused, Refused, Refused, Refused, Ready))
		if a.Took > 5*time.Second { // 1, 2, none and 1 s, give or take a fifth
			t.Errorf("took %v", a.Took)
		}
	})
}

func TestAClosedWakeIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wake := make(chan struct{})
		close(wake)
		a := await(t.Context(), Patience{First: time.Second, Wake: wake}, replies(Refused, Ready))
		if a.Took < 800*time.Millisecond {
			t.Errorf("took %v", a.Took)
		}
	})
}

func TestTheLastWordIsTheServers(t *testing.T) {
	tests := map[string]struct {
		first, cut Outcome
		want       Outcome
	}{
		"an attempt cut short in silence tells nothing": {Closed, Silent, Closed},
		"nor does one that was not even connected":      {Silent, TimedOut, Silent},
		"nor does half a text after a whole one":        {NoMatch, NoMatch, NoMatch},
		"but text after silence does":                   {Silent, NoMatch, NoMatch},
		"and what is ready is ready":                    {Silent, Ready, Ready},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			answers := []Answer{{Outcome: tt.first, Reason: "whole"}, {Outcome: tt.cut, Reason: "cut"}}
			a := await(ctx, Patience{First: 1}, func(context.Context) Answer {
				next := answers[0]
				answers = answers[1:]
				if len(answers) == 0 {
					cancel()
				}
				return next
			})
			if a.Outcome != tt.want || (a.Reason == "cut") != (tt.first != tt.want) || a.Attempts != 2 {
				t.Errorf("%s after %d attempts", a.Verdict(), a.Attempts)
			}
		})
	}
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Millisecond)
		defer cancel()
		a := await(ctx, Patience{First: time.Hour}, replies(Closed))
		if a.Outcome != Closed || a.Took != 90*time.Millisecond {
			t.Errorf("%s, took %v", a.Verdict(), a.Took)
		}
	})
}

// slowly is an asker whose server answers each connection after so long.
func slowly(outcome Outcome, after time.Duration, bounds *[]time.Duration) func(context.Context, Question) Answer {
	return func(ctx context.Context, q Question) Answer {
		*bounds = append(*bounds, q.bound())
		start := time.Now()
		ctx, cancel := context.WithTimeout(ctx, q.bound())
		defer cancel()
		select {
		case <-ctx.Done():
			return Answer{Question: q, Outcome: outcome, Took: time.Since(start)}
		case <-time.After(after):
			return Answer{Question: q, Outcome: Ready, Took: time.Since(start)}
		}
	}
}

func TestAServerThatGreetsSlowlyGetsMoreTimeWithEachAttempt(t *testing.T) {
	const s = time.Second
	tests := map[string]struct {
		outcome Outcome // within the bound
		after   time.Duration
		bound   time.Duration
		want    []time.Duration
	}{
		"one that is silent until then":    {Silent, 10 * s, 0, []time.Duration{3 * s, 6 * s, 12 * s}},
		"one that negotiates until then":   {NegotiationOnly, 5 * s, 0, []time.Duration{3 * s, 6 * s}},
		"one that says other things first": {NoMatch, 5 * s, 0, []time.Duration{3 * s, 6 * s}},
		"from the bound that was given":    {Silent, 5 * s, s, []time.Duration{s, 2 * s, 4 * s, 8 * s}},
		"one that answers in time":         {Silent, 2 * s, 0, []time.Duration{3 * s}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var bounds []time.Duration
				ask := widening(Question{Bound: tt.bound}, slowly(tt.outcome, tt.after, &bounds))
				a := await(t.Context(), Patience{}, ask)
				if !a.Ready() || !slices.Equal(bounds, tt.want) || a.Bound != tt.bound {
					t.Errorf("%s with bounds of %v; the question has %v", a.Verdict(), bounds, a.Bound)
				}
			})
		})
	}
}

func TestAnAttemptThatEndsBeforeItsBoundDoesNotWidenIt(t *testing.T) {
	for _, a := range []Answer{
		{Outcome: Refused, Took: time.Hour}, {Outcome: TimedOut, Took: time.Hour}, {Outcome: Closed, Took: time.Hour},
		{Outcome: NoMatch, Took: time.Hour, HungUp: true}, {Outcome: NoMatch, Took: time.Second - 1}, {Outcome: Silent},
	} {
		if a.slow(time.Second) {
			t.Errorf("%s after %v", a.Outcome, a.Took)
		}
	}
}

func TestAwaitAServerThatTakesLongerThanTheFirstBoundToGreet(t *testing.T) {
	bound := 50 * time.Millisecond
	addr := serve(t, func(conn net.Conn) {
		conn.SetReadDeadline(time.Now().Add(3 * bound))
		io.Copy(io.Discard, conn) // until the client hangs up, or the greeting is due
		io.WriteString(conn, "Midgaard\r\n")
		conn.SetReadDeadline(time.Time{})
		io.Copy(io.Discard, conn)
	})
	a := Await(t.Context(), Question{Addr: addr, Bound: bound}, Patience{})
	if !a.Ready() || a.Attempts < 2 {
		t.Errorf("%s after %d attempts", a.Verdict(), a.Attempts)
	}
}

func TestAwaitAServerThatComesUpInSteps(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	boot := []func(net.Conn){saysAndHangsUp(), resets, says("\xff\xfd\x18"), says("Booting...\r\n"), says("Midgaard\r\n")}
	go func() {
		for _, f := range boot {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			f(conn)
			conn.Close()
		}
	}()
	defer l.Close()
	var told []Outcome
	q := Question{Addr: l.Addr().String(), Expect: regexp.MustCompile("Midgaard"), Bound: short}
	a := Await(t.Context(), q, Patience{Unready: func(a Answer) { told = append(told, a.Outcome) }})
	if diff := cmp.Diff([]Outcome{Closed, Closed, NegotiationOnly, NoMatch}, told); diff != "" || !a.Ready() {
		t.Errorf("%s; before that\n%s", a.Verdict(), diff)
	}
}

func TestAnswerSaysWhichPortGaveWhat(t *testing.T) {
	a := Answer{Question: Question{Service: "game", Addr: "127.0.0.1:5556"}, Outcome: Closed, Reason: "hung up without a byte", Attempts: 3}
	want := "game on 127.0.0.1:5556: not ready after 3 attempts: accepted then closed: hung up without a byte"
	if err := a.Err(); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	a = Answer{Question: Question{Service: "game", Addr: "127.0.0.1:5556"}, Outcome: Silent, Attempts: 1}
	if want := errors.New("game on 127.0.0.1:5556: not ready after 1 attempt: silent"); a.Err().Error() != want.Error() {
		t.Errorf("got %v", a.Err())
	}
	if a.Outcome = Ready; a.Err() != nil {
		t.Errorf("ready, and yet %v", a.Err())
	}
}

func TestAnswerAsJSON(t *testing.T) {
	a := Answer{
		Question: Question{Service: "game", Port: 5556, Addr: "127.0.0.1:5556", Protocol: Telnet, Expect: regexp.MustCompile("na+me"), MSSP: MSSPAuto},
		Outcome:  Ready, Greeting: "name?", Status: telnet.ServerStatus{"PLAYERS": {"1"}}, Attempts: 2, Took: time.Millisecond,
	}
	got, err := json.Marshal(a)
	want := `{"service":"game","port":5556,"addr":"127.0.0.1:5556","protocol":"telnet","expect":"na+me","mssp":"auto",` +
		`"outcome":"ready","greeting":"name?","status":{"PLAYERS":["1"]},"attempts":2,"took_ns":1000000}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}
