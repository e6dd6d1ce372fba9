package probe

import (
	"cmp"
	"context"
	"math/rand/v2"
	"time"
)

// Patience is how often to ask again. The zero value is ready.
type Patience struct {
	First   time.Duration // the pause after the first attempt; 0 is 20 ms
	Longest time.Duration // pauses double up to this; 0 is 250 ms

	// Wake ends a pause early, and starts the pauses anew: something may have
	// changed. Each value wakes one waiter. Nil and closed channels are never.
	Wake <-chan struct{}

	// Unready, where not nil, is told every answer that is not the last.
	Unready func(Answer)
}

// Await asks until the answer is ready or ctx ends. How long that may take is
// the context's business; the last word is what the server said, not that the
// time ran out. Evidence is looked for once, at the end.
//
// A server that is there, and has not said enough when the bound is over, is given
// twice the time on the next attempt: a greeting may take long.
func Await(ctx context.Context, q Question, p Patience) Answer {
	a := await(ctx, p, widening(q, attempt))
	a.Evidence = evidence(ctx, a)
	return a
}

// widening asks with a bound that doubles while the server runs into it.
func widening(q Question, ask func(context.Context, Question) Answer) func(context.Context) Answer {
	bound := q.bound()
	return func(ctx context.Context) Answer {
		now := q
		now.Bound = bound
		a := ask(ctx, now)
		if a.slow(bound) {
			bound *= 2
		}
		a.Question = q
		return a
	}
}

// slow reports whether a server that is there had not said enough by the bound.
func (a Answer) slow(bound time.Duration) bool {
	switch a.Outcome {
	case Silent, NegotiationOnly, NoMatch:
		return !a.HungUp && a.Took >= bound
	}
	return false
}

func await(ctx context.Context, p Patience, ask func(context.Context) Answer) Answer {
	start := time.Now()
	first := cmp.Or(p.First, 20*time.Millisecond)
	pause := first
	var last Answer
	for n := 1; ; n++ {
		if a := ask(ctx); n == 1 || ctx.Err() == nil || a.outweighs(last) {
			last = a
		}
		last.Attempts, last.Took = n, time.Since(start)
		if last.Ready() || ctx.Err() != nil {
			return last
		}
		if p.Unready != nil {
			p.Unready(last)
		}
		switch p.rest(ctx, pause) {
		case ended:
			last.Took = time.Since(start)
			return last
		case woken:
			pause = first
		case rested:
			pause = min(2*pause, cmp.Or(p.Longest, 250*time.Millisecond))
		}
	}
}

// outweighs reports whether an attempt that the context cut short tells more
// than the whole one before it: only if it came further than that, to text, or to
// a line that stayed open for as long as a proxy would not have kept it.
func (a Answer) outweighs(last Answer) bool {
	switch a.Outcome {
	case Ready:
		return true
	case NoMatch:
		return last.Outcome != NoMatch
	case Silent, NegotiationOnly:
		return a.Took >= hold && (last.Outcome == Refused || last.Outcome == TimedOut || last.Outcome == Closed)
	}
	return false
}

type waking byte

const (
	rested waking = iota
	woken
	ended
)

// rest waits for about as long as pause, so that many checks of one engine do
// not keep step.
func (p *Patience) rest(ctx context.Context, pause time.Duration) waking {
	jittered := time.NewTimer(pause*4/5 + rand.N(pause*2/5+1))
	defer jittered.Stop()
	for {
		select {
		case <-ctx.Done():
			return ended
		case _, open := <-p.Wake:
			if open {
				return woken
			}
			p.Wake = nil
		case <-jittered.C:
			return rested
		}
	}
}
