package compose

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const selectable = `
-- compose.yaml --
services:
  game: { image: a, depends_on: { db: { condition: service_started }, cache: { condition: service_started, required: false } }, volumes: [ "world:/world" ], networks: [ in ] }
  db: { image: b, volumes: [ "data:/data" ], secrets: [ password ] }
  cache: { image: c }
  web: { image: d, networks: [ out ], configs: [ site ] }
  debugger: { image: e, profiles: [ debug ], depends_on: [ game ] }
  shell: { image: f, profiles: [ dev, tools ] }
  bot: { image: g, profiles: [ tools ] }
volumes: { world: , data: , unused: }
networks: { in: , out: , spare: }
secrets: { password: { file: x }, other: { file: y } }
configs: { site: { file: x } }
`

// Which services run, and which volumes and networks come with them, is
// decided as docker compose decides it.
func TestSelection(t *testing.T) {
	tests := map[string]struct {
		profiles string // COMPOSE_PROFILES
		request  Request
		want     string // services; volumes and networks
	}{
		"all that wait for no Compose profile": {
			request: Request{Profile: "prod"},
			want:    "cache db game web; data world; default in out; password; site",
		},
		"a profile switches on the Compose profile of its name": {
			request: Request{Profile: "dev"},
			want:    "cache db game shell web; data world; default in out; password; site",
		},
		"COMPOSE_PROFILES, with spaces": {
			profiles: "debug , tools", request: Request{Profile: "prod"},
			want: "bot cache db debugger game shell web; data world; default in out; password; site",
		},
		"every Compose profile": {
			profiles: "*", request: Request{Profile: "prod"},
			want: "bot cache db debugger game shell web; data world; default in out; password; site",
		},
		"a service and what it depends on": {
			request: Request{Services: []string{"game"}},
			want:    "cache db game; data world; default in; password; ",
		},
		"two services": {
			request: Request{Services: []string{"web", "db"}},
			want:    "db web; data; default out; password; site",
		},
		"a service that is named switches on its Compose profiles": {
			request: Request{Profile: "prod", Services: []string{"debugger"}},
			want:    "cache db debugger game; data world; default in; password; ",
		},
		"a named service, and not the others of its Compose profile": {
			request: Request{Profile: "prod", Services: []string{"shell"}},
			want:    "shell; ; default; ; ",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := loadFrom(t, Source{ProjectDirectory: folder(t, selectable), Environment: []string{"COMPOSE_PROFILES=" + test.profiles}})
			m := plan(t, p, test.request).Model
			got := strings.Join([]string{keys(m.Services), keys(m.Volumes), keys(m.Networks), keys(m.Secrets), keys(m.Configs)}, "; ")
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func keys[M ~map[string]V, V any](m M) string {
	return strings.Join(slices.Sorted(maps.Keys(m)), " ")
}

// deselect stands in for compose-go's own method, so it must give the same.
func TestDeselectIsWithSelectedServices(t *testing.T) {
	p := load(t, selectable)
	for _, names := range [][]string{nil, {"game"}, {"web", "db"}, {"cache"}, {"debugger"}} {
		base, err := p.base.clone(names)
		if err != nil {
			t.Fatal(err)
		}
		want, err := base.WithSelectedServices(names)
		if err != nil {
			t.Fatal(err)
		}
		pl := &planner{project: p, variant: p.base, model: base, request: Request{Services: names}}
		if err := pl.deselect(); err != nil {
			t.Fatal(err)
		}
		want.DisabledServices, pl.model.DisabledServices = nil, nil // nobody runs them
		if diff := cmp.Diff(want, pl.model, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
			t.Errorf("%v (-compose-go +devenv):\n%s", names, diff)
		}
	}
}

func TestNothingToStart(t *testing.T) {
	tests := map[string]struct{ file, want string }{
		"all wait for a profile": {
			"services: { game: { image: a, profiles: [ later ] } }",
			"no service to start\n  hint: all services wait for a Compose profile: set COMPOSE_PROFILES, or name a service\n",
		},
		"there are none": {
			"name: mud\nservices: {}",
			"compose.yaml:2: no service to start\n  hint: the file declares no services\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, "-- compose.yaml --\n"+test.file+"\n")
			_, err := loadFrom(t, Source{ProjectDirectory: dir}).Plan(Request{})
			if err == nil {
				t.Fatal("no fault")
			}
			if diff := cmp.Diff(test.want, told(err, dir)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A missing env_file stops those who start its service, and nobody else.
func TestEnvFile(t *testing.T) {
	dir := folder(t, `
-- compose.yaml --
services:
  game: { image: a, env_file: [ a.env, { path: maybe.env, required: false } ], environment: { B: own, C: } }
  lost: { image: b, env_file: lost.env }
  raw: { image: c, env_file: [ { path: raw.env, format: raw } ] }
-- a.env --
A=${WHO}
B=file
-- raw.env --
# to the letter
A=${WHO}
  B="file" # all of it
C
D
`)
	p := loadFrom(t, Source{ProjectDirectory: dir, Environment: []string{"WHO=me", "C=process"}})
	made := plan(t, p, Request{Services: []string{"game", "raw"}})
	got := map[string]string{}
	for _, service := range []string{"game", "raw"} {
		for k, v := range made.Model.Services[service].Environment {
			got[service+"."+k] = *v
		}
	}
	want := map[string]string{"game.A": "me", "game.B": "own", "game.C": "process", "raw.A": "${WHO}", "raw.B": `"file" # all of it`, "raw.C": "process"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err := p.Plan(Request{})
	if want := "service \"lost\": env_file: env file lost.env not found: stat lost.env: no such file or directory\n  hint: create the file, or give it `required: false`\n"; err == nil || told(err, dir) != want {
		t.Errorf("got %s", told(err, dir))
	}
}
