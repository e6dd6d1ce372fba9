package compose

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

const keeping = `
-- compose.yaml --
services:
  game:
    build: { context: ., args: { HEX_API_KEY: hex-secret } }
    command: [ run, "amqp://u:amqp-secret@mq/v" ]
    environment:
      DB_PASSWORD: db-secret
      HARMLESS: harmless-value
      REQUIRE_TOKEN: "true"
      DATABASE_URL: "ecto://mud:url%2Fsecret@postgres/mud"
      GIT: https://git-secret@example.org/repo
    env_file: game.env
    healthcheck: { test: [ CMD, psql, "postgres://mud:check-secret@db/mud" ] }
    secrets: [ file, env, pem ]
    configs: [ site ]
  postgres: { image: postgres }
secrets:
  file: { file: file.txt }
  env: { environment: FROM_HOST }
  pem: { file: pem.txt }
configs: { site: { content: config-value } }
-- game.env --
LICENCE=licence-value
MODE=production
STAGE=test
HOST=postgres
PORT=54321
NUMBER=654321
DEBUG=True
HARMLESS=overridden-value
-- file.txt --
file-secret
-- pem.txt --
-----BEGIN-----
bGluZSBvbmU
short
-- Dockerfile --
FROM scratch
CMD x
`

func TestSecretsOfAPlan(t *testing.T) {
	dir := folder(t, keeping)
	p := plan(t, loadFrom(t, Source{ProjectDirectory: dir, Environment: []string{"FROM_HOST=host-secret"}}), Request{})
	isolated, err := p.Isolate(built(p))
	if err != nil {
		t.Fatal(err)
	}
	for _, secrets := range []*Secrets{p.Secrets(), isolated.Secrets()} {
		for _, secret := range []string{
			"hex-secret", "amqp-secret", "db-secret", "url%2Fsecret", "url/secret", "git-secret", "check-secret",
			"file-secret", "host-secret", "bGluZSBvbmU", "licence-value", "654321",
		} {
			if got := secrets.Hide("it is " + secret + "!"); got != "it is ***!" {
				t.Errorf("%s: %s", secret, got)
			}
		}
		for _, plain := range []string{
			"harmless-value", "overridden-value", "true", "True", "production", "test", "postgres", "54321", "config-value", "short", "mud", "run",
		} {
			if got := secrets.Hide("it is " + plain + "!"); got != "it is "+plain+"!" {
				t.Errorf("%s is hidden", plain)
			}
		}
	}
}

func TestHide(t *testing.T) {
	for behaviour, test := range map[string]struct {
		values     []string
		text, want string
	}{
		"nothing is hidden where nothing is secret":     {nil, "a\r\nb\n", "a\r\nb\n"},
		"a long value within a word":                    {[]string{"longsecret"}, "xlongsecrety", "x***y"},
		"a short value only where it stands alone":      {[]string{"wizard"}, "wizard wizards 'wizard' ewizard wizard", "*** wizards '***' ewizard ***"},
		"a letter is one in any script":                 {[]string{"wizard"}, "éwizard wizardß", "éwizard wizardß"},
		"a very short value is not hidden":              {[]string{"mud"}, "the mud is mud", "the mud is mud"},
		"but by its name it is":                         {[]string{"mud"}, "password=mud", "password=***"},
		"the longest first":                             {[]string{"longsecret", "longsecretword"}, "longsecretword", "***"},
		"words that overlap have one mask":              {[]string{"abcdefgh", "efghijkl"}, "abcdefghijkl.", "***."},
		"in the query of a URL":                         {[]string{"a b/c&d=e"}, "?q=a+b%2Fc%26d%3De", "?q=***"},
		"in the path of a URL":                          {[]string{"a b/c&d=e"}, "/a%20b%2Fc&d=e/", "/***/"},
		"within JSON":                                   {[]string{`say "hi" & <go>`}, `{"a":"say \"hi\" \u0026 \u003cgo\u003e","b":"say \"hi\" & <go>"}`, `{"a":"***","b":"***"}`},
		"in base64, padded or not":                      {[]string{"longsecret"}, "bG9uZ3NlY3JldA== bG9uZ3NlY3JldA.", "*** ***."},
		"in base64 for URLs":                            {[]string{"??????~~~~~~"}, "Pz8_Pz8_fn5-fn5-", "***"},
		"many lines by the line":                        {[]string{"first line of it\r\nsecond line of it\n"}, "first line of it\nand second line of it", "***\nand ***"},
		"many lines in one line of JSON":                {[]string{"one\ntwo\nthree"}, `"one\ntwo\nthree"`, `"***"`},
		"a value that a mask would make":                {[]string{"a***b***c", "longsecret"}, "alongsecretblongsecretc", "***"},
		"and one that the mask of a name would make":    {[]string{"token: ***"}, "token: x", "***"},
		"what looks like a secret by its name or place": {nil, "x\nAPI_KEY=1234\nhttp://u:pw@h", "x\nAPI_KEY=***\nhttp://u:***@h"},
	} {
		t.Run(behaviour, func(t *testing.T) {
			secrets := newSecrets(test.values)
			if got := secrets.Hide(test.text); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// Every line in which maskText hides something is looked at.
func TestNoLineIsPassedOverThatNamesASecret(t *testing.T) {
	for _, line := range []string{
		"requirepass x", "--requirepass x", "MYSQL_PWD=x", "my_ſecret=x", "SIGNING_SALT=x", "SSH_\u212AEY=x", "auth=x", "Bearer abc", "basic abc",
		"http://u:p@h", "cookie: x", "credentials: x", "api_token=x", "passphrase=x",
	} {
		if maskText(line) != line && !mayName(line) {
			t.Errorf("%q is passed over", line)
		}
	}
}

func TestWriterPassesOnWholeLines(t *testing.T) {
	var out bytes.Buffer
	w := newSecrets([]string{"longsecret"}).Writer(&out)
	for _, step := range []struct{ written, want string }{
		{"a long", ""},
		{"secret\nb longse", "a ***\n"},
		{"cret", "a ***\n"},
		{"\n\n", "a ***\nb ***\n\n"},
		{"longsecret", "a ***\nb ***\n\n"},
	} {
		if n, err := io.WriteString(w, step.written); n != len(step.written) || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		if out.String() != step.want {
			t.Errorf("after %q: %q", step.written, out.String())
		}
	}
	for range 2 {
		if err := w.Close(); err != nil || out.String() != "a ***\nb ***\n\n***" {
			t.Errorf("after the end: %q, %v", out.String(), err)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriterTellsAFault(t *testing.T) {
	w := newSecrets(nil).Writer(full{})
	if _, err := io.WriteString(w, "a\n"); err == nil {
		t.Error("no error")
	}
}

// No long value that stands in a text, in any form, is left in it; a Writer says
// the same, however it is fed.
func FuzzHide(f *testing.F) {
	f.Add("longsecret", "other secret", "password=", " end\n", uint8(3))
	f.Add("a***b***c", "********", "a", "c", uint8(1))
	f.Add("line one of it\nline two of it", "token: ***", "token: ", "\r\n", uint8(7))
	f.Add("\xff\xfe1234567", "://u:p@h/://", "http", "@", uint8(2))
	f.Fuzz(func(t *testing.T, one, two, before, after string, step uint8) {
		if len(one+two+before+after) > 400 {
			t.Skip("long ones find nothing more, slowly")
		}
		secrets := newSecrets([]string{one, two})
		var text strings.Builder
		text.WriteString(before)
		for _, value := range []string{one, two} {
			for _, form := range forms(strings.TrimSpace(value)) {
				text.WriteString(form + after + before + form)
			}
		}
		hidden := secrets.Hide(text.String())
		for _, value := range []string{one, two} {
			if lines := strings.Split(strings.TrimSpace(value), "\n"); len(lines) > 1 {
				for _, line := range lines {
					mustNotSay(t, hidden, strings.TrimSpace(line))
				}
				continue
			}
			if utf8.RuneCountInString(strings.TrimSpace(value)) < hiddenAlone {
				continue
			}
			for _, form := range forms(strings.TrimSpace(value)) {
				mustNotSay(t, hidden, form)
			}
		}
		if got := byWriter(t, secrets, text.String(), int(step)+1); got != hidden {
			t.Errorf("by writer %q, at once %q", got, hidden)
		}
	})
}

func mustNotSay(t *testing.T, text, value string) {
	t.Helper()
	if utf8.RuneCountInString(value) >= hiddenAnywhere && strings.Contains(text, value) {
		t.Errorf("%q is left in %q", value, text)
	}
}

// byWriter hides a text that is written in parts of so many bytes.
func byWriter(t *testing.T, secrets *Secrets, text string, step int) string {
	t.Helper()
	var out bytes.Buffer
	w := secrets.Writer(&out)
	for text != "" {
		n := min(step, len(text))
		if _, err := io.WriteString(w, text[:n]); err != nil {
			t.Fatal(err)
		}
		text = text[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func BenchmarkHide(b *testing.B) {
	values := []string{"longsecret", "wizard"}
	for i := range 200 {
		values = append(values, strings.Repeat(string(rune('a'+i%26)), 8+i%20))
	}
	secrets := newSecrets(values)
	text := strings.Repeat("2026-01-01 12:00:00 [info] a player has entered the room of wizards, 12 here\n", 10000) +
		strings.Repeat("2026-01-01 12:00:00 [info] password=longsecret of a wizard\n", 1000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		secrets.Hide(text)
	}
}
