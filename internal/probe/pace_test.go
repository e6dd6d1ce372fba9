package probe

import (
	"regexp"
	"slices"
	"testing"
	"time"
)

func TestHowLongAGreetingIsHeard(t *testing.T) {
	say := func(s string) step { return step{verb: "server", text: s} }
	wait := func(d time.Duration) step { return step{verb: "wait", time: d} }
	tests := map[string]struct {
		steps []step
		q     Question
		took  time.Duration
		want  string
	}{
		"to its prompt mark":              {steps: []step{say("Name? \xff\xf9"), wait(10 * time.Millisecond), say("more")}, took: 0, want: "Name?"},
		"a mark before the text is none":  {steps: []step{say("\xff\xf9Name? ")}, took: quiet, want: "Name?"},
		"to a pause":                      {steps: []step{say("a\r\n"), wait(40 * time.Millisecond), say("b"), wait(60 * time.Millisecond), say("c")}, took: 90 * time.Millisecond, want: "a\nb"},
		"longer, when we invited more":    {steps: []step{say("a\r\n\xff\xfd\x18"), wait(100 * time.Millisecond), say("b")}, took: 150 * time.Millisecond, want: "a\nb"},
		"not for ever":                    {steps: slices.Repeat([]step{say("x"), wait(40 * time.Millisecond)}, 50), took: longGreeting, want: "xxxxxxxx"},
		"a match is enough":               {steps: []step{say("Na"), wait(time.Second), say("me? ")}, q: Question{Expect: regexp.MustCompile("Name")}, took: time.Second, want: "Name?"},
		"MSSP gets its time":              {steps: []step{say("Hi\xff\xfb\x46\xff\xf9"), wait(200 * time.Millisecond), say("\xff\xfa\x46\x01NAME\x02x\xff\xf0")}, took: 200 * time.Millisecond, want: "Hi"},
		"but no more than that":           {steps: []step{say("Hi\xff\xfb\x46\xff\xf9")}, took: msspReply, want: "Hi"},
		"a byte a second ends with bound": {steps: slices.Repeat([]step{say("x"), wait(1100 * time.Millisecond)}, 50), q: Question{Expect: regexp.MustCompile("y")}, took: 3 * time.Second, want: "xxx"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a, _ := askScript(t, tt.steps, tt.q)
			if a.Greeting != tt.want || a.Took.Round(5*time.Millisecond) != tt.took {
				t.Errorf("heard %q for %v; want %q for %v", a.Greeting, a.Took, tt.want, tt.took)
			}
		})
	}
}
