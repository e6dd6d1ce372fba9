package compose

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A project that publishes in all ways there are.
const manyPorts = `
-- compose.yaml --
x-devenv: { ports: auto }
services:
  game:
    image: game
    ports: [ "4000:4000", "127.0.0.1:4001:4000", "4000:4000/udp", "5559" ]
    x-devenv: { profiles: { prod: { override: { ports: [ "80:80" ] } } } }
  bots: { image: bot, ports: [ "6000-6009:6000" ], scale: 2 }
  tools: { image: tools, network_mode: host, profiles: [ tools ] }
  db: { image: db, expose: [ "5432" ] }
`

func TestEveryPublishedPortOfEveryProfileHasAName(t *testing.T) {
	want := []string{"bots/6000/tcp", "game/4000/tcp", "game/4000/tcp/2", "game/4000/udp", "game/5559/tcp", "game/80/tcp"}
	p := load(t, manyPorts)
	if diff := cmp.Diff(want, p.PublishedPorts()); diff != "" || p.PortChoice() != AutoPorts {
		t.Errorf("ports are %q (-want +got):\n%s", p.PortChoice(), diff)
	}
}

func TestAssignedPortsTakeThePlaceOfThoseOfTheFile(t *testing.T) {
	p := load(t, manyPorts)
	before := everything(t, p)
	assigned := p.Assign(map[string]uint16{"game/4000/tcp": 20001, "game/4000/tcp/2": 20002, "game/4000/udp": 20001, "game/5559/tcp": 20004, "bots/6000/tcp": 20005})
	made := plan(t, assigned, Request{Profile: "dev", Services: []string{"game", "bots", "tools"}})
	const mine, each = ": a free port that stays the same for this worktree", ": a free port for each of the containers"
	want := []string{
		`bots ports.6000.published 6000-6009 -> ""` + each,
		"game ports.4000.published 4000 -> 20001" + mine, "game ports.4000.published 4001 -> 20002" + mine,
		"game ports.4000.published 4000 -> 20001" + mine, `game ports.5559.published "" -> 20004` + mine,
	}
	if diff := cmp.Diff(want, ofPorts(made.Changes)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(made.Notes) == 0 || !strings.Contains(strings.Join(made.Notes, "\n"), `service "tools" has the network of the host`) {
		t.Errorf("notes are %q", made.Notes)
	}
	if ports := made.Model.Services["game"].Ports; ports[1].HostIP != "127.0.0.1" || ports[2].Protocol != "udp" {
		t.Errorf("ports are %+v", ports)
	}
	if diff := cmp.Diff(before, everything(t, p)); diff != "" {
		t.Errorf("changed the project (-before +after):\n%s", diff)
	}
}

// ofPorts are the changes of ports, as a text each.
func ofPorts(changes []Change) []string {
	var all []string
	for _, c := range changes {
		if strings.HasPrefix(c.Field, "ports.") {
			all = append(all, c.Service+" "+c.Field+" "+quoted(c.From)+" -> "+quoted(c.To)+": "+c.Cause)
		}
	}
	return all
}

func TestPortsIsAutoOrFixed(t *testing.T) {
	dir := folder(t, "-- compose.yaml --\nx-devenv: { ports: free }\nservices: { game: { image: game } }\n")
	_, err := Load(t.Context(), Source{ProjectDirectory: dir})
	if got, want := told(err, dir), "compose.yaml:1: x-devenv.ports: \"free\" is not known\n  hint: write one of: auto, fixed\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTheClaimsOfAPlan(t *testing.T) {
	p := load(t, strings.ReplaceAll(manyPorts, "network_mode: host", "network_mode: host, x-devenv: { checks: { '9000': { protocol: tcp } } }"))
	made := plan(t, p, Request{Profile: "dev", Services: []string{"game", "bots", "tools"}})
	want := []Claim{
		{Service: "bots", Protocol: "tcp", From: 6000, To: 6009, Needs: 2},
		{Service: "game", Protocol: "tcp", From: 4000, To: 4000, Needs: 1},
		{Service: "game", Protocol: "tcp", Host: "127.0.0.1", From: 4001, To: 4001, Needs: 1},
		{Service: "game", Protocol: "udp", From: 4000, To: 4000, Needs: 1},
		{Service: "tools", Shared: true, Protocol: "tcp", From: 9000, To: 9000, Needs: 1},
	}
	if diff := cmp.Diff(want, made.Claims()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
