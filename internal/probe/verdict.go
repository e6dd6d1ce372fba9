package probe

import (
	"bytes"
	"fmt"
)

// tlsAlert is how a server that speaks TLS answers what is none.
var tlsAlert = []byte{0x15, 0x03}

func (c *conversation) verdict(end ending) Answer {
	a := Answer{Greeting: c.greeting, HungUp: end == hungUp, Status: c.mssp.status}
	if c.sent == 0 {
		a.Greeting = c.told(nil)
	} else if c.sent == len(c.q.Send) {
		a.Reply = c.told(c.secrets)
	}
	a.Outcome = c.outcome(end)
	a.Reason = c.reason(a.Outcome, end)
	return a
}

func (c *conversation) speaksTLS() bool { return bytes.HasPrefix(c.first, tlsAlert) }

func (c *conversation) outcome(end ending) Outcome {
	said := c.sent == len(c.q.Send)
	switch {
	case c.speaksTLS():
		return NoMatch
	case !c.held.IsZero() && said && c.statusFault(end) == "":
		return Ready
	case c.talked:
		return NoMatch
	case end == hungUp && c.mssp.replied && c.q.Expect == nil && said:
		// Some servers hang up after MSSP: a game that counts its players is up.
		if c.statusFault(end) != "" {
			return NoMatch
		}
		return Ready
	case end == hungUp:
		return Closed
	case c.heard == 0:
		return Silent
	}
	return NegotiationOnly
}

func (c *conversation) statusFault(end ending) string {
	return c.mssp.fault(c.q.MSSPVariables, end, c.within(end))
}

// within says how far the server was heard.
func (c *conversation) within(end ending) string {
	switch end {
	case hungUp:
		return "before the server hung up"
	case full:
		return fmt.Sprintf("in the first %d KiB", maxHeard>>10)
	}
	return fmt.Sprintf("within %v", c.q.bound())
}

func (c *conversation) reason(o Outcome, end ending) string {
	within := c.within(end)
	switch {
	case o == Ready:
		return ""
	case c.speaksTLS():
		return "the server speaks TLS"
	case o == Closed && c.heard == 0:
		return hungUpEmpty
	case o == Closed:
		return "hung up after negotiation, without text"
	case o == Silent && !c.q.TLS.wanted() && !c.nudged:
		return "not one byte " + within + "; ports for TLS and HTTP wait to be spoken to"
	case o == Silent:
		return "not one byte " + within
	case o == NegotiationOnly:
		return "no readable text " + within
	case !c.held.IsZero() && c.statusFault(end) != "", !c.talked:
		return c.statusFault(end)
	case !c.held.IsZero():
		return fmt.Sprintf("line %d of %d was not sent: the server did not come to rest %s", c.sent+1, len(c.q.Send), within)
	}
	return c.unheard(within)
}

// unheard says what was waited for in vain. The lines themselves are not told:
// one may be a password.
func (c *conversation) unheard(within string) string {
	after := " " + within
	if c.sent > 0 {
		after = fmt.Sprintf(" after line %d of %d", c.sent, len(c.q.Send)) + after
	}
	if c.expect() == nil || !c.visible {
		return "no text" + after
	}
	return unmatched(c.expect()) + after + c.lastWords(c.secrets)
}
