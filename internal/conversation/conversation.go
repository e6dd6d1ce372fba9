package conversation

import (
	"cmp"
	"slices"
	"time"
)

// stepWithin is how long a step may take that does not say so itself.
const stepWithin = 10 * time.Second

// A Conversation is what to say to a game, and what it should answer. It can be
// marshalled to YAML that [Parse] reads.
type Conversation struct {
	Name   string
	Port   uint16        // inside the container; 0: the first telnet port
	Within time.Duration // of all steps together; 0: as long as each may take
	Steps  []Step        // at least one, as parsed
	Where  string        // "file:line", or ""
}

// A Verb says what a [Step] does.
type Verb string

// The verbs.
const (
	Expect Verb = "expect" // wait for text that matches; what follows the match is left for the next step
	Send   Verb = "send"   // say a line
	Prompt Verb = "prompt" // wait until the server waits for us: GA, EOR, or a pause amid a line
	MSSP   Verb = "mssp"   // wait for the server's status, which it must announce, and look at it
	Close  Verb = "close"  // wait until the server hangs up; always last
)

// A Step is one thing to say or to wait for.
type Step struct {
	Verb   Verb
	Text   string            // of Expect, a regular expression; of Send, a line without its end; variables not replaced
	Hidden bool              // of Send: shown nowhere; so is what holds a variable named like a password
	Status map[string]string // of MSSP: a regular expression for each variable that must be there
	Within time.Duration     // 0 is 10 s
	Where  string            // "file:line", or ""
}

func (s Step) bound() time.Duration { return cmp.Or(s.Within, stepWithin) }

// asksStatus reports whether the conversation wants MSSP at all.
func (c Conversation) asksStatus() bool {
	return slices.ContainsFunc(c.Steps, func(s Step) bool { return s.Verb == MSSP })
}
