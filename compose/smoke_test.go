package compose

import (
	"strings"
	"testing"
)

const login = `
name: a new player logs in
steps:
  - expect: name
  - send: "${RANDOM_NAME}"
`

func TestConversationsComeFromTheComposeFileAndFromFilesItNames(t *testing.T) {
	p := load(t, `
-- compose.yaml --
services:
  game:
    image: a
    x-devenv:
      smoke:
        - talk/login.yaml
        - name: a guest looks around
          steps:
            - expect: name
            - send: "$${RANDOM_NAME}"
-- compose.override.yaml --
services:
  game:
    x-devenv:
      smoke: [ { name: more, steps: [ { expect: name } ] } ]
-- talk/login.yaml --`+login)
	plan, err := p.Plan(Request{})
	if err != nil {
		t.Fatal(err)
	}
	var names, places []string
	for _, c := range plan.Services[0].Smoke {
		names = append(names, c.Name)
		places = append(places, c.Where[strings.LastIndex(c.Where, "/")+1:])
	}
	if got, want := strings.Join(names, ", "), "a new player logs in, a guest looks around, more"; got != want {
		t.Errorf("conversations: %s, want %s", got, want)
	}
	if got, want := strings.Join(places, " "), "login.yaml:1 compose.yaml:7 compose.override.yaml:4"; got != want {
		t.Errorf("places: %s, want %s", got, want)
	}
	if text := plan.Services[0].Smoke[1].Steps[1].Text; text != "${RANDOM_NAME}" {
		t.Errorf("an inline variable is %q", text)
	}
}

// loadFault loads what cannot be loaded.
func loadFault(t *testing.T, archive string) (*Project, error) {
	t.Helper()
	return Load(t.Context(), Source{ProjectDirectory: folder(t, archive)})
}

func TestFaultsOfConversationsAreToldWithTheirPlace(t *testing.T) {
	_, err := loadFault(t, `
-- compose.yaml --
services:
  game:
    image: a
    x-devenv:
      smoke:
        - nowhere.yaml
        - name: wrong
          steps: [ { expekt: name } ]
        - talk.yaml
-- talk.yaml --
name: wrong too
steps:
  - expect: "("
`)
	for _, want := range []string{"compose.yaml:6: ", "nowhere.yaml", "compose.yaml:8: ", "expekt", "talk.yaml:3: "} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
}

func TestAListOfConversationsIsAList(t *testing.T) {
	_, err := loadFault(t, `
-- compose.yaml --
services:
  game:
    image: a
    x-devenv: { smoke: login.yaml }
`)
	if err == nil || !strings.Contains(err.Error(), "want a list, have login.yaml") {
		t.Errorf("%v", err)
	}
}

// fingerprint is a SHA-256 as openssl writes it.
var fingerprint = strings.Repeat("AB:", 31) + "cd"

func TestTLSOfACheck(t *testing.T) {
	p := load(t, `
-- compose.yaml --
services:
  game:
    image: a
    x-devenv:
      checks:
        "1": { tls: true }
        "2": { tls: false }
        "3": { tls: { ca: ca.pem, server_name: midgaard } }
        "4": { tls: { pin: "`+fingerprint+`", verify: none } }
-- ca.pem --
PEM
`)
	checks := p.settings.Services["game"].Checks
	if tls := checks[1].TLS; tls == nil || tls.Verify != "local" {
		t.Errorf("tls: true is %+v", tls)
	}
	if checks[2].TLS != nil {
		t.Errorf("tls: false is %+v", checks[2].TLS)
	}
	if tls := checks[3].TLS; tls == nil || tls.CA != "PEM\n" || tls.ServerName != "midgaard" {
		t.Errorf("an authority of one's own is %+v", tls)
	}
	if tls := checks[4].TLS; tls == nil || tls.Pin != fingerprint || tls.Verify != "none" {
		t.Errorf("a pin is %+v", tls)
	}
}
