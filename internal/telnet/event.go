package telnet

import "fmt"

// A Kind says what an [Event] is.
type Kind byte

// The kinds of events.
const (
	None           Kind = iota // nothing yet: the input ended within a sequence
	Text                       // Data is text for the user, still with its escape sequences
	Signal                     // Command came alone: GA, EOR, NOP, AYT…
	Negotiation                // Command is WILL, WONT, DO or DONT; Option says of what
	Subnegotiation             // Data is what came between IAC SB Option and IAC SE
	Dropped                    // a subnegotiation of Option was too long or broken off; Data is lost
)

// An Event is one thing the other side said.
type Event struct {
	Kind    Kind
	Command Command
	Option  Option
	Data    []byte // valid until the decoder is used again
}

// String renders the event for people and for tests.
func (e Event) String() string {
	switch e.Kind {
	case Text:
		return fmt.Sprintf("text %q", e.Data)
	case Signal:
		return e.Command.String()
	case Negotiation:
		return e.Command.String() + " " + e.Option.String()
	case Subnegotiation:
		return fmt.Sprintf("SB %s %q", e.Option, e.Data)
	case Dropped:
		return "dropped SB " + e.Option.String()
	}
	return "nothing"
}
