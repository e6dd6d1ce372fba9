package probe

import (
	"regexp"
	"slices"
	"testing"
	"time"
)

func TestHowLongAGreetingIsHeard(t *testing.T) {
	tests := map[string]struct {
		steps []step
		q     Question
		took  time.Duration
		want  string
	}{
		"to its prompt mark":              {steps: []step{server("Name? \xff\xf9"), wait(10 * time.Millisecond), server("more")}, took: 0, want: "Name?"},
		"a mark before the text is none":  {steps: []step{server("\xff\xf9Name? ")}, took: quiet, want: "Name?"},
		"to a pause":                      {steps: []step{server("a\r\n"), wait(20 * time.Millisecond), server("b"), wait(40 * time.Millisecond), server("c")}, took: 50 * time.Millisecond, want: "a\nb"},
		"longer, when we invited more":    {steps: []step{server("a\r\n\xff\xfd\x18"), wait(100 * time.Millisecond), server("b")}, took: 130 * time.Millisecond, want: "a\nb"},
		"not for ever":                    {steps: slices.Repeat([]step{server("x"), wait(22 * time.Millisecond)}, 50), took: longGreeting, want: "xxxxxxxxxxxxxx"},
		"a match is enough":               {steps: []step{server("Na"), wait(time.Second), server("me? ")}, q: Question{Expect: regexp.MustCompile("Name")}, took: time.Second, want: "Name?"},
		"MSSP gets its time":              {steps: []step{server("Hi\xff\xfb\x46\xff\xf9"), wait(200 * time.Millisecond), server("\xff\xfa\x46\x01NAME\x02x\xff\xf0")}, took: 200 * time.Millisecond, want: "Hi"},
		"but no more than that":           {steps: []step{server("Hi\xff\xfb\x46\xff\xf9")}, took: msspReply, want: "Hi"},
		"a byte a second ends with bound": {steps: slices.Repeat([]step{server("x"), wait(1100 * time.Millisecond)}, 50), q: Question{Expect: regexp.MustCompile("y")}, took: 3 * time.Second, want: "xxx"},
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
