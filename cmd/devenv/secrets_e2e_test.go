//go:build e2e

package main

import (
	"encoding/base64"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// planted are the secrets of the talkative game, by where they stand.
var planted = map[string]string{
	"a secret's file":            "file&secret<77>",
	"a secret of a variable":     "variable-secret-78",
	"an env file":                "env-file-value-79",
	"a password":                 "pass/word+80==",
	"a token":                    "token-value-81",
	"a URL":                      "url-password-82",
	"a build argument":           "argument-key-83",
	"a later line of a key file": "LATERLINEOFAKEY84",
	"a variable of .env":         "dot-env-variable-85",
	"a word after an option":     "word-after-option-86",
	"what YAML puts in quotes":   "@it's-se: cret-87",
	"what a player says":         "players-word-88",
}

// talkative is a game that tells all its secrets: while it is built, in its log, to
// its players, in its healthcheck and, told to, in its last words.
const talkative = `
services:
  game:
    build: { context: ., args: { DEPLOY_KEY: argument-key-83, FAIL: "${FAIL:-}" } }
    ports: [ { target: 4000, app_protocol: telnet } ]
    init: true
    env_file: [ game.env ]
    environment:
      DB_PASSWORD: "pass/word+80=="
      API_TOKEN: token-value-81
      DATABASE_URL: ecto://mud:url-password-82@db/mud
      BREAK: "${BREAK:-}"
      HARMLESS_NAME: "${ROOT_API_KEY}"
      QUOTED_PASSWORD: "@it's-se: cret-87"
    labels: { told: "${ROOT_API_KEY}" }
    command: [ python3, -u, game.py, --password, word-after-option-86 ]
    secrets: [ pin, word, key ]
    healthcheck: { test: "env; cat /run/secrets/*", interval: 1s }
    x-devenv: { smoke: [ { name: a player hears too much, steps: [ { send: "$${PASSWORD}" }, { expect: { text: "$${SAYS}", within: 1s } } ] } ] }
secrets:
  pin: { file: pin.txt }
  key: { file: key.pem }
  word: { environment: SECRET_WORD }
`

const talkativeGame = `
import base64, glob, os, socketserver, sys, urllib.parse

told = "".join(f"{k}={v}\n" for k, v in os.environ.items()) + "".join(open(f).read() + "\n" for f in glob.glob("/run/secrets/*"))
told += base64.b64encode(os.environ["API_TOKEN"].encode()).decode() + "\n" + urllib.parse.quote_plus(os.environ["DB_PASSWORD"]) + "\n"
print(told, flush=True)
if os.environ["BREAK"]:
    sys.exit(3)


class Player(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(told.replace("\n", "\r\n").encode() + b"By what name? ")
        print("somebody said", self.rfile.readline(), flush=True)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


with Server(("", 4000), Player) as server:
    server.serve_forever()
`

// TestSecretsAreInNoOutputAndNoArtifact plants secrets and looks for each, as it is
// and encoded, in everything that smoke runs write: of one that passes, and of those that
// fail at each step.
func TestSecretsAreInNoOutputAndNoArtifact(t *testing.T) {
	e := realEngine(t)
	project := uniqueProject()
	t.Cleanup(func() {
		remove(t, e, project)
		removeImages(project + "-game:_last")
	})
	dir := t.TempDir()
	for name, text := range map[string]string{
		"compose.yaml": talkative,
		"game.py":      talkativeGame,
		".env":         "ROOT_API_KEY=dot-env-variable-85\n",
		"game.env":     "HARMLESS=env-file-value-79\n",
		"pin.txt":      planted["a secret's file"],
		"key.pem":      "-----BEGIN KEY-----\nLATERLINEOFAKEY84\n-----END KEY-----\n",
		"Dockerfile":   "FROM python:3.11-slim\nARG DEPLOY_KEY\nARG FAIL\nRUN echo deploying with $DEPLOY_KEY; test -z \"$FAIL\"\nCOPY game.py .\nCMD [\"python3\", \"-u\", \"game.py\"]\n",
	} {
		write(t, filepath.Join(dir, name), text)
	}
	for name, run := range map[string]struct {
		code int
		env  []string
	}{
		"passes":                   {0, []string{"DEVENV_SAYS=By what name"}},
		"hears something else":     {6, []string{"DEVENV_SAYS=Farewell"}},
		"crashes":                  {6, []string{"BREAK=1", "DEVENV_SAYS=x"}},
		"cannot be built":          {5, []string{"FAIL=1", "DEVENV_SAYS=x"}},
		"passes in GitHub's forge": {0, []string{"GITHUB_ACTIONS=true", "DEVENV_SAYS=By what name"}},
	} {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			p := newProgram(t, dir, append(run.env, "COMPOSE_PROJECT_NAME="+project, "SECRET_WORD="+planted["a secret of a variable"], "DEVENV_PASSWORD=players-word-88")...)
			for _, format := range []string{"text", "json"} {
				ended := p.run(run.code, "smoke", "--format", format, "--artifacts", out, "--junit", filepath.Join(out, "junit.xml"), "--summary", filepath.Join(out, "summary.md"))
				write(t, filepath.Join(out, "stdout."+format), ended.stdout)
				write(t, filepath.Join(out, "stderr."+format), ended.stderr)
			}
			searchFor(t, out)
		})
	}
}

func searchFor(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		for where, secret := range planted {
			for form, shown := range map[string]string{
				"as it is": secret, "in base64": base64.StdEncoding.EncodeToString([]byte(secret)), "in a URL": url.QueryEscape(secret),
			} {
				if at := strings.Index(string(text), shown); at >= 0 {
					t.Errorf("%s: %s, %s: …%s…", filepath.Base(file), where, form, text[max(0, at-60):min(len(text), at+80)])
				}
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
