package telnet

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func only(options ...Option) func(Option) bool {
	return func(o Option) bool { return slices.Contains(options, o) }
}

// TestNegotiator walks through RFC 1143: a step in capitals is received, one
// with "ask" before it is our request; after the arrow stands what we say.
func TestNegotiator(t *testing.T) {
	tests := map[string][]string{
		"what is wanted is agreed to once":             {"WILL ECHO -> DO", "WILL ECHO ->"},
		"what is not wanted is refused":                {"WILL MCCP2 -> DONT", "DO LINEMODE -> WONT"},
		"a refusal is not repeated for ever":           {"WILL MCCP2 -> DONT", "WILL MCCP2 -> DONT", "WILL MCCP2 -> DONT", "WILL MCCP2 -> DONT", "WILL MCCP2 ->"},
		"an unasked WONT confirms what is":             {"WONT LINEMODE ->", "WONT BINARY ->", "DONT BINARY ->"},
		"what was in use may end, and begin again":     {"WILL ECHO -> DO", "WONT ECHO -> DONT", "WONT ECHO ->", "WILL ECHO -> DO"},
		"our side is asked by DO":                      {"DO TTYPE -> WILL", "DO TTYPE ->", "DONT TTYPE -> WONT", "DONT TTYPE ->"},
		"the sides are apart":                          {"WILL SGA -> DO", "DO SGA -> WILL", "WONT SGA -> DONT", "DO SGA ->"},
		"an agreement to our request is not answered":  {"ask DO MSSP -> DO", "ask DO MSSP ->", "WILL MSSP ->", "WONT MSSP -> DONT"},
		"nor is a refusal of it":                       {"ask DO MSSP -> DO", "WONT MSSP ->", "ask DO MSSP -> DO"},
		"a change of mind waits for the answer":        {"ask DO MSSP -> DO", "ask DONT MSSP ->", "WILL MSSP -> DONT", "WONT MSSP ->"},
		"a change of mind that they forestall":         {"ask DO MSSP -> DO", "ask DONT MSSP ->", "WONT MSSP ->"},
		"two changes of mind are none":                 {"ask DO MSSP -> DO", "ask DONT MSSP ->", "ask DO MSSP ->", "WILL MSSP ->"},
		"we may end what is in use":                    {"WILL ECHO -> DO", "ask DONT ECHO -> DONT", "ask DONT ECHO ->", "WONT ECHO ->"},
		"and want it back before they answer":          {"WILL ECHO -> DO", "ask DONT ECHO -> DONT", "ask DO ECHO ->", "WONT ECHO -> DO", "WILL ECHO ->"},
		"and not want it back after all":               {"WILL ECHO -> DO", "ask DONT ECHO -> DONT", "ask DO ECHO ->", "ask DONT ECHO ->", "WONT ECHO ->"},
		"an offer that answers our DONT is an error":   {"WILL ECHO -> DO", "ask DONT ECHO -> DONT", "WILL ECHO ->", "WONT ECHO ->"},
		"but welcome if we want it back":               {"WILL ECHO -> DO", "ask DONT ECHO -> DONT", "ask DO ECHO ->", "WILL ECHO ->", "WONT ECHO -> DONT"},
		"our own use is asked for and ended by us":     {"ask WILL NAWS -> WILL", "DO NAWS ->", "ask WONT NAWS -> WONT", "DONT NAWS ->"},
		"a command that negotiates nothing is nothing": {"GA ECHO ->", "ask GA ECHO ->"},
	}
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			n := Negotiator{Local: only(TType, SGA), Remote: only(Echo, SGA)}
			for i, step := range steps {
				message, want, _ := strings.Cut(step, "->")
				if got := take(t, &n, message); got != strings.TrimSpace(want) {
					t.Fatalf("step %d, %s: said %q", i+1, step, got)
				}
			}
		})
	}
}

// take gives a step to the negotiator and returns what it says.
func take(t *testing.T, n *Negotiator, message string) string {
	t.Helper()
	words := strings.Fields(message)
	do := n.Receive
	if words[0] == "ask" {
		do, words = n.Request, words[1:]
	}
	if c := do(named(t, commandNames, words[0]), named(t, optionNames, words[1])); c != 0 {
		return c.String()
	}
	return ""
}

func named[K comparable](t *testing.T, names map[K]string, name string) K {
	t.Helper()
	for k, v := range names {
		if v == name {
			return k
		}
	}
	t.Fatalf("no name %q", name)
	panic("unreachable")
}

func TestTwoNegotiatorsAlwaysComeToRest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	verbs := []Command{WILL, WONT, DO, DONT}
	for game := range 500 {
		likes := only(Echo)
		if game%2 == 0 {
			likes = nil
		}
		sides := [2]*Negotiator{{Local: only(Echo), Remote: only(Echo)}, {Local: likes, Remote: likes}}
		var inbox [2][]Command
		send := func(from int, c Command) {
			if c != 0 {
				inbox[1-from] = append(inbox[1-from], c)
			}
		}
		for range 6 { // both ask for this and that, before anything is answered
			side := r.IntN(2)
			send(side, sides[side].Request(verbs[r.IntN(4)], Echo))
		}
		for said := 0; len(inbox[0])+len(inbox[1]) > 0; said++ {
			if said > 40 {
				t.Fatalf("game %d: still talking", game)
			}
			side := 0
			if len(inbox[0]) == 0 || len(inbox[1]) > 0 && r.IntN(2) == 1 {
				side = 1
			}
			c := inbox[side][0]
			inbox[side] = inbox[side][1:]
			send(side, sides[side].Receive(c, Echo))
		}
		agreed := [2]bool{sides[0].UsesLocal(Echo), sides[0].UsesRemote(Echo)}
		if diff := cmp.Diff([2]bool{sides[1].UsesRemote(Echo), sides[1].UsesLocal(Echo)}, agreed); diff != "" {
			t.Fatalf("game %d: the sides disagree:\n%s", game, diff)
		}
	}
}
