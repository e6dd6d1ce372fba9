package compose

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
)

const overridden = `
x-shared:
  env: &env { SHARED: "1" }
services:
  game:
    image: game
    command: [ old, command ]
    working_dir: /old
    environment: { A: one, B: two }
    labels: { l: old }
    ports: [ { target: 4000, published: "4000", app_protocol: telnet } ]
    volumes: [ "world:/world", "./etc:/etc/mud" ]
    env_file: [ { path: a.env, required: false } ]
    depends_on: [ db ]
    healthcheck: { test: [ CMD, "true" ], interval: 5s }
  db: { image: postgres }
volumes: { world: , build: }
`

// An override is merged exactly as a second compose file would be: the same
// text is given once to x-devenv and once to compose-go, as a file.
func TestOverrideIsASecondFile(t *testing.T) {
	for name, text := range map[string]string{
		"a command as text":             `command: mix run --no-halt`,
		"a command as list":             `command: [ mix, run ]`,
		"an empty command":              `command: []`,
		"environment as mapping":        `environment: { B: zwei, C: "3", HOST_VAR: }`,
		"environment as list":           `environment: [ B=zwei, C=3, HOST_VAR ]`,
		"volumes in short form":         `volumes: [ ".:/app", "build:/app/_build", "./other:/etc/mud", "world:/world:ro" ]`,
		"volumes in long form":          `volumes: [ { type: bind, source: ../up, target: /up }, { type: tmpfs, target: /tmp } ]`,
		"ports are appended":            `ports: [ "4001:4001", { target: 4000, published: "4010" } ]`,
		"ports are replaced by tag":     `ports: !override [ "4001:4001" ]`,
		"environment is reset":          `environment: !reset null`,
		"one variable is reset":         `environment: { A: !reset null, C: "3" }`,
		"a volume list is replaced":     "volumes: !override\n  - .:/app\ncommand: !reset null",
		"a dependency is reset":         `depends_on: !reset []`,
		"variables":                     `{ command: "run ${WHO:-nobody} $$HOME ${WHO}", environment: { "N": "$$${WHO}" } }`,
		"variables in a path":           `volumes: [ "${WHERE:-./src}:/app" ]`,
		"a build":                       `build: { context: ./game, dockerfile: Dev, args: { A: $WHO } }`,
		"a build as text":               `build: game`,
		"an env_file":                   `env_file: [ b.env ]`,
		"a network and a profile":       `{ networks: [ default ], profiles: [] }`,
		"an anchor of the file":         `environment: { <<: *env, C: "3" }`,
		"an alias":                      `environment: *env`,
		"a number where text is wanted": `{ cpus: 1.5, mem_limit: 1g, stop_grace_period: 10s, tty: true }`,
		"a healthcheck":                 `healthcheck: { test: [ CMD, "false" ], retries: 3 }`,
		"a label with a dollar":         `labels: { l: "a$$b" }`,
		"comments in between":           "{ command: run, # it\n  tty: true }",
		"nothing":                       `{}`,
	} {
		t.Run(name, func(t *testing.T) {
			more := "\n-- game/Dev --\nFROM a\n-- game/Dockerfile --\nFROM a\n-- a.env --\nFROM_A=a\n-- b.env --\nFROM_B=$WHO\n"
			anchors := "\nx-shared: { env: &env { SHARED: \"1\" } }\n"
			said := strings.Replace(overridden, "  db: {", "    x-devenv:\n      profiles:\n        dev:\n          override:\n"+indented(text, 12)+"  db: {", 1)
			env := []string{"WHO=w$ho", "HOST_VAR=host"}

			dir := folder(t, "-- compose.yaml --"+said+more)
			got := loadFrom(t, Source{ProjectDirectory: dir, Environment: env})

			write(t, filepath.Join(dir, "compose.yaml"), overridden)
			write(t, filepath.Join(dir, "second.yaml"), anchors+"services:\n  game:\n"+indented(text, 4))
			want := loadFrom(t, Source{ProjectDirectory: dir, Environment: env, Files: []string{dir + "/compose.yaml", dir + "/second.yaml"}})

			sameModel(t, plan(t, want, Request{}), plan(t, got, Request{}))
		})
	}
}

func indented(text string, n int) string {
	space := strings.Repeat(" ", n)
	return space + strings.ReplaceAll(text, "\n", "\n"+space) + "\n"
}

// sameModel compares what two plans run, but for what devenv itself wrote.
func sameModel(t *testing.T, want, got *Plan) {
	t.Helper()
	if diff := cmp.Diff(bare(t, want), bare(t, got)); diff != "" {
		t.Errorf("(-second file +override):\n%s", diff)
	}
}

func bare(t *testing.T, p *Plan) string {
	t.Helper()
	model := *p.Model
	model.Extensions = nil
	model.Services = types.Services{}
	for name, s := range p.Model.Services {
		s.Extensions = nil
		s.Labels = types.Labels{}.Add("left", "out")
		for k, v := range p.Model.Services[name].Labels {
			if k != LabelProfile {
				s.Labels[k] = v
			}
		}
		model.Services[name] = s
	}
	text, err := model.MarshalYAML()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Where an override stands decides what it is merged over, and where its paths
// start.
func TestOverrideFromElsewhere(t *testing.T) {
	tests := map[string]struct{ said, written string }{
		"in two files: both, in order": {
			`
-- compose.yaml --
services:
  game:
    image: a
    environment: { A: "0" }
    x-devenv: { profiles: { dev: { override: { command: one, environment: { A: "1", B: "1" } } } } }
-- compose.override.yaml --
services:
  game:
    command: base
    x-devenv: { profiles: { dev: { override: { environment: { B: "2" }, volumes: [ ".:/app" ] } } } }
`, `
-- compose.yaml --
services:
  game: { image: a, command: one, environment: { A: "1", B: "2" }, volumes: [ ".:/app" ] }
`},
		"in two files, the second alone": {
			`
-- compose.yaml --
services:
  game:
    image: a
    x-devenv: { profiles: { dev: { override: { command: one, tty: true } } } }
-- compose.override.yaml --
services:
  game:
    x-devenv: { profiles: { dev: { override: !override { command: two } } } }
`, `
-- compose.yaml --
services: { game: { image: a, command: two } }
`},
		"like another profile: the nearest override, whole": {
			`
-- compose.yaml --
x-devenv: { default: ci, profiles: { ci: { like: test }, test: { like: dev } } }
services:
  game:
    image: a
    x-devenv: { profiles: { dev: { override: { command: dev, tty: true } }, test: { override: { command: test } } } }
  chat:
    image: b
    x-devenv: { profiles: { dev: { override: { command: dev } } } }
`, `
-- compose.yaml --
services: { game: { image: a, command: test }, chat: { image: b, command: dev } }
`},
		"an empty override ends the inheritance": {
			`
-- compose.yaml --
x-devenv: { default: ci, profiles: { ci: { like: dev } } }
services:
  game: { image: a, x-devenv: { profiles: { dev: { override: { command: dev } }, ci: { override: {} } } } }
`, `
-- compose.yaml --
services: { game: { image: a } }
`},
		"of an extended service in another folder": {
			`
-- compose.yaml --
services:
  game:
    extends: { file: base/base.yaml, service: template }
    x-devenv: { profiles: { dev: { override: { environment: { B: "2" }, volumes: [ "./own:/own" ] } } } }
-- base/base.yaml --
services:
  template:
    image: a
    environment: { GONE: "1" }
    tty: true
    x-devenv:
      profiles:
        dev:
          override:
            volumes: [ "./src:/src", "${SRC:-./more}:/more" ]
            environment: !override { A: "$$1" }
            tty: !reset null
  game: { image: other, x-devenv: { profiles: { dev: { override: { command: wrong } } } } }
`, `
-- compose.yaml --
services:
  game: { image: a, environment: { A: "$$1", B: "2" }, volumes: [ "./base/src:/src", "./base/more:/more", "./own:/own" ] }
`},
		"of a service that extends twice": {
			`
-- compose.yaml --
services:
  game: { extends: middle, scale: 1 }
  middle: { extends: { file: base/base.yaml, service: template }, scale: 0 }
-- base/base.yaml --
services:
  template: { extends: { file: deep/deep.yaml, service: root } }
-- base/deep/deep.yaml --
services:
  root: { image: a, x-devenv: { profiles: { dev: { override: { volumes: [ "./x:/x" ] } } } } }
`, `
-- compose.yaml --
services:
  game: { image: a, volumes: [ "./base/deep/x:/x" ], scale: 1 }
  middle: { image: a, volumes: [ "./base/deep/x:/x" ], scale: 0 }
`},
		"of an included file, with its own folder and .env": {
			`
-- compose.yaml --
include: [ sub/compose.yaml ]
services: { db: { image: db } }
-- sub/compose.yaml --
services:
  game:
    image: a
    x-devenv: { profiles: { dev: { override: { build: game, volumes: [ ".:/app" ], command: "$WHO", env_file: x.env } } } }
-- sub/game/Dockerfile --
FROM a
-- sub/.env --
WHO=sub
-- sub/x.env --
X=1
-- .env --
OTHER=main
`, `
-- compose.yaml --
services:
  db: { image: db }
  game: { image: a, build: ./sub/game, volumes: [ "./sub:/app" ], command: sub, environment: { X: "1" } }
-- sub/game/Dockerfile --
FROM a
`},
		"of an included file, and more of it in the user's": {
			`
-- compose.yaml --
include: [ { path: [ sub/compose.yaml, sub/more.yaml ], project_directory: sub/dir } ]
-- sub/compose.yaml --
services: { game: { image: a, x-devenv: { profiles: { dev: { override: { volumes: [ "./a:/a" ] } } } } } }
-- sub/more.yaml --
services: { game: { x-devenv: { profiles: { dev: { override: { volumes: [ "./b:/b" ] } } } } } }
-- compose.override.yaml --
services: { game: { x-devenv: { profiles: { dev: { override: { volumes: [ "./c:/c" ] } } } } } }
`, `
-- compose.yaml --
services: { game: { image: a, volumes: [ "./sub/dir/a:/a", "./sub/dir/b:/b", "./c:/c" ] } }
`},
		"merged into the service by an anchor": {
			`
-- compose.yaml --
x-base: &base { x-devenv: { profiles: { dev: { override: { tty: true, environment: !reset null } } } } }
services:
  game: { <<: *base, image: a, environment: { A: "1" } }
`, `
-- compose.yaml --
services: { game: { image: a, tty: true } }
`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, test.said)
			got := bare(t, plan(t, loadFrom(t, Source{ProjectDirectory: dir}), Request{}))
			wantDir := folder(t, test.written)
			want := bare(t, plan(t, loadFrom(t, Source{ProjectDirectory: wantDir}), Request{}))
			if diff := cmp.Diff(strings.ReplaceAll(want, wantDir, "DIR"), strings.ReplaceAll(got, dir, "DIR")); diff != "" {
				t.Errorf("(-written +override):\n%s", diff)
			}
		})
	}
}
