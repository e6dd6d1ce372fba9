package compose

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const interpolating = `
-- .env --
API_KEY=key-of-env
ADMIN_PASSWORD=wiz7
LABEL_TOKEN=label-token
ARG_SECRET=arg-secret
CHECK_PASSWORD=check/pass?
UNUSED_TOKEN=unused-token
DB_TOKEN=postgres
POSTED_TOKEN=smoke-token
-- compose.yaml --
services:
  game:
    build: { context: ., args: { HARMLESS: "x${ARG_SECRET}x" } }
    command: [ game, --admin, "${ADMIN_PASSWORD}", --password, hunter2hunter2, --token, $$TOKEN, --api-key, --verbose ]
    entrypoint: >-
      sh -c 'serve --requirepass inner-word --pw=inner-pw "Authorization: Bearer inner-bearer" --token "$$LATER"'
    environment:
      LEAK: ${API_KEY}
      PROCESS: ${HOST_TOKEN}
      DSN: Server=db;Uid=mud;Pwd=dsn-word;Encrypt=true
      DB_PW: db-pw
      PWD: /home/mud/game
      OTHER: postgres unused
    labels: { of: "${LABEL_TOKEN}", url: "https://label-git@example.org" }
    healthcheck: { test: [ CMD, psql, --password, check-word, "-x${CHECK_PASSWORD}" ] }
    post_start: [ { command: [ hook, --secret, hook-word ] } ]
    env_file: game.env
    volumes: [ "world:/world" ]
    networks: [ realm ]
    configs: [ site ]
    x-devenv: { profiles: { ci: { override: { tty: true } } }, smoke: [ { name: a, steps: [ { send: "${POSTED_TOKEN}" } ] } ] }
  postgres: { image: postgres }
x-devenv: { profiles: { nightly: { like: prod } } }
volumes: { world: { name: the-world-volume } }
networks: { realm: { name: the-realm-network } }
configs: { site: { environment: HOST_SECRET } }
-- game.env --
GAME_NAME=mygamex
VOLUME=the-world-volume
KEY_OF_VOLUME=world
NETWORK=the-realm-network
REALM=realm
PROFILE=nightly
LICENCE=licence-value
OLDPWD=/home/mud/before
-- Dockerfile --
FROM scratch
CMD x
`

func TestSecretsThatAreFoundInTheModel(t *testing.T) {
	dir := folder(t, interpolating)
	p := plan(t, loadFrom(t, Source{
		ProjectDirectory: dir, ProjectName: "mygamex",
		Environment: []string{"HOST_TOKEN=host-token", "HOST_SECRET=host-secret", "SHELL_TOKEN=shell-token", "OTHER_TOKEN=unus"},
	}), Request{})
	secrets := p.Secrets()
	for _, secret := range []string{
		"key-of-env", "wiz7", "label-token", "arg-secret", "check/pass?", "hunter2hunter2", "inner-word", "inner-pw", "inner-bearer",
		"host-token", "dsn-word", "db-pw", "label-git", "check-word", "hook-word", "licence-value", "host-secret", "smoke-token",
	} {
		if got := secrets.Hide("it is " + secret + "!"); got != "it is ***!" {
			t.Errorf("%s: %s", secret, got)
		}
	}
	for _, plain := range []string{
		"unused-token", "shell-token", "unus", "postgres", "$TOKEN", "$LATER", "--verbose", "/home/mud/game", "/home/mud/before", "true",
		"mygamex", "the-world-volume", "world", "the-realm-network", "realm", "nightly",
	} {
		if got := secrets.Hide("it is " + plain + "!"); got != "it is "+plain+"!" {
			t.Errorf("%s is hidden", plain)
		}
	}
}

func TestMoreSecrets(t *testing.T) {
	few := newSecrets([]string{"longsecret"})
	more := few.With("other-secret", "pass")
	for secrets, want := range map[*Secrets]string{few: "*** other-secret pass", more: "*** *** ***"} {
		if got := secrets.Hide("longsecret other-secret pass"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestEarlySecrets(t *testing.T) {
	secrets := EarlySecrets([]string{"API_KEY=of=shell", "PWD=/home/mud", "EDITOR=vi-improved", "REQUIRE_TOKEN=true", "odd"})
	if got, want := secrets.Hide("of=shell /home/mud vi-improved true"), "*** /home/mud vi-improved true"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestAValueIsHiddenAsYAMLWritesIt(t *testing.T) {
	for _, value := range []string{"it's a: secret", "emoji \U0001F600 secret", "tab\there secret", "bell\a \"secret\"", "- dash secret", "zero\u200bwidth", "\xff\xfe secret word"} {
		for _, style := range []yaml.Style{0, yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle} {
			text, err := yaml.Marshal(&yaml.Node{Kind: yaml.ScalarNode, Value: value, Style: style})
			if err != nil {
				t.Fatal(err)
			}
			got := newSecrets([]string{value}).Hide(string(text))
			if strings.TrimSpace(strings.Trim(strings.TrimPrefix(got, "!!binary "), "'\"\n")) != mask {
				t.Errorf("%q is %q, hidden %q", value, text, got)
			}
		}
	}
}

func TestAFaultOfAnEnvFileQuotesNothing(t *testing.T) {
	for behaviour, test := range map[string]struct{ line, format, want string }{
		"a name that is none":  {"A KEY!=hunter2", "", "line 2: unexpected character \"!\" in variable name"},
		"an end that is not":   {"KEY='hunter2", "", ": unterminated quoted value"},
		"a variable that ends": {"KEY=${hunter2", "", "nvalid template"},
		"a raw line":           {"A hunter2=1", "raw", "game.env:2: the line does not begin with the name of a variable"},
	} {
		t.Run(behaviour, func(t *testing.T) {
			lines := "OK=1\n" + test.line + "\n"
			service := "services: { game: { image: a, env_file: [ { path: game.env, format: " + test.format + " } ] } }\n"
			if test.format == "" {
				service = "services: { game: { image: a, env_file: game.env } }\n"
				_, err := Load(t.Context(), Source{ProjectDirectory: folder(t, "-- compose.yaml --\nservices: { game: { image: a } }\n-- .env --\n"+lines)})
				if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), test.want) {
					t.Errorf("of .env: %v", err)
				}
			}
			p := load(t, "-- compose.yaml --\n"+service+"-- game.env --\n"+lines)
			_, err := p.Plan(Request{})
			if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v", err)
			}
		})
	}
}
