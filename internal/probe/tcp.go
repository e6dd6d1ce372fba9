package probe

import (
	"context"
	"fmt"
	"time"
)

// hold is how long an open connection must stay open to count. A proxy in front
// of a port where nobody listens accepts, and hangs up within milliseconds.
const hold = 200 * time.Millisecond

// askTCP holds when bytes come or the connection stays open for a moment; with a
// pattern, when the bytes match it. Nothing is sent.
func askTCP(ctx context.Context, l *line, q Question) Answer {
	bound, _ := ctx.Deadline()
	until := bound
	if q.Expect == nil {
		until = time.Now().Add(min(hold, q.bound()/2))
	}
	t, heard, end := listenTCP(ctx, l, q, until)
	a := Answer{Greeting: t.told(nil), HungUp: end == hungUp}
	switch {
	case q.Expect == nil && heard > 0, q.Expect != nil && t.holds(q.Expect):
		a.Outcome = Ready
	case q.Expect == nil && end == stopped && ctx.Err() == nil:
		a.Outcome = Ready
	case heard > 0:
		a.Outcome, a.Reason = NoMatch, unmatched(q.Expect)+t.lastWords(nil)
	case end == hungUp:
		a.Outcome, a.Reason = Closed, hungUpEmpty
	default:
		a.Outcome, a.Reason = Silent, fmt.Sprintf("not one byte within %v", q.bound())
	}
	return a
}

// listenTCP reads until there is enough for a verdict.
func listenTCP(ctx context.Context, l *line, q Question, until time.Time) (t transcript, heard int, end ending) {
	p := make([]byte, 4<<10)
	for heard < maxHeard {
		n, end := l.read(ctx, p, until)
		heard += n
		t.add(p[:n])
		if end != goesOn || q.Expect == nil || t.holds(q.Expect) {
			return t, heard, end
		}
	}
	return t, heard, full
}
