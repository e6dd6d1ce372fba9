package compose

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func prepareOf(t *testing.T, text, profile string) (*Plan, []Prepare, error) {
	t.Helper()
	p, err := loadFault(t, "-- compose.yaml --\n"+text)
	if err != nil {
		return nil, nil, err
	}
	planned := plan(t, p, Request{Profile: profile})
	game, _ := planned.Service("game")
	return planned, game.Prepare, nil
}

func TestPrepare(t *testing.T) {
	tests := map[string]struct {
		text   string
		want   []Prepare
		faults []string
	}{
		"a line is split as that of command is": {
			text: `[ { name: migrate, command: "mix 'ecto migrate'", inputs: [ "apps/*/migrations" ] } ]`,
			want: []Prepare{{Name: "migrate", Command: []string{"mix", "ecto migrate"}, Inputs: []string{"apps/*/migrations"}}},
		},
		"a list, and several": {
			text: `[ { name: a, command: [ echo, "a b" ] }, { name: b-2, command: echo } ]`,
			want: []Prepare{{Name: "a", Command: []string{"echo", "a b"}}, {Name: "b-2", Command: []string{"echo"}}},
		},
		"none":                      {text: `[]`, want: []Prepare{}},
		"a mapping is no list":      {text: `{ name: migrate }`, faults: []string{"compose.yaml:4", "x-devenv.prepare: want a list, have a mapping"}},
		"a text is no entry":        {text: `[ mix ]`, faults: []string{"compose.yaml:4", "prepare[0]: want a mapping, have mix"}},
		"no name and no command":    {text: `[ {} ]`, faults: []string{"prepare[0]: name: want a name", "prepare[0]: command: want a text"}},
		"a name that is none":       {text: `[ { name: "a b", command: x } ]`, faults: []string{"have a b"}},
		"a name twice":              {text: `[ { name: a, command: x }, { name: a, command: y } ]`, faults: []string{`prepare[1]: name: "a" is there twice`}},
		"an unknown key":            {text: `[ { name: a, command: x, input: [] } ]`, faults: []string{`unknown key "input"`}},
		"numbers in a command":      {text: `[ { name: a, command: [ sleep, 1 ] } ]`, faults: []string{"command: want a text or a list of texts"}},
		"a quote that does not end": {text: `[ { name: a, command: "echo 'x" } ]`, faults: []string{"command: want a text"}},
		"inputs that are no list":   {text: `[ { name: a, command: x, inputs: migrations } ]`, faults: []string{"inputs: want a list of texts, have migrations"}},
		"inputs that are no texts":  {text: `[ { name: a, command: x, inputs: [ 1 ] } ]`, faults: []string{"inputs: want a list of texts"}},
		"a bad pattern":             {text: `[ { name: a, command: x, inputs: [ "[" ] } ]`, faults: []string{`"[" is not a pattern`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, got, err := prepareOf(t, "services:\n  game:\n    image: game\n    x-devenv: { prepare: "+tt.text+" }\n", "")
			if err == nil && len(tt.faults) > 0 {
				t.Fatal("no fault")
			}
			for _, fault := range tt.faults {
				if !strings.Contains(err.Error(), fault) {
					t.Errorf("fault %q is not in %v", fault, err)
				}
			}
			if len(tt.faults) == 0 && err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAFaultOfPrepareHasTheLineOfItsEntry(t *testing.T) {
	_, _, err := prepareOf(t, `services:
  game:
    image: game
    x-devenv:
      profiles:
        dev:
          prepare:
            - { name: migrate, command: mix }
            - { name: seed }
`, "")
	if err == nil || !strings.Contains(err.Error(), "compose.yaml:9") || !strings.Contains(err.Error(), "services.game.x-devenv.profiles.dev.prepare[1]: command") {
		t.Error(err)
	}
}

const perProfile = `services:
  game:
    image: game
    x-devenv:
      prepare: [ { name: migrate, command: mix ecto.migrate } ]
      profiles:
        dev: { prepare: [ { name: setup, command: mix ecto.setup } ] }
        bare: { prepare: [] }
x-devenv: { profiles: { mine: { like: dev }, ci: { like: prod } } }
`

func TestTheProfileSaysWhatIsPrepared(t *testing.T) {
	for profile, want := range map[string]string{"dev": "setup", "mine": "setup", "prod": "migrate", "ci": "migrate", "bare": ""} {
		planned, work, err := prepareOf(t, perProfile, profile)
		if err != nil {
			t.Fatal(err)
		}
		have := ""
		for _, w := range work {
			have += w.Name
		}
		if have != want {
			t.Errorf("%s prepares %q, want %q", profile, have, want)
		}
		line := "  game: prepare " + want + ": mix ecto."
		if told := strings.Contains(planned.String(), line); told != (want != "") {
			t.Errorf("%s: %s", profile, planned)
		}
	}
}

func TestACommandOfPrepareCanBeTypedAgain(t *testing.T) {
	work := Prepare{Command: []string{"sh", "-c", "echo it's $HOME", ""}}
	if got, want := work.String(), `sh -c 'echo it'\''s $HOME' ''`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestThePrepareDigestIsOfAllThatItDependsOn(t *testing.T) {
	planned, _, err := prepareOf(t, perProfile, "dev")
	if err != nil {
		t.Fatal(err)
	}
	dir := planned.Model.WorkingDir
	file := filepath.Join(dir, "apps", "world", "migrations", "1.sql")
	put := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put(file, "create")
	put(filepath.Join(dir, "apps", "world", "game.ex"), "code")
	work := Prepare{Name: "migrate", Command: []string{"mix"}, Inputs: []string{"apps/*/migrations", "nothing/*"}}
	digest := func(work Prepare, image string) string {
		t.Helper()
		sum, idle, err := planned.PrepareDigest("game", work, image)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"nothing/*"}, idle); diff != "" {
			t.Error(diff)
		}
		return sum
	}
	first := digest(work, "image")
	other := work
	other.Command = []string{"mix", "all"}
	if digest(other, "image") == first || digest(work, "another") == first {
		t.Error("another command, or another image, changes nothing")
	}
	put(filepath.Join(dir, "apps", "world", "game.ex"), "other code")
	put(file, "create")
	if digest(work, "image") != first {
		t.Error("what is no input, or a touch, changes the digest")
	}
	put(file, "drop")
	if digest(work, "image") == first {
		t.Error("another text changes nothing")
	}
	put(file, "create")
	put(filepath.Join(filepath.Dir(file), "deep", "2.sql"), "")
	if digest(work, "image") == first {
		t.Error("another file changes nothing")
	}
}
