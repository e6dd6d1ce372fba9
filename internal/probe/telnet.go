package probe

import (
	"context"
	"regexp"
	"time"

	"devenv/internal/telnet"
)

// How long a conversation goes on after the server has said enough, so that the
// greeting is told whole and MSSP has its chance. To the two pauses comes what
// the connection takes for a round trip, twice.
const (
	quiet        = 30 * time.Millisecond  // without a prompt mark, a greeting ends in a pause
	quietInvited = 150 * time.Millisecond // when our last answer invites another: tbaMUD thinks in pulses of 100 ms
	farthest     = 100 * time.Millisecond // of a round trip that is waited for
	longGreeting = 300 * time.Millisecond // what goes on beyond this is told in part
	msspReply    = 250 * time.Millisecond // from the announcement of MSSP to the reply
	msspAnswer   = time.Second            // from our own question to the reply
	nudgeAfter   = time.Second            // of silence; or a third of the bound, if that is less
)

// A conversation is one telnet check under way: the server is heard until it
// comes to rest, and only then is something said, if there is something to say.
type conversation struct {
	transcript // since the last line that was sent
	q          Question
	client     telnet.Client
	record     *telnet.Transcript // nil: none is kept
	roundTrip  time.Duration

	heard    int       // bytes, negotiation included
	first    []byte    // of those
	talked   bool      // text came that can be seen
	last     time.Time // when something was heard, or the beginning
	prompt   bool      // GA or EOR came after the text
	held     time.Time // when the text was what was asked for
	greeting string    // once something else was said
	sent     int       // how many of the lines
	secrets  secrets   // those of them that nobody shall read
	nudged   bool
	mssp     inquiry
}

// askTelnet listens until the server has sent text that matches, the greeting is
// whole, and MSSP has come where it is wanted. It answers negotiations, and
// never says anything else unasked: a word would be taken as a player's name.
func askTelnet(ctx context.Context, l *line, q Question) Answer {
	c := conversation{
		q:         q,
		client:    telnet.Client{MaxAnswers: 256},
		roundTrip: min(l.roundTrip, farthest),
		last:      time.Now(),
		mssp:      inquiry{mode: q.MSSP},
	}
	if q.MSSP != MSSPOff {
		c.client.Accept = []telnet.Option{telnet.MSSP}
	}
	if q.Record {
		c.record = &telnet.Transcript{}
		c.noteRecord("connected to " + q.Addr)
	}
	a := c.verdict(c.listen(ctx, l))
	if q.Record {
		c.noteRecord(a.Verdict())
		a.Transcript = c.recorded()
	}
	return a
}

func (c *conversation) listen(ctx context.Context, l *line) ending {
	p := make([]byte, 4<<10)
	bound, _ := ctx.Deadline()
	for c.heard < maxHeard {
		end := c.hearOn(ctx, l, p)
		switch {
		case end == goesOn:
		case end != stopped, ctx.Err() != nil, !time.Now().Before(bound):
			return end
		case !c.goOn(l, time.Now()):
			return stopped
		}
	}
	return full
}

// hearOn reads once, unless the server was heard for long enough.
func (c *conversation) hearOn(ctx context.Context, l *line, p []byte) ending {
	bound, _ := ctx.Deadline()
	until := c.until(bound, time.Now())
	if !until.After(time.Now()) {
		return stopped
	}
	n, end := l.read(ctx, p, until)
	c.answer(l, c.hear(p[:n], time.Now()))
	return end
}

// hear takes in what the server said and returns what to answer.
func (c *conversation) hear(p []byte, now time.Time) []byte {
	if len(p) == 0 {
		return nil
	}
	c.heard += len(p)
	c.last = now
	if len(c.first) < len(tlsAlert) {
		c.first = append(c.first, p[:min(len(p), len(tlsAlert)-len(c.first))]...)
	}
	before := len(c.text)
	answer := c.client.Feed(p, c.take)
	if c.held.IsZero() && len(c.text) > before && c.holds(c.expect()) {
		c.held = now
	}
	if c.mssp.announced.IsZero() && c.client.ServerUses(telnet.MSSP) {
		c.mssp.announced = now
	}
	return answer
}

func (c *conversation) take(e telnet.Event) {
	c.mssp.take(e)
	switch {
	case e.Kind != telnet.Text:
		c.noteRecord("server: " + e.String())
		c.prompt = c.prompt || c.visible && e.Kind == telnet.Signal && (e.Command == telnet.GA || e.Command == telnet.EOR)
	case c.mssp.hearsText():
		c.recordText(c.mssp.hear(e.Data))
	default:
		c.recordText(c.add(e.Data))
		c.talked = c.talked || c.visible
	}
}

// expect is what is asked of the text now: of what comes before the last line,
// only that it can be seen.
func (c *conversation) expect() *regexp.Regexp {
	if c.sent < len(c.q.Send) {
		return nil
	}
	return c.q.Expect
}

// until says how long to listen for more.
func (c *conversation) until(bound, now time.Time) time.Time {
	switch {
	case !c.held.IsZero():
		return earlier(bound, later(c.textEnds(now), c.mssp.ends(bound)))
	case c.nudges():
		return earlier(bound, c.last.Add(min(nudgeAfter, c.q.bound()/3)))
	}
	return bound
}

// textEnds says until when more text may come. Where a pattern was asked for,
// the match is enough.
func (c *conversation) textEnds(now time.Time) time.Time {
	if c.expect() != nil || c.prompt {
		return time.Time{}
	}
	pause := quiet
	if c.client.Awaiting() {
		pause = quietInvited
	}
	return earlier(now.Add(pause+2*c.roundTrip), c.held.Add(longGreeting))
}

func (c *conversation) nudges() bool {
	return c.q.Nudge && !c.nudged && !c.talked
}

// goOn says what there is to say now that the server has come to rest. False
// says that there is nothing.
func (c *conversation) goOn(l *line, now time.Time) bool {
	switch {
	case c.held.IsZero() && c.nudges():
		c.nudged = true
		c.say(l, "")
	case c.held.IsZero():
		return false
	case c.mssp.wantsAsking():
		c.askStatus(l, now)
	case c.sent == len(c.q.Send), c.statusFault(stopped) != "":
		return false
	default:
		c.sayNext(l)
	}
	return true
}

// beginAnew lets what was said so far be; the first of it was the greeting.
func (c *conversation) beginAnew() {
	if c.sent == 0 {
		c.greeting = c.told(nil)
	}
	c.transcript = transcript{plain: c.plain}
	c.prompt, c.held = false, time.Time{}
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
