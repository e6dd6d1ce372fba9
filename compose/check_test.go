package compose

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChecks(t *testing.T) {
	tests := map[string]struct{ game, want string }{
		"app_protocol telnet is enough": {
			`{ image: a, ports: [ { target: 4000, published: "4000", app_protocol: telnet } ] }`,
			"4000 telnet within 1m0s (app_protocol telnet)",
		},
		"x-devenv says more of the same port": {
			`{ image: a, ports: [ { target: 4000, published: "1", app_protocol: telnet } ], x-devenv: { checks: { "4000": { expect: "name", within: 5s, mssp: required } } } }`,
			`4000 telnet expecting "name" with mssp within 5s (x-devenv.checks)`,
		},
		"x-devenv wins over app_protocol": {
			`{ image: a, ports: [ { target: 4000, published: "1", app_protocol: telnet } ], x-devenv: { checks: { "4000": { protocol: tcp } } } }`,
			"4000 tcp within 1m0s (x-devenv.checks)",
		},
		"app_protocol http is checked when x-devenv names the port": {
			`{ image: a, ports: [ { target: 80, published: "80", app_protocol: http }, { target: 81, published: "81", app_protocol: http } ], x-devenv: { checks: { "80": {} } } }`,
			"80 http / within 1m0s (x-devenv.checks)",
		},
		"http with a path, over tls": {
			`{ image: a, ports: [ "80:80" ], x-devenv: { checks: { "80": { protocol: http, path: /up, tls: true } } } }`,
			"80 http over tls /up within 1m0s (x-devenv.checks)",
		},
		"a check of unsaid protocol is telnet": {
			`{ image: a, ports: [ "4000:4000" ], x-devenv: { checks: { "4000": } } }`,
			"4000 telnet within 1m0s (x-devenv.checks)",
		},
		"an exposed port will do": {
			`{ image: a, expose: [ "4000", "5000/tcp" ], x-devenv: { checks: { "4000": {}, "5000": {} } } }`,
			"4000 telnet within 1m0s (x-devenv.checks)\n5000 telnet within 1m0s (x-devenv.checks)",
		},
		"a range of exposed ports": {
			`{ image: a, expose: [ "4000-4010" ], x-devenv: { checks: { "4005": {} } } }`,
			"4005 telnet within 1m0s (x-devenv.checks)",
		},
		"a range of published ports": {
			`{ image: a, ports: [ "4000-4002:4000-4002" ], x-devenv: { checks: { "4002": {} } } }`,
			"4002 telnet within 1m0s (x-devenv.checks)",
		},
		"the host's network publishes all": {
			`{ image: a, network_mode: host, x-devenv: { checks: { "4000": {} } } }`,
			"4000 telnet within 1m0s (x-devenv.checks)",
		},
		"published twice, asked once": {
			`{ image: a, ports: [ { target: 4000, published: "4000", app_protocol: telnet }, { target: 4000, published: "4001", app_protocol: telnet } ] }`,
			"4000 telnet within 1m0s (app_protocol telnet)",
		},
		"telnet is not spoken over udp": {
			`{ image: a, ports: [ { target: 4000, published: "4000", protocol: udp, app_protocol: telnet } ] }`,
			"",
		},
		"in the order of the ports": {
			`{ image: a, ports: [ { target: 40000, published: "1", app_protocol: telnet }, { target: 5000, published: "2", app_protocol: telnet } ] }`,
			"5000 telnet within 1m0s (app_protocol telnet)\n40000 telnet within 1m0s (app_protocol telnet)",
		},
		"nothing is said: the published ports of what is built stay open, but for udp": {
			`{ build: ., ports: [ "4001:4001", "4000:4000", "4000:4000/udp", "4002:4002/udp" ] }`,
			"4000 tcp within 1m0s (published)\n4001 tcp within 1m0s (published)",
		},
		"nothing is said of an image": {
			`{ image: a, ports: [ "4000:4000" ] }`,
			"",
		},
		"an override adds a telnet port": {
			`{ image: a, x-devenv: { profiles: { dev: { override: { ports: [ { target: 4000, published: "1", app_protocol: telnet } ] } } } } }`,
			"4000 telnet within 1m0s (app_protocol telnet)",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := load(t, "-- compose.yaml --\nservices:\n  game: "+test.game+"\n-- Dockerfile --\nFROM scratch\n")
			game, _ := plan(t, p, Request{}).Service("game")
			var got []string
			for _, c := range game.Checks {
				got = append(got, c.String())
			}
			if diff := cmp.Diff(test.want, strings.Join(got, "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A checked port that nobody could reach is a fault with its place, and the
// faults of all services are told at once.
func TestUnreachableChecks(t *testing.T) {
	dir := folder(t, `
-- compose.yaml --
services:
  game:
    image: a
    ports: [ "4000:4000", "4001:4001/udp" ]
    expose: [ "4100-4110", "53/udp" ]
    x-devenv:
      checks:
        "4000": {}
        "4001": {}
        "4111": {}
  web:
    image: b
    x-devenv: { checks: { "80": { protocol: http } } }
`)
	_, err := loadFrom(t, Source{ProjectDirectory: dir}).Plan(Request{})
	want := `compose.yaml:9: services.game.x-devenv.checks.4001: service "game" neither publishes nor exposes port 4001
  hint: ports of the service: 4000, 4100-4110, 53/udp; add ` + "`4001`" + ` under ports, or under expose if only other services use it
compose.yaml:10: services.game.x-devenv.checks.4111: service "game" neither publishes nor exposes port 4111
  hint: ports of the service: 4000, 4100-4110, 53/udp; add ` + "`4111`" + ` under ports, or under expose if only other services use it
compose.yaml:13: services.web.x-devenv.checks.80: service "web" neither publishes nor exposes port 80
  hint: ports of the service: none; add ` + "`80`" + ` under ports, or under expose if only other services use it
`
	if diff := cmp.Diff(want, told(err, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Where a check does not say its protocol, its keys have to suit the port's.
func TestChecksThatDoNotSuitThePort(t *testing.T) {
	dir := folder(t, `
-- compose.yaml --
services:
  game:
    image: a
    ports: [ "4000:4000", { target: 80, published: "80", app_protocol: http } ]
    x-devenv:
      checks:
        "80": { nudge: true, expect: hi }
        "4000": { path: /up }
  web:
    image: b
    ports: [ { target: 81, published: "81", app_protocol: http } ]
    x-devenv: { checks: { "81": { path: /up } } }
`)
	_, err := loadFrom(t, Source{ProjectDirectory: dir}).Plan(Request{})
	want := "compose.yaml:7: services.game.x-devenv.checks.80.nudge: means nothing to a check by http\n  hint: take it out, or write `protocol: telnet`\n" +
		"compose.yaml:8: services.game.x-devenv.checks.4000.path: means nothing to a check by telnet\n  hint: take it out, or write `protocol: http`\n"
	if diff := cmp.Diff(want, told(err, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A port that is asked for by its number is asked as it is declared, else as it
// is said to speak.
func TestCheckOf(t *testing.T) {
	made := plan(t, load(t, `
-- compose.yaml --
services:
  game:
    image: a
    ports: [ { target: 4000, published: "1", app_protocol: telnet }, { target: 80, published: "2", app_protocol: http }, "5000:5000" ]
    x-devenv: { checks: { "4000": { expect: name, within: 5s } } }
  db: { image: b, expose: [ "6000" ] }
`), Request{})
	for _, test := range []struct {
		service string
		port    uint16
		want    string
	}{
		{"game", 4000, `4000 telnet expecting "name" within 5s (x-devenv.checks)`},
		{"game", 80, "80 http / within 1m0s (asked for)"},
		{"game", 5000, "5000 telnet within 1m0s (asked for)"},
		{"db", 6000, "6000 telnet within 1m0s (asked for)"},
		{"nobody", 1, "1 telnet within 1m0s (asked for)"},
	} {
		c := made.CheckOf(test.service, test.port)
		if got := c.String(); got != test.want || c.MSSP != MSSPAuto {
			t.Errorf("%s:%d is %s with mssp %q, want %s", test.service, test.port, got, c.MSSP, test.want)
		}
	}
}
