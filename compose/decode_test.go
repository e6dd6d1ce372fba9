package compose

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Each fault of x-devenv is told with file and line, and with what to write
// instead.
func TestLoadTellsFaults(t *testing.T) {
	tests := map[string]struct{ file, want string }{
		"an unknown key at the top": {
			"x-devenv:\n  defualt: dev\nservices: { game: { image: a } }\n",
			"compose.yaml:2: x-devenv.defualt: unknown key \"defualt\"\n  hint: keys known here: default, profiles, ports\n",
		},
		"an unknown key of a profile": {
			"x-devenv:\n  profiles:\n    dev:\n      stage: x\nservices: { game: { image: a } }\n",
			"compose.yaml:4: x-devenv.profiles.dev.stage: unknown key \"stage\"\n  hint: keys known here: target, like\n",
		},
		"an unknown key of a service": {
			"services:\n  game:\n    image: a\n    x-devenv:\n      check: {}\n",
			"compose.yaml:5: services.game.x-devenv.check: unknown key \"check\"\n  hint: keys known here: profiles, checks, smoke, quiesce, farewell, user, prepare\n",
		},
		"an unknown key of a profile of a service": {
			"services:\n  game:\n    image: a\n    x-devenv: { profiles: { dev: { overide: {} } } }\n",
			"compose.yaml:4: services.game.x-devenv.profiles.dev.overide: unknown key \"overide\"\n  hint: keys known here: target, override, prepare\n",
		},
		"an unknown key of a check": {
			check("{ expects: hi }"),
			"compose.yaml:6: services.game.x-devenv.checks.4000.expects: unknown key \"expects\"\n  hint: keys known here: protocol, expect, within, tls, mssp, variables, nudge, path\n",
		},
		"a bare number for a time":        {check("{ within: 30 }"), within("30 has no unit")},
		"nothing for a time":              {check("{ within: }"), within("nothing has no unit")},
		"a list for a time":               {check("{ within: [30s] }"), within("a list has no unit")},
		"a time below zero":               {check("{ within: -1s }"), within(`"-1s" is not a duration above zero`)},
		"no time":                         {check("{ within: 0s }"), within(`"0s" is not a duration above zero`)},
		"a time of more than 292 years":   {check("{ within: 9999999h }"), within(`"9999999h" is not a duration above zero`)},
		"a number in quotes with no unit": {check(`{ within: "30" }`), within(`"30" is not a duration above zero`)},
		"a pattern that does not compile": {
			check(`{ expect: "name(" }`),
			"compose.yaml:6: services.game.x-devenv.checks.4000.expect: error parsing regexp: missing closing ): `name(`\n  hint: patterns are Go's: https://pkg.go.dev/regexp/syntax\n",
		},
		"an empty pattern": {
			check(`{ expect: "" }`),
			"compose.yaml:6: services.game.x-devenv.checks.4000.expect: is empty\n  hint: leave the key out, or give it a value\n",
		},
		"an unknown protocol": {
			check("{ protocol: ssh }"),
			"compose.yaml:6: services.game.x-devenv.checks.4000.protocol: \"ssh\" is not known\n  hint: write one of: telnet, tcp, http\n",
		},
		"mssp that is true": {
			check("{ mssp: true }"),
			"compose.yaml:6: services.game.x-devenv.checks.4000.mssp: want a text, have true\n",
		},
		"tls that is a text": {
			check("{ tls: sometimes }"),
			"compose.yaml:6: services.game.x-devenv.checks.4000.tls: want true, false or a mapping, have sometimes\n  hint: write true or false, or a mapping\n",
		},
		"a time of more than a day": {
			check("{ within: 25h }"),
			misfit("within", "25h0m0s is more than a day", "a check has to hold within 24h of the start of the container"),
		},
		"a pin that is too short": {
			check(`{ tls: { pin: "ab:cd" } }`),
			misfit("tls.pin", `"ab:cd" is no SHA-256 in hex`, "write the 64 hex digits that `openssl x509 -noout -fingerprint -sha256 -in CERT` prints"),
		},
		"a pin that is not hex": {
			check(`{ tls: { pin: "` + strings.Repeat("x", 64) + `" } }`),
			misfit("tls.pin", `"`+strings.Repeat("x", 64)+`" is no SHA-256 in hex`, "write the 64 hex digits that `openssl x509 -noout -fingerprint -sha256 -in CERT` prints"),
		},
		"variables of a game that is not asked": {check("{ mssp: off, variables: [ NAME ] }"), unasked},
		"variables of a game that may be mute":  {check("{ mssp: auto, variables: [ NAME ] }"), unasked},
		"variables, and nothing of mssp":        {check("{ protocol: telnet, variables: [ NAME ] }"), unasked},
		"what only telnet has, over http": {
			check("{ protocol: http, mssp: required, variables: [ NAME ], nudge: true, path: /, expect: hi, tls: true }"),
			misfit("mssp", "means nothing to a check by http", "take it out, or write `protocol: telnet`") +
				misfit("variables", "means nothing to a check by http", "take it out, or write `protocol: telnet`") +
				misfit("nudge", "means nothing to a check by http", "take it out, or write `protocol: telnet`"),
		},
		"a path, over telnet": {
			check("{ protocol: telnet, path: / }"),
			misfit("path", "means nothing to a check by telnet", "take it out, or write `protocol: http`"),
		},
		"a pattern, over tcp": {
			check("{ protocol: tcp, expect: hi }"),
			misfit("expect", "means nothing to a check by tcp", "a tcp check only asks whether the port stays open: take it out, or write `protocol: telnet` or `protocol: http`"),
		},
		"ports that are none": {
			"services:\n  game:\n    image: a\n    x-devenv:\n      checks:\n        \"0\": {}\n        \"400000\": {}\n        abc: {}\n        \"04000\": {}\n        \"-1\": {}\n",
			port(10, "-1") + port(6, "0") + port(9, "04000") + port(7, "400000") + port(8, "abc"),
		},
		"a port without quotes": {
			"services:\n  game:\n    image: a\n    x-devenv:\n      checks:\n        5556: {}\n",
			"compose.yaml:6: non-string key in services.game.x-devenv.checks: 5556\n  hint: put the port in quotes: \"5556\":\n",
		},
		"a list for a mapping": {
			"x-devenv: []\nservices:\n  game:\n    image: a\n    x-devenv: { profiles: [dev], checks: telnet }\n",
			"compose.yaml:1: x-devenv: want a mapping, have a list\n" +
				"compose.yaml:5: services.game.x-devenv.profiles: want a mapping, have a list\n" +
				"compose.yaml:5: services.game.x-devenv.checks: want a mapping, have telnet\n",
		},
		"a list for an override": {
			"services:\n  game:\n    image: a\n    x-devenv: { profiles: { dev: { override: [a] } } }\n",
			"compose.yaml:4: services.game.x-devenv.profiles.dev.override: want a mapping, have a list\n",
		},
		"a number for a target": {
			"x-devenv: { profiles: { dev: { target: 1 } } }\nservices: { game: { image: a } }\n",
			"compose.yaml:1: x-devenv.profiles.dev.target: want a text, have 1\n",
		},
		"a default that is no profile": {
			"x-devenv:\n  default: devel\nservices: { game: { image: a } }\n",
			"compose.yaml:2: x-devenv.default: no profile \"devel\"\n  hint: name it under x-devenv.profiles\n",
		},
		"like no profile": {
			"x-devenv: { profiles: { ci: { like: pord } } }\nservices: { game: { image: a } }\n",
			"compose.yaml:1: x-devenv.profiles.ci.like: no profile \"pord\"\n  hint: name it under x-devenv.profiles\n",
		},
		"profiles that are like one another": {
			"x-devenv:\n  profiles:\n    a: { like: b }\n    b: { like: c }\n    c: { like: b }\nservices: { game: { image: a } }\n",
			"compose.yaml:4: x-devenv.profiles.b.like: \"b\" is like itself\n  hint: take out one like\n" +
				"compose.yaml:5: x-devenv.profiles.c.like: \"c\" is like itself\n  hint: take out one like\n",
		},
		"all faults at once, in the order of services and keys": {
			"x-devenv: { default: nope, more: 1 }\nservices:\n  web: { image: a, x-devenv: { zzz: 1 } }\n  game: { image: a, x-devenv: { checks: { \"1\": { within: 5, tls: 1 } }, aaa: 1 } }\n",
			"compose.yaml:1: x-devenv.more: unknown key \"more\"\n  hint: keys known here: default, profiles, ports\n" +
				"compose.yaml:4: services.game.x-devenv.aaa: unknown key \"aaa\"\n  hint: keys known here: profiles, checks, smoke, quiesce, farewell, user, prepare\n" +
				"compose.yaml:4: services.game.x-devenv.checks.1.within: 5 has no unit\n  hint: write a number with a unit, such as \"30s\" or \"2m\"\n" +
				"compose.yaml:4: services.game.x-devenv.checks.1.tls: want true, false or a mapping, have 1\n  hint: write true or false, or a mapping\n" +
				"compose.yaml:3: services.web.x-devenv.zzz: unknown key \"zzz\"\n  hint: keys known here: profiles, checks, smoke, quiesce, farewell, user, prepare\n" +
				"compose.yaml:1: x-devenv.default: no profile \"nope\"\n  hint: name it under x-devenv.profiles\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, "-- compose.yaml --\n"+test.file)
			_, err := Load(t.Context(), Source{ProjectDirectory: dir})
			if err == nil {
				t.Fatal("no fault")
			}
			if diff := cmp.Diff(test.want, told(err, dir)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, fault := range flat(err) {
				if file := (*FileError)(nil); !errors.As(fault, &file) || file.Where == "" {
					t.Errorf("%v is no FileError with a place", fault)
				}
			}
		})
	}
}

// check is a compose file with one check, in line 6.
func check(said string) string {
	return "services:\n  game:\n    image: a\n    x-devenv:\n      checks:\n        \"4000\": " + said + "\n"
}

func within(fault string) string {
	return "compose.yaml:6: services.game.x-devenv.checks.4000.within: " + fault + "\n  hint: write a number with a unit, such as \"30s\" or \"2m\"\n"
}

func misfit(key, fault, hint string) string {
	return "compose.yaml:6: services.game.x-devenv.checks.4000." + key + ": " + fault + "\n  hint: " + hint + "\n"
}

var unasked = misfit("variables", "are only asked of a game that must speak MSSP", "write `mssp: required`, or take variables out")

func port(line int, key string) string {
	return "compose.yaml:" + strconv.Itoa(line) + ": services.game.x-devenv.checks." + key + ": \"" + key + "\" is not a port\n  hint: name the port inside the container, from 1 to 65535\n"
}

func TestLoadReadsChecks(t *testing.T) {
	p := load(t, `
-- compose.yaml --
services:
  game:
    image: a
    x-devenv:
      checks:
        "1": { mssp: off }
        "2": { mssp: false }
        "3": { mssp: required, within: 1m30s, tls: true, expect: "(?i)name" }
        "4": { protocol: http, path: /health, mssp: off, nudge: false, within: 24h }
        "6": { protocol: tcp, tls: true }
        "7": { mssp: plain, variables: [ NAME ], nudge: true }
        "5":
        "65535": {}
`)
	checks := p.settings.Services["game"].Checks
	if checks[1].MSSP != MSSPOff || checks[2].MSSP != MSSPOff {
		t.Errorf("off is %q and %q", checks[1].MSSP, checks[2].MSSP)
	}
	c := checks[3]
	if c.MSSP != MSSPRequired || c.Within != 90*time.Second || c.TLS == nil || c.TLS.Verify != "local" || !c.Expect.MatchString("NAME?") {
		t.Errorf("check 3 is %+v", c)
	}
	if checks[4].Protocol != HTTP || checks[4].Path != "/health" {
		t.Errorf("check 4 is %+v", checks[4])
	}
	if len(checks) != 8 {
		t.Errorf("%d checks", len(checks))
	}
}

func TestEmptySettingsAreNoFault(t *testing.T) {
	for name, file := range map[string]string{
		"nothing at all":         "services: { game: { image: a } }",
		"empty mappings":         "x-devenv: {}\nservices: { game: { image: a, x-devenv: {} } }",
		"nothing after each key": "x-devenv:\nservices:\n  game:\n    image: a\n    x-devenv:\n",
		"nothing further down":   "x-devenv:\n  profiles:\n    dev:\nservices:\n  game:\n    image: a\n    x-devenv:\n      profiles:\n        dev:\n          override:\n      checks:\n",
	} {
		t.Run(name, func(t *testing.T) {
			plan(t, load(t, "-- compose.yaml --\n"+file+"\n"), Request{})
		})
	}
}
