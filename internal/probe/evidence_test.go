package probe

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestEvidence(t *testing.T) {
	free := freePort(t)
	game := serve(t, says())
	tests := map[string]struct {
		outcome Outcome
		also    string
		want    string
	}{
		"refused at both":                     {Refused, free, "nothing listens at the container's own address " + free + ", either"},
		"refused, and yet it listens":         {Refused, game, "the container listens at " + game + ", but the published port does not answer"},
		"no connection, and yet it listens":   {TimedOut, game, "the container listens at " + game + ", but the published port does not answer"},
		"closed by what publishes the port":   {Closed, free, "nothing listens at the container's own address " + free + ": the published port accepts for it"},
		"silent, for nobody is behind it":     {Silent, free, "nothing listens at the container's own address " + free + ": the published port accepts for it"},
		"closed by the game itself":           {Closed, game, "the container itself accepts connections at " + game},
		"silent by itself":                    {Silent, game, "the container itself accepts connections at " + game},
		"an address that is none":             {Silent, "nowhere", "the container's own address nowhere does not answer"},
		"ready, so there is nothing to prove": {Ready, free, ""},
		"a server that talks is left alone":   {NoMatch, free, ""},
		"likewise one that negotiates":        {NegotiationOnly, free, ""},
		"without a second address":            {Refused, "", ""},
		"the same address is no second":       {Refused, "published", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a := Answer{Question: Question{Addr: "published", Also: tt.also}, Outcome: tt.outcome}
			if got := evidence(t.Context(), a); got != tt.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

// counted is a server, and how many connections it was given.
func counted(t *testing.T, f func(net.Conn)) (addr string, connections *atomic.Int32) {
	connections = new(atomic.Int32)
	return serve(t, func(conn net.Conn) { connections.Add(1); f(conn) }), connections
}

func TestAGameThatAnswersHasOneVisitor(t *testing.T) {
	addr, visits := counted(t, says("Welcome\xff\xf9"))
	own, doubles := counted(t, says("Welcome\xff\xf9"))
	if a := Ask(t.Context(), Question{Addr: addr, Also: own}); !a.Ready() || a.Evidence != "" {
		t.Errorf("%s", a.Verdict())
	}
	if visits.Load() != 1 || doubles.Load() != 0 {
		t.Errorf("%d and %d connections", visits.Load(), doubles.Load())
	}
}

func TestAPortThatIsPublishedForNobody(t *testing.T) {
	own := freePort(t)
	a := Ask(t.Context(), Question{Addr: serve(t, saysAndHangsUp()), Also: own})
	want := "accepted then closed: hung up without a byte; nothing listens at the container's own address " + own + ": the published port accepts for it"
	if a.Verdict() != want {
		t.Errorf("got %s", a.Verdict())
	}
}

func TestWaitingLooksForEvidenceOnceAtItsEnd(t *testing.T) {
	own, visits := counted(t, says())
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	a := Await(ctx, Question{Addr: freePort(t), Also: own}, Patience{})
	if a.Attempts < 2 || visits.Load() > 1 || !strings.Contains(a.Evidence, "the container listens") {
		t.Errorf("%s after %d attempts; %d connections", a.Verdict(), a.Attempts, visits.Load())
	}
}

func TestAnInterruptLooksForNoEvidence(t *testing.T) {
	own, visits := counted(t, says())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if a := Ask(ctx, Question{Addr: freePort(t), Also: own}); a.Evidence != "" || visits.Load() != 0 {
		t.Errorf("%s; %d connections", a.Verdict(), visits.Load())
	}
}
