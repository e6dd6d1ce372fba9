package probe

import (
	"fmt"
	"time"

	"devenv/internal/telnet"
)

// An Outcome is what one attempt came to.
type Outcome string

// The outcomes, from nobody there to ready.
const (
	Refused         Outcome = "refused"              // nobody listens at the address
	TimedOut        Outcome = "timed out"            // no connection within the bound
	Closed          Outcome = "accepted then closed" // hung up before any text: an unready port behind a proxy, a broken boot
	Silent          Outcome = "silent"               // accepted, open, and not one byte
	NegotiationOnly Outcome = "negotiation only"     // bytes, but none a player could read
	NoMatch         Outcome = "talks, but no match"  // an answer, but not the one asked for
	Ready           Outcome = "ready"
)

// An Answer is the verdict on a question. It can be marshalled to JSON.
type Answer struct {
	Question
	Outcome  Outcome             `json:"outcome"`
	Reason   string              `json:"reason,omitempty"`   // one line, safe to print; "" where the outcome says it all
	Greeting string              `json:"greeting,omitempty"` // what the server said first, as [telnet.Visible] shows it
	Reply    string              `json:"reply,omitempty"`    // what it said after the last line sent; likewise
	HungUp   bool                `json:"hung_up,omitempty"`  // the server closed the connection before we did
	Status   telnet.ServerStatus `json:"status,omitempty"`   // by MSSP
	Evidence string              `json:"evidence,omitempty"` // what was found at the second address; one line
	Attempts int                 `json:"attempts"`
	Took     time.Duration       `json:"took_ns"` // from the first dial to the verdict

	Transcript []telnet.Entry `json:"transcript,omitempty"` // of the last attempt
}

// Ready reports whether the check holds.
func (a Answer) Ready() bool { return a.Outcome == Ready }

// Err is nil when the check holds, else an error that says which port gave what
// answer.
func (a Answer) Err() error {
	if a.Ready() {
		return nil
	}
	tries := "1 attempt"
	if a.Attempts > 1 {
		tries = fmt.Sprintf("%d attempts", a.Attempts)
	}
	return fmt.Errorf("%s on %s: not ready after %s: %s", a.Service, a.Addr, tries, a.Verdict())
}

// Finding is the outcome with its reason, on one line.
func (a Answer) Finding() string {
	if a.Reason == "" {
		return string(a.Outcome)
	}
	return string(a.Outcome) + ": " + a.Reason
}

// Verdict is the finding with the evidence, on one line.
func (a Answer) Verdict() string {
	if a.Evidence == "" {
		return a.Finding()
	}
	return a.Finding() + "; " + a.Evidence
}
