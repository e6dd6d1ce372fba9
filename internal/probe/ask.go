package probe

import (
	"context"
	"errors"
	"time"
)

// Ask makes one attempt on one connection, which is closed when Ask returns. It
// takes at most the question's bound, and ends at once when ctx does.
//
// Where nobody answers, and the question has a second address, that is looked at
// as well: see [Answer.Evidence].
func Ask(ctx context.Context, q Question) Answer {
	a := attempt(ctx, q)
	a.Evidence = evidence(ctx, a)
	return a
}

// attempt is Ask without evidence.
func attempt(ctx context.Context, q Question) Answer {
	start := time.Now()
	bounded, cancel := context.WithTimeout(ctx, q.bound())
	defer cancel()

	a, l := converse(bounded, q.within(bounded))
	a.Question = q
	a.Attempts = 1
	a.Took = time.Since(start)
	if errors.Is(ctx.Err(), context.Canceled) && !a.Ready() {
		a.Reason = "interrupted"
	}
	if l != nil {
		l.hangUp(ctx)
	}
	return a
}

// converse connects and asks. The line, where there is one, is still open.
func converse(ctx context.Context, q Question) (Answer, *line) {
	l, err := dial(ctx, q)
	var f *failure
	if errors.As(err, &f) {
		return Answer{Outcome: f.outcome, Reason: f.reason, HungUp: f.outcome == Closed}, nil
	}
	switch q.Protocol {
	case TCP:
		return askTCP(ctx, l, q), l
	case HTTP:
		return askHTTP(l, q), l
	}
	return askTelnet(ctx, l, q), l
}
