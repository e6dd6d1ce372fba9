package compose

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFarewell(t *testing.T) {
	tests := map[string]struct {
		text   string
		want   Farewell
		faults []string
	}{
		"a command":              {text: `{ command: [ game, bye ], wait: 10s }`, want: Farewell{Command: []string{"game", "bye"}, Wait: 10 * time.Second}},
		"lines at a port":        {text: `{ port: "5559", say: [ wizard, "shutdown in 10" ] }`, want: Farewell{Port: 5559, Say: []string{"wizard", "shutdown in 10"}}},
		"both":                   {text: `{ command: [ bye ], port: "5559", say: [ bye ] }`, faults: []string{"compose.yaml:4", "farewell: has both a command and something to say at a port"}},
		"neither":                {text: `{ wait: 10s }`, faults: []string{"compose.yaml:4", "farewell: has nothing to say", "hint: write command: ["}},
		"a port alone":           {text: `{ port: "5559" }`, faults: []string{"farewell: port and say need one another"}},
		"lines alone":            {text: `{ say: [ bye ] }`, faults: []string{"farewell: port and say need one another"}},
		"a bare port":            {text: `{ port: 5559, say: [ bye ] }`, faults: []string{"farewell.port: want a text, have 5559"}},
		"a port that is none":    {text: `{ port: "70000", say: [ bye ] }`, faults: []string{`farewell.port: "70000" is not a port`}},
		"a line of two":          {text: `{ port: "5559", say: [ "a\nb" ] }`, faults: []string{`farewell.say: "a\nb" is more than a line`}},
		"a wait without a unit":  {text: `{ command: [ bye ], wait: 10 }`, faults: []string{"farewell.wait: 10 has no unit"}},
		"an unknown key":         {text: `{ command: [ bye ], waits: 10s }`, faults: []string{`unknown key "waits"`}},
		"a list is no mapping":   {text: `[ bye ]`, faults: []string{"farewell: want a mapping, have a list"}},
		"a text is no list":      {text: `{ command: bye }`, faults: []string{"farewell.command: want a list of texts, have bye"}},
		"all faults are told":    {text: `{ command: 1, wait: 2 }`, faults: []string{"farewell.command", "farewell.wait"}},
		"nothing is no farewell": {text: ``},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := loadFault(t, "-- compose.yaml --\nservices:\n  game:\n    image: game\n    x-devenv: { farewell: "+tt.text+" }\n")
			if len(tt.faults) > 0 {
				for _, fault := range tt.faults {
					if text := told(err, ""); !strings.Contains(text, fault) {
						t.Errorf("fault %q is not in %s", fault, text)
					}
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			game, _ := plan(t, p, Request{}).Service("game")
			if diff := cmp.Diff(tt.want, game.Farewell); diff != "" {
				t.Error(diff)
			}
			if p.HasStopHooks() != tt.want.Given() {
				t.Error("a stop does not know of it")
			}
		})
	}
}
