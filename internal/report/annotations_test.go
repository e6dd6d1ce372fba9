package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGitHubAnnotations(t *testing.T) {
	tests := map[string]struct {
		smoke Smoke
		want  string
	}{
		"a pass says nothing": {passing(), ""},
		"a failure is an error at its place": {failed(),
			"::error file=mud/compose.yaml,line=12,title=smoke prod%3A game%3A check 5556 telnet::silent: not one byte within 3s%0Anext: docker logs mud-game-1\n"},
		"a flake is a warning": {flaky(),
			"::warning title=smoke prod::FLAKY: passed at attempt 2 of 3; attempt 1: game: check 5556 telnet: silent: not one byte within 3s\n"},
		"a difference that breaks is a warning, another is not": {twoProfiles(),
			"::error file=mud/compose.yaml,line=12,title=smoke prod%3A game%3A check 5556 telnet::silent: not one byte within 3s%0Anext: docker logs mud-game-1\n" +
				"::warning title=profiles differ%3A game%3A case check 5556 telnet::dev: passed; prod: failed: silent\n"},
		"percent signs, commas and colons": {
			smokeOf(SmokeRun{Profile: "prod", Attempts: []Attempt{{Cases: []Case{{Name: "50%, or: more", Where: "a,b%.yaml:3", Result: Broken, Reason: "50%, or: less"}}}}}),
			"::error file=a%2Cb%25.yaml,line=3,title=smoke prod%3A 50%25%2C or%3A more::50%25, or: less\n"},
		"no attempt": {smokeOf(SmokeRun{Profile: "prod"}), "::error title=smoke prod%3A smoke run::there was no attempt\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, annotations(t, tt.smoke)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestForeignTextMakesNoCommandOfItsOwn(t *testing.T) {
	text := annotations(t, nasty())
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "::error file=") && !strings.HasPrefix(line, "::warning title=") {
			t.Errorf("%q", line)
		}
	}
	if acts(text) {
		t.Errorf("%q", text)
	}
}

func TestAPlaceIsToldRelativeToTheRoot(t *testing.T) {
	tests := map[string]struct {
		where, root, file string
		line              int
	}{
		"below the root":          {"/src/mud/smoke/a.yaml:7", "/src", "mud/smoke/a.yaml", 7},
		"elsewhere":               {"/etc/a.yaml:7", "/src", "/etc/a.yaml", 7},
		"beside the root":         {"/src2/a.yaml:7", "/src", "/src2/a.yaml", 7},
		"relative already":        {"smoke/a.yaml:7", "/src", "smoke/a.yaml", 7},
		"without a root":          {"/src/a.yaml:7", "", "/src/a.yaml", 7},
		"without a line":          {"smoke/a.yaml", "/src", "smoke/a.yaml", 0},
		"a colon in the name":     {"a:b.yaml:7", "", "a:b.yaml", 7},
		"a line beyond all lines": {"a.yaml:99999999999999999999", "", "a.yaml:99999999999999999999", 0},
		"nowhere":                 {"", "/src", "", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if file, line := place(tt.where, tt.root); file != tt.file || line != tt.line {
				t.Errorf("got %q, %d", file, line)
			}
		})
	}
}

func TestGitHubSafe(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"plain text":                     {"a line: two\nlines\n", "a line: two\nlines\n"},
		"colons inside a line":           {"std::vector", "std::vector"},
		"a command":                      {"::error::no", ": :error::no"},
		"a command after white space":    {" \t\u00a0::error::no", " \t\u00a0: :error::no"},
		"on a later line":                {"a\n::error::no\n\n ::add-mask::x", "a\n: :error::no\n\n : :add-mask::x"},
		"after a carriage return":        {"a\r::error::no", "a\r: :error::no"},
		"after a line separator":         {"\u2028\u0085::error::no", "\u2028\u0085: :error::no"},
		"three colons":                   {":::error", ": ::error"},
		"the older form, anywhere":       {"a ##[error]no ###[group]x", "a ## [error]no ### [group]x"},
		"nothing":                        {"", ""},
		"commands one after the other":   {"::a::\n::b::", ": :a::\n: :b::"},
		"what is made safe is left then": {": :error:: ## [x]", ": :error:: ## [x]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := GitHubSafe(tt.text); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzGitHubTakesNoLineForACommand(f *testing.F) {
	for _, text := range []string{"::", " \v\f::x::", "\r\n\u3000::", "#######[", "##[##[", ":\n:::"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		safe := GitHubSafe(text)
		for _, line := range strings.FieldsFunc(safe, func(c rune) bool { return c == '\n' || c == '\r' }) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") {
				t.Errorf("%q became %q", text, safe)
			}
		}
	})
}

func annotations(t *testing.T, s Smoke) string {
	t.Helper()
	var b strings.Builder
	if err := GitHubAnnotations(&b, s, "/src"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
