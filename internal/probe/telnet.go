package probe

import (
	"context"
	"fmt"
	"time"

	"devenv/internal/telnet"
)

// How long a conversation goes on after the server has said enough, so that the
// greeting is told whole and MSSP has its chance.
const (
	quiet        = 50 * time.Millisecond  // without a prompt mark, a greeting ends in a pause
	quietInvited = 150 * time.Millisecond // when our last answer invites another: tbaMUD thinks in pulses of 100 ms
	longGreeting = 300 * time.Millisecond // what goes on beyond this is told in part
	msspReply    = 250 * time.Millisecond // from the announcement of MSSP to the reply
)

// A conversation is one telnet check under way.
type conversation struct {
	transcript
	q      Question
	client telnet.Client
	status telnet.ServerStatus

	heard     int       // bytes, negotiation included
	prompt    bool      // GA or EOR came after the text
	replied   bool      // MSSP's reply came
	held      time.Time // when the text was what was asked for
	announced time.Time // when MSSP was
}

// askTelnet listens until the server has sent text that matches, the greeting is
// whole, and MSSP has come where it is wanted. It answers negotiations, and
// never says anything else: a word unasked for would be taken as a player's name.
func askTelnet(ctx context.Context, l *line, q Question) Answer {
	c := conversation{q: q, client: telnet.Client{MaxAnswers: 256}}
	if q.MSSP != MSSPOff {
		c.client.Accept = []telnet.Option{telnet.MSSP}
	}
	return c.verdict(c.listen(ctx, l))
}

func (c *conversation) listen(ctx context.Context, l *line) ending {
	p := make([]byte, 4<<10)
	for c.heard < maxHeard {
		until := c.until(ctx, time.Now())
		if !until.After(time.Now()) {
			return stopped
		}
		n, end := l.read(ctx, p, until)
		l.say(c.hear(p[:n], time.Now()))
		if end != goesOn {
			return end
		}
	}
	return full
}

// hear takes in what the server said and returns what to answer.
func (c *conversation) hear(p []byte, now time.Time) []byte {
	c.heard += len(p)
	answer := c.client.Feed(p, c.note)
	if c.held.IsZero() && c.holds(c.q.Expect) {
		c.held = now
	}
	if c.announced.IsZero() && c.client.ServerUses(telnet.MSSP) {
		c.announced = now
	}
	return answer
}

func (c *conversation) note(e telnet.Event) {
	switch {
	case e.Kind == telnet.Text:
		c.add(e.Data)
	case e.Kind == telnet.Signal && (e.Command == telnet.GA || e.Command == telnet.EOR):
		c.prompt = c.visible
	case e.Kind == telnet.Subnegotiation && e.Option == telnet.MSSP && c.q.MSSP != MSSPOff:
		c.status = telnet.ParseMSSP(e.Data)
		c.replied = c.status != nil
	}
}

// until says how long to listen for more; a time that has passed says: enough.
func (c *conversation) until(ctx context.Context, now time.Time) time.Time {
	bound, _ := ctx.Deadline()
	if c.held.IsZero() {
		return bound
	}
	return earlier(bound, later(c.greetingEnds(now), c.statusEnds(bound)))
}

// greetingEnds says until when more of the greeting may come. Where a pattern
// was asked for, the match is enough.
func (c *conversation) greetingEnds(now time.Time) time.Time {
	if c.q.Expect != nil || c.prompt {
		return time.Time{}
	}
	pause := quiet
	if c.client.Awaiting() {
		pause = quietInvited
	}
	return earlier(now.Add(pause), c.held.Add(longGreeting))
}

// statusEnds says until when MSSP's reply is waited for.
func (c *conversation) statusEnds(bound time.Time) time.Time {
	switch {
	case c.replied || c.q.MSSP == MSSPOff:
		return time.Time{}
	case c.q.MSSP == MSSPRequired:
		return bound
	case c.announced.IsZero():
		return time.Time{}
	}
	return c.announced.Add(msspReply)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (c *conversation) verdict(end ending) Answer {
	a := Answer{Greeting: c.greeting(), HungUp: end == hungUp, Status: c.status}
	a.Outcome = c.outcome(end)
	a.Reason = c.reason(a.Outcome, end)
	return a
}

func (c *conversation) outcome(end ending) Outcome {
	switch {
	case !c.held.IsZero() && (c.replied || c.q.MSSP != MSSPRequired):
		return Ready
	case c.visible:
		return NoMatch
	case end == hungUp && c.replied && c.q.Expect == nil:
		return Ready // some servers hang up after MSSP: a game that counts its players is up
	case end == hungUp:
		return Closed
	case c.heard == 0:
		return Silent
	}
	return NegotiationOnly
}

func (c *conversation) reason(o Outcome, end ending) string {
	within := map[ending]string{
		stopped: fmt.Sprintf("within %v", c.q.bound()),
		hungUp:  "before the server hung up",
		full:    fmt.Sprintf("in the first %d KiB", maxHeard>>10),
	}[end]
	switch {
	case o == Ready:
		return ""
	case o == Closed && c.heard == 0:
		return hungUpEmpty
	case o == Closed:
		return "hung up after negotiation, without text"
	case o == Silent:
		return "not one byte " + within
	case o == NegotiationOnly:
		return "no readable text " + within
	case c.held.IsZero():
		return unmatched(c.q.Expect) + " " + within
	case c.announced.IsZero():
		return "no MSSP announced " + within
	}
	return "MSSP announced, but not sent " + within
}
