package conversation

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestHiddenTextIsShownNowhere(t *testing.T) {
	tests := map[string]struct {
		steps  string
		server []act
	}{
		"a server that says nothing of it": {
			"- expect: word\n- send: {text: s3cret, hidden: true}\n- expect: Welcome",
			[]act{says("word?"), wants("s3cret"), says("Begone.")}},
		"a server that repeats it": {
			"- send: {text: s3cret, hidden: true}\n- expect: Welcome",
			[]act{wants("s3cret"), says("s3cret is \x1b[1ms3c\x1b[0mret is wrong. Not s3cret")}},
		"a server that repeats it at the edge of what is told": {
			"- send: {text: s3cret, hidden: true}\n- expect: Welcome",
			[]act{wants("s3cret"), says("s3cret" + strings.Repeat("x", maxSaid-3))}},
		"a server that does so, and hangs up": {
			"- send: {text: s3cret, hidden: true}\n- expect: Welcome",
			[]act{wants("s3cret"), says("s3cret?"), quits}},
		"a send that is never heard": {
			"- send: {text: s3cret, hidden: true}\n- send: {text: s3cret, hidden: true}",
			[]act{quits}},
		"a password from outside": {
			"- send: {text: 'login Ann ${PASSWORD}', hidden: true}\n- expect: Welcome",
			[]act{wants("login Ann s3cret"), says("What is 'login Ann s3cret'?")}},
		"one that is not marked, and repeated alone": {
			"- send: 'login Ann ${PASSWORD}'\n- expect: Welcome",
			[]act{wants("login Ann s3cret"), says("I know of no s3cret.")}},
		"a password prompt": {
			"- expect: word\n- send: '${PASSWORD}'\n- expect: Welcome",
			[]act{says("word?"), says(willEcho), wants("s3cret"), says("Begone.")}},
	}
	p := Player{Vars: map[string]string{"PASSWORD": "s3cret"}}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, cut := range []func(string) []string{whole, single} {
				r, err := playScript(t, p, steps(t, tt.steps), tt.server, cut)
				if r.OK() || err != nil {
					t.Fatalf("%v, %v", r.Err(), err)
				}
				all, err := json.Marshal(r)
				if err != nil {
					t.Fatal(err)
				}
				said := fmt.Sprintf("%s\n%s\n%v\n%s", all, r.Transcript, r.Err(), r.LastWords)
				if strings.Contains(said, "s3cret") {
					t.Errorf("%s", said)
				}
			}
		})
	}
}

func TestAMaskerHidesInEverySplit(t *testing.T) {
	const text = "aaab: abab, aab aaba; the wizard's staff"
	m := masker{}
	m.add("aab")
	m.add("abab")
	m.add("th") // too short to be sought
	want := m.mask(text)
	if want != "a[hidden]: [hidden], [hidden] [hidden]a; the wizard's staff" {
		t.Errorf("whole: %q", want)
	}
	for i := range text {
		for j := i; j < len(text); j++ {
			m.held = ""
			got := m.pass(text[:i]) + m.pass(text[i:j]) + m.pass(text[j:]) + m.rest()
			if got != want {
				t.Fatalf("%q %q %q: %q", text[:i], text[i:j], text[j:], got)
			}
		}
	}
}
