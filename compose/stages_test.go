package compose

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStages(t *testing.T) {
	tests := map[string]struct{ archive, want string }{
		"which profile uses which": {
			`
-- compose.yaml --
x-devenv: { profiles: { ci: { like: prod }, broken: { target: nope } } }
services:
  game: { build: ., ports: [ { target: 4000, published: "4000", app_protocol: telnet } ] }
  web: { build: { context: ., target: Release } }
  later: { build: ., profiles: [ later ] }
  db: { image: postgres }
-- Dockerfile --
FROM elixir:1.14 AS Builder
RUN true
FROM builder AS release

FROM scratch AS runner
FROM runner
`,
			`game Dockerfile
  missing: broken wants nope
  1 builder elixir:1.14 [dev]
  3 release builder []
  5 runner scratch [ci prod]
  6  runner []
later Dockerfile
  1 builder elixir:1.14 []
  3 release builder []
  5 runner scratch []
  6  runner []
web Dockerfile
  1 builder elixir:1.14 []
  3 release builder [ci dev prod]
  5 runner scratch []
  6  runner []
`},
		"the last stage without a name": {
			"-- compose.yaml --\nservices: { game: { build: . } }\n-- Dockerfile --\nFROM a AS builder\nFROM b\n",
			"game Dockerfile\n  1 builder a [dev]\n  2  b [prod]\n",
		},
		"a remote context has none that are known": {
			"-- compose.yaml --\nservices: { game: { build: \"https://github.com/mud/mud.git\" } }\n",
			"game https://github.com/mud/mud.git\n",
		},
		"what is missing, service by service": {
			`
-- compose.yaml --
services:
  game: { build: ., ports: [ { target: 4000, published: "4000", app_protocol: telnet } ] }
  chat: { build: { dockerfile_inline: "FROM a AS builder\nFROM b AS release" }, ports: [ { target: 4100, published: "4100", app_protocol: telnet } ] }
-- Dockerfile --
FROM a AS build
FROM b AS release
`,
			`chat dockerfile_inline
  missing: prod wants runner
  1 builder a []
  2 release b []
game Dockerfile
  missing: dev wants builder
  missing: prod wants runner
  1 build a []
  2 release b []
`},
		"nothing is built": {"-- compose.yaml --\nservices: { game: { image: a } }\n", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, test.archive)
			all, err := loadFrom(t, Source{ProjectDirectory: dir}).Stages()
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for _, s := range all {
				fmt.Fprintf(&b, "%s %s\n", s.Service, strings.TrimPrefix(s.Dockerfile, dir+"/"))
				for _, missing := range s.Missing {
					fmt.Fprintf(&b, "  missing: %s\n", missing)
				}
				for _, stage := range s.Stages {
					fmt.Fprintf(&b, "  %d %s %s %v\n", stage.Line, stage.Name, stage.From, stage.Profiles)
				}
			}
			if diff := cmp.Diff(test.want, b.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestStagesOfABrokenDockerfile(t *testing.T) {
	dir := folder(t, "-- compose.yaml --\nservices: { game: { build: . } }\n-- Dockerfile --\nFROM a\nRUN --mount=oops\nWHAT\n")
	_, err := loadFrom(t, Source{ProjectDirectory: dir}).Stages()
	want := "service \"game\": Dockerfile:3: unknown instruction: WHAT\n  hint: correct the line; https://docs.docker.com/reference/dockerfile lists the instructions\n"
	if err == nil || told(err, dir) != want {
		t.Errorf("got %s", told(err, dir))
	}
}
