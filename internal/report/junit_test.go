package report

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJUnit(t *testing.T) {
	tests := map[string]struct {
		smoke Smoke
		want  string
	}{
		"a pass": {passing(), `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite package="mud" id="0" name="mud.prod" timestamp="2026-03-01T11:00:00" hostname="localhost" tests="3" failures="0" errors="0" time="4.200">
    <properties>
      <property name="profile" value="prod"></property>
      <property name="attempts" value="1"></property>
      <property name="flaky" value="false"></property>
      <property name="artifacts" value="artifacts/prod"></property>
    </properties>
    <testcase classname="mud.prod" name="images of prod" time="0.850"></testcase>
    <testcase classname="mud.prod.game" name="is ready" time="2.000"></testcase>
    <testcase classname="mud.prod.game" name="a new player looks around" time="0.070"></testcase>
    <system-out></system-out>
    <system-err></system-err>
  </testsuite>
</testsuites>
`},
		"a failure, and what it kept from being looked at": {failed(), `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite package="mud" id="0" name="mud.prod" timestamp="2026-03-01T11:00:00" hostname="localhost" tests="3" failures="1" errors="0" skipped="1" time="61.000">
    <properties>
      <property name="profile" value="prod"></property>
      <property name="attempts" value="1"></property>
      <property name="flaky" value="false"></property>
    </properties>
    <testcase classname="mud.prod" name="images of prod" time="0.000"></testcase>
    <testcase classname="mud.prod.game" name="check 5556 telnet" time="60.000">
      <failure message="silent: not one byte within 3s" type="check"><![CDATA[asked for by: /src/mud/compose.yaml:12
last log lines:
** boot <failed> | ` + "`oops`" + `
::error::fake

next: docker logs mud-game-1]]></failure>
    </testcase>
    <testcase classname="mud.prod.game" name="a new player looks around" time="0.000">
      <skipped><![CDATA[the game was not ready]]></skipped>
    </testcase>
    <system-out></system-out>
    <system-err></system-err>
  </testsuite>
</testsuites>
`},
		"no profile": {Smoke{}, `<?xml version="1.0" encoding="UTF-8"?>
<testsuites></testsuites>
`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, junit(t, tt.smoke)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAFlakeIsVisibleInJUnit(t *testing.T) {
	text := junit(t, flaky())
	for _, want := range []string{
		`failures="0"`,
		`<property name="attempts" value="2">`,
		`<property name="flaky" value="true">`,
		"<system-out><![CDATA[FLAKY: passed at attempt 2 of 3\nattempt 1: game: check 5556 telnet: silent: not one byte within 3s\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in:\n%s", want, text)
		}
	}
}

func TestARunWithoutAnAttemptFailsInJUnit(t *testing.T) {
	if text := junit(t, smokeOf(SmokeRun{Profile: "prod"})); !strings.Contains(text, `tests="1" failures="1"`) {
		t.Error(text)
	}
}

func TestEachProfileIsASuiteOfItsOwn(t *testing.T) {
	text := junit(t, twoProfiles())
	for _, want := range []string{`id="0" name="mud.dev"`, `id="1" name="mud.prod"`, `classname="mud.dev.game"`, `classname="mud.prod.game"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in:\n%s", want, text)
		}
	}
}

func junit(t testing.TB, s Smoke) string {
	t.Helper()
	var b strings.Builder
	if err := JUnit(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func FuzzAnyTextGivesJUnitThatTellsTheSame(f *testing.F) {
	for _, text := range []string{"", "plain", "a\r\nb\rc\n", "]]>]]>", "\x00\x1b[0m\x7f\u0085\ufffe\uffff\ufffd\U0010ffff", "\xff\xc0\x80\xed\xa0\x80", "<a b='\"'>&amp;&#0;", "\u202e\u2028 \t"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := Case{Kind: CaseCheck, Service: text, Name: text, Result: Broken, Reason: text, Detail: text}
		written := junit(t, smokeOf(SmokeRun{Profile: text, Attempts: []Attempt{{Cases: []Case{c}}}}))
		var read junitSuites
		if err := xml.Unmarshal([]byte(written), &read); err != nil {
			t.Fatalf("%v in:\n%s", err, written)
		}
		wellFormed(t, written)
		failure := read.Suites[0].Cases[0].Failure
		if want := strings.Map(visibleInXML, onlyNewlines(text)); failure.Text != want {
			t.Errorf("told %q as %q", text, failure.Text)
		}
		if want := strings.Join(strings.Fields(strings.Map(visibleInXML, onlyNewlines(text))), " "); failure.Message != want {
			t.Errorf("told %q as %q", text, failure.Message)
		}
	})
}

// onlyNewlines is text of whole characters whose lines end as XML ends them.
func onlyNewlines(text string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(text, ""))
}

// visibleInXML is the table of characters that XML 1.0 allows.
func visibleInXML(c rune) rune {
	switch {
	case c == '\t', c == '\n', c >= 0x20 && c <= 0xd7ff, c >= 0xe000 && c <= 0xfffd, c >= 0x10000 && c <= 0x10ffff:
		return c
	}
	return -1
}

func wellFormed(t *testing.T, text string) {
	t.Helper()
	dec := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
