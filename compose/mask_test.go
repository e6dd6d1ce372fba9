package compose

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Every secret in this project contains the word hunter2, and every plain
// value that must stay readable contains the word plain.
const secretive = `
-- compose.yaml --
services:
  game:
    build: { context: ., args: { HEX_API_KEY: hunter2, MIX_ENV: plain1 } }
    command: [ run, --password=hunter2, --mode=plain2, --token, hunter2, --mode, plain28, --admin-password, --plain29, --password-file, /plain30 ]
    entrypoint: "sh -c 'redis-server --requirepass hunter2 --port plain31'"
    environment:
      DB_PASSWORD: hunter2
      DBPASS: hunter2
      MYSQL_PWD: hunter2
      SECRET_KEY_BASE: hunter2
      RELEASE_COOKIE: hunter2
      GOOGLE_CREDENTIALS: hunter2
      authToken: hunter2
      DATABASE_URL: ecto://mud:hunter2@plain3:5432/mud?pool=plain4
      ODD_URL: "redis://:hun:hunter2@ter@plain5:6379,redis://u:hunter2@plain6"
      GIT: https://hunter2@plain7/repo
      QUERY: "https://plain8/?user=a&password=hunter2&x=plain9"
      DSN: host=plain10 password=hunter2 dbname=mud
      PIN_SECRET: 1234567
      MONKEY: plain11
      KEYBOARD: plain12
      COMPASS: plain13
      PASSENGERS: plain14
      TOKENIZER: plain15
      PRIVATE_NETWORK: plain16
      DB_PASSWORD_FILE: /run/secrets/plain17
      HOME_URL: http://plain18:4000/path
      PWD: /plain19
      AUTHOR: plain20
      EMPTY_PASSWORD: ""
      AUTH: Bearer hunter2
      AUTHORIZATION: hunter2
      HEADER: Bearer hunter2
      BASIC: Basic hunter2
      HEADERS: "Accept: plain32, Authorization: Basic hunter2"
      AUTHENTICATION_METHOD: plain33
      NOTE: "user: plain34 password: hunter2"
      NESTED: "options: password: hunter2"
      OPTS: opts=password=hunter2
      QUOTED: "password = 'big hunter2' and {\"token\":\"hunter2\"} plain35"
      PROMPT: "Password: $$ plain36"
    env_file: game.env
    labels: { api.token: hunter2, traefik.rule: Host(plain21) }
    healthcheck: { test: [ CMD, psql, "postgres://mud:hunter2@plain22/mud" ] }
    logging: { driver: splunk, options: { splunk-token: hunter2, splunk-url: plain23 } }
    secrets: [ db_password_plain24 ]
    configs: [ site, inline ]
    ports: [ "4000:4000" ]
    x-devenv:
      profiles:
        dev: { override: { environment: { ADMIN_PASSWORD: hunter2dev, MODE: plain25 } } }
        prod: { override: { environment: [ ADMIN_PASSWORD=hunter2prod, MODE=plain26 ] } }
-- game.env --
SMTP_PASSWORD=hunter2
FROM_FILE=plain27
-- Dockerfile --
FROM scratch
CMD x
-- more.yaml --
secrets:
  db_password_plain24: { environment: HUNTER }
configs:
  site: { environment: HUNTER }
  inline: { content: "any: hunter2" }
`

func TestConfigHasNoSecrets(t *testing.T) {
	dir := folder(t, secretive)
	p := loadFrom(t, Source{
		Files:       []string{dir + "/compose.yaml", dir + "/more.yaml"},
		Environment: []string{"HUNTER=hunter2"},
	})
	made := plan(t, p, Request{})
	asYAML, err := made.Config()
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := made.ConfigJSON()
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(asYAML, new(any)); err != nil {
		t.Error(err)
	}
	if err := json.Unmarshal(asJSON, new(any)); err != nil {
		t.Error(err)
	}
	for name, text := range map[string]string{"YAML": string(asYAML), "JSON": string(asJSON), "plan": made.String()} {
		for line := range strings.Lines(text) {
			if strings.Contains(line, "hunter2") || strings.Contains(line, "1234567") {
				t.Errorf("%s tells %s", name, line)
			}
		}
	}
	for n := 1; n <= 36; n++ {
		word := "plain" + strconv.Itoa(n)
		if !strings.Contains(string(asYAML), word) {
			t.Errorf("%s is hidden in YAML", word)
		}
		if n != 26 && !strings.Contains(string(asJSON), word) { // which has no extensions
			t.Errorf("%s is hidden in JSON", word)
		}
	}
	if s := made.Model.Services["game"].Environment["DB_PASSWORD"]; s == nil || *s != "hunter2" {
		t.Error("masking changed the plan itself")
	}
}

// The answer is the same each time, and numbers are numbers.
func TestConfigIsStable(t *testing.T) {
	p := load(t, "-- compose.yaml --\nservices: { game: { image: a, mem_limit: 1g, cpus: 0.5, environment: { COUNT: \"1\" }, ports: [ \"4000:4000\" ] } }\n")
	first, err := plan(t, p, Request{}).Config()
	if err != nil {
		t.Fatal(err)
	}
	second, err := plan(t, p, Request{}).Config()
	if err != nil || string(first) != string(second) {
		t.Errorf("first\n%s\nsecond\n%s", first, second)
	}
	for _, want := range []string{"name: mud\n", "      COUNT: \"1\"\n", "target: 4000\n", "cpus: 0.5\n"} {
		if !strings.Contains(string(first), want) {
			t.Errorf("no %q in\n%s", want, first)
		}
	}
}

func TestSecretNames(t *testing.T) {
	for name, want := range map[string]bool{
		"PASSWORD": true, "password": true, "PGPASSWORD": true, "DB_PASS": true, "dbPassword": true, "TOKENS": true,
		"api-key": true, "APIKEY": true, "SSH_KEY": true, "AWS_ACCESS_KEY_ID": true, "BASIC_AUTH": true, "AUTH": true, "Authorization": true, "DB_PW": true, "Pwd": true, "pw": true, "dbpw": true, "MYSQL_PWD": true, "--requirepass": true, "SIGNING_SALT": true,
		"MONKEY": false, "KEYBOARD": false, "KEY": false, "BYPASS": false, "PASSIVE": false, "AUTH_METHOD": false, "AUTHENTICATION_METHOD": false, "--password-file": false,
		"POSTGRES_HOST_AUTH_METHOD": false, "TOKENIZER": false, "PASSWORD_FILE": false, "PRIVATE": false, "PWD": false, "OLDPWD": false, "SECRETS_DIR": false, "PWRITE": false,
	} {
		if IsSecret(name) != want {
			t.Errorf("%s: secret %v, want %v", name, !want, want)
		}
	}
}

func TestMaskText(t *testing.T) {
	for text, want := range map[string]string{
		"a token: x, b":                     "a token: ***, b",
		"password=!!!":                      "password=***",
		"password = x":                      "password = ***",
		"password='a b' c":                  "password='***' c",
		`password="half`:                    "password=***",
		`{"api_key":"k1","n":1}`:            `{"api_key":"***","n":1}`,
		"opts=password=x":                   "opts=password=***",
		"token= next=1":                     "token= next=1",
		"curl -H 'Authorization: Basic eA'": "curl -H 'Authorization: ***'",
		"Bearer a.b-c":                      "Bearer ***",
		"Basic eA==":                        "Basic ***",
		"Basic training for all":            "Basic training for all",
		"mysql --password s3 -h db":         "mysql --password *** -h db",
		"the my-secret words":               "the my-secret words",
		"(--token x --mode a --pw='b c')":   "(--token *** --mode a --pw='***')",
		"run --token --verbose":             "run --token --verbose",
		"run --no-password me":              "run --no-password me",
		"run --token-file /run/a":           "run --token-file /run/a",
		"Password: $":                       "Password: $",
		"Enter your password: ":             "Enter your password: ",
		"vault-token:1.0":                   "vault-token:1.0",
		"/a/token:/b":                       "/a/token:/b",
		"Author: me":                        "Author: me",
	} {
		if got := maskText(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
