package probe

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func contextWithin(t *testing.T, bound time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), bound)
}

// servers are what real servers were seen to say, and what is to be made of it.
var servers = map[string]struct {
	greeting string // how it ends
	expect   string // a pattern of what comes last
	name     string // by MSSP
	within   time.Duration
}{
	"tbamud":    {greeting: "By what name do you wish to be known?", expect: `known\? $`, name: "tbaMUD", within: 600 * time.Millisecond},
	"gomud":     {greeting: `username (or "new"):`, expect: `username \(or "new"\): $`, within: 60 * time.Millisecond},
	"ranvier":   {greeting: "Connecting...", expect: `Connecting\.\.\.`, within: 60 * time.Millisecond},
	"chatd":     {greeting: "Enter name:", expect: `name: $`, within: 60 * time.Millisecond},
	"inetutils": {greeting: "mud login:", expect: `login: $`, within: 60 * time.Millisecond},
	"evennia":   {greeting: "Welcome to Mygame, version 4.5!\n=====", expect: `4\.5!\n=====`, name: "Mygame", within: 60 * time.Millisecond},
	"exventure": {greeting: "Welcome to the MidMUD", expect: `player name\? $`, name: "ExVenture", within: 10 * time.Millisecond},
}

func TestRealServersAreReadyAtEverySplit(t *testing.T) {
	for name, tt := range servers {
		t.Run(name, func(t *testing.T) {
			steps := readScript(t, name)
			for _, q := range []Question{{}, {Expect: regexp.MustCompile(tt.expect)}} {
				want, _ := askScript(t, steps, q)
				if !want.Ready() {
					t.Fatal(want.Verdict())
				}
				for n := range spokenBytes(steps) {
					got, _ := askScript(t, splitAt(steps, n), q)
					if diff := cmp.Diff(told(want), told(got)); diff != "" {
						t.Fatalf("split after %d bytes:\n%s", n, diff)
					}
				}
			}
		})
	}
}

// told is the part of an answer that must not depend on how the bytes come.
func told(a Answer) []any {
	return []any{a.Verdict(), a.Greeting, a.Status}
}

func TestRealServersAreGreetedWhole(t *testing.T) {
	for name, tt := range servers {
		t.Run(name, func(t *testing.T) {
			a, unsaid := askScript(t, readScript(t, name), Question{})
			if !a.Ready() || !strings.HasSuffix(a.Greeting, tt.greeting) || a.Status.Name() != tt.name {
				t.Errorf("%s, greeting %q, status %v", a.Verdict(), a.Greeting, a.Status)
			}
			if a.Took > tt.within || unsaid != "" {
				t.Errorf("took %v; never said %q", a.Took, unsaid)
			}
		})
	}
}

func TestRealServersThatHaveMSSPMeetTheRequirement(t *testing.T) {
	for name, tt := range servers {
		t.Run(name, func(t *testing.T) {
			a, _ := askScript(t, readScript(t, name), Question{MSSP: MSSPRequired})
			if a.Ready() != (tt.name != "") {
				t.Errorf("%s, status %v", a.Verdict(), a.Status)
			}
		})
	}
}

func TestMSSPOffIsNotAskedFor(t *testing.T) {
	steps := []step{{verb: "server", text: "\xff\xfb\x46Hi"}, {verb: "client", text: "\xff\xfe\x46"}, {verb: "server", text: "\xff\xfa\x46\x01NAME\x02x\xff\xf0"}}
	a, unsaid := askScript(t, steps, Question{MSSP: MSSPOff})
	if !a.Ready() || a.Status != nil || unsaid != "" {
		t.Errorf("%s, status %v; never said %q", a.Verdict(), a.Status, unsaid)
	}
}
