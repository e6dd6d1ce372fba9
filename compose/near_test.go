package compose

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNear(t *testing.T) {
	for _, test := range []struct {
		word, meant string
		want        bool
	}{
		{"telnett", "telnet", true}, {"tlenet", "telnet", true}, {"tenet", "telnet", true}, {"tenlnet", "telnet", true},
		{"telnet", "telnet", false}, {"http", "telnet", false}, {"", "telnet", false}, {"ssl", "telnet", false},
		{"devv", "dev", true}, {"de", "dev", true}, {"prdo", "prod", true}, {"prd", "prod", true},
		{"own", "dev", false}, {"qa", "ci", false}, {"fast", "test", false}, {"ci", "dev", false}, {"e2e", "dev", false},
	} {
		if got := near(test.word, test.meant); got != test.want {
			t.Errorf("%q near %q: %v", test.word, test.meant, got)
		}
	}
}

// What looks like a slip is asked about, and stops nobody.
func TestOddWordsAreNoted(t *testing.T) {
	said := func(protocol string) string {
		return `services: { game: { image: a, ports: [ { target: 4000, published: "4000", app_protocol: "` + protocol + `" }, { target: 4000, published: "4001", app_protocol: "` + protocol + `" } ] } }`
	}
	const own = `, ports: [ { target: 4000, published: "4000", app_protocol: telnet } ], x-devenv: { profiles: { devv: { override: { tty: true } } } } } }`
	tests := map[string]struct{ file, profile, want string }{
		"a protocol misspelt":                {said("telnett"), "", `port 4000 of service game has app_protocol "telnett"; did you mean telnet?`},
		"a protocol in capitals":             {said("TELNET"), "", `port 4000 of service game has app_protocol "TELNET"; did you mean telnet?`},
		"a protocol with a space":            {said("telnet "), "", `port 4000 of service game has app_protocol "telnet "; did you mean telnet?`},
		"another protocol":                   {said("http"), "", ""},
		"the protocol itself":                {said("telnet"), "", ""},
		"a profile misspelt":                 {"services: { game: { image: a" + own, "", `profile "devv" of service game: did you mean dev?`},
		"a profile asked for is meant":       {"services: { game: { image: a" + own, "devv", ""},
		"a profile that has a name above":    {"x-devenv: { profiles: { devv: {} } }\nservices: { game: { image: a" + own, "", ""},
		"a profile that another is like":     {"x-devenv: { profiles: { ci: { like: devv } } }\nservices: { game: { image: a" + own, "", ""},
		"a profile that is the default":      {"x-devenv: { default: devv }\nservices: { game: { image: a" + own, "dev", ""},
		"a profile that Compose has as well": {"services: { bot: { image: b, profiles: [ devv ] }, game: { image: a" + own, "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := load(t, "-- compose.yaml --\n"+test.file+"\n")
			var got []string
			for _, note := range plan(t, p, Request{Profile: test.profile}).Notes {
				if strings.Contains(note, "did you mean") {
					got = append(got, note)
				}
			}
			if diff := cmp.Diff(test.want, strings.Join(got, "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
