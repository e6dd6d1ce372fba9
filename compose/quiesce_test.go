package compose

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestQuiesce(t *testing.T) {
	tests := map[string]struct {
		text   string
		want   Quiesce
		faults []string
	}{
		"both commands":           {text: `{ command: [ save, "-a" ], resume: [ go ] }`, want: Quiesce{Command: []string{"save", "-a"}, Resume: []string{"go"}}},
		"nothing to resume":       {text: `{ command: [ save ] }`, want: Quiesce{Command: []string{"save"}}},
		"a text is no list":       {text: `{ command: save }`, faults: []string{"compose.yaml:4", "quiesce.command: want a list of texts, have save"}},
		"an empty list":           {text: `{ command: [] }`, faults: []string{"want a list of texts"}},
		"a number is no text":     {text: `{ command: [ sleep, 1 ] }`, faults: []string{"want texts, have 1"}},
		"a resume alone":          {text: `{ resume: [ go ] }`, faults: []string{"quiesce: has no command"}},
		"an unknown key":          {text: `{ command: [ save ], resumes: [ go ] }`, faults: []string{`unknown key "resumes"`}},
		"a list is no mapping":    {text: `[ save ]`, faults: []string{"quiesce: want a mapping, have a list"}},
		"all faults are told":     {text: `{ command: 1, resume: 2 }`, faults: []string{"quiesce.command", "quiesce.resume"}},
		"a command that is empty": {text: `{ command: }`, faults: []string{"has no command"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := loadQuiesce(t, "services:\n  db:\n    image: db\n    x-devenv: { quiesce: "+tt.text+" }\n")
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

func loadQuiesce(t *testing.T, text string) (Quiesce, error) {
	t.Helper()
	p, err := loadFault(t, "-- compose.yaml --\n"+text)
	if err != nil {
		return Quiesce{}, err
	}
	db, _ := plan(t, p, Request{}).Service("db")
	return db.Quiesce, nil
}

func TestVolumesAreThoseOfEveryProfile(t *testing.T) {
	p := load(t, `
-- compose.yaml --
name: mud
services:
  game:
    image: game
    x-devenv: { profiles: { dev: { override: { volumes: [ "deps:/deps" ] } } } }
volumes:
  deps:
  world: { name: middle-earth }
  theirs: { external: true }
`)
	want := []DeclaredVolume{{Key: "deps", Name: "mud_deps"}, {Key: "theirs", Name: "theirs", External: true}, {Key: "world", Name: "middle-earth"}}
	if diff := cmp.Diff(want, p.Volumes()); diff != "" {
		t.Error(diff)
	}
}
