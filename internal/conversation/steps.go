package conversation

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"devenv/internal/telnet"
)

const (
	// pause is how long a server says nothing, amid a line, that waits for us;
	// tbaMUD thinks in pulses of 100 ms.
	pause = 250 * time.Millisecond

	// maxHeard bounds what one conversation reads.
	maxHeard = 4 << 20
)

// An ending is how listening ended.
type ending byte

const (
	came   ending = iota // what was waited for came
	late                 // the time of the step was over, or the context
	hungUp               // the server closed the connection, or reset it
	full                 // the server said more than a conversation reads
)

// A trouble is why a step did not hold.
type trouble struct {
	ending ending
	wanted string // such as: expected "Welcome"
	said   string // where the server's last words do not tell
	cause  error
}

// play plays one step; nil when it holds.
func (s *session) play(ctx context.Context, step Step) *trouble {
	s.bound = time.Now().Add(step.bound())
	switch step.Verb {
	case Expect:
		return s.expect(ctx, step)
	case Send:
		return s.send(ctx, step)
	case Prompt:
		return s.outcome(ctx, s.listen(ctx, s.atPrompt), "expected a prompt")
	case MSSP:
		return s.look(ctx, step)
	case Close:
		end := s.listen(ctx, func(time.Time) (bool, time.Time) { return s.line.hungUp, time.Time{} })
		return s.outcome(ctx, end, "expected the server to hang up")
	}
	return &trouble{wanted: fmt.Sprintf("%q is no step", step.Verb)}
}

// listen reads until done, which also says when to look again without a word
// from the server, if not zero.
func (s *session) listen(ctx context.Context, done func(now time.Time) (bool, time.Time)) ending {
	for {
		now := time.Now()
		ok, again := done(now)
		switch {
		case ok:
			return came
		case s.line.hungUp:
			return hungUp
		case s.heard > maxHeard:
			return full
		case ctx.Err() != nil || !now.Before(s.bound):
			return late
		case again.IsZero() || again.After(s.bound):
			again = s.bound
		}
		s.read(ctx, again)
	}
}

func (s *session) outcome(ctx context.Context, end ending, wanted string) *trouble {
	if end == came {
		return nil
	}
	t := &trouble{ending: end, wanted: wanted}
	if end == late {
		t.cause = context.Cause(ctx)
	}
	return t
}

// expect waits for text that matches, and reads it through the match.
func (s *session) expect(ctx context.Context, step Step) *trouble {
	wanted := "expected " + quote(step.Text)
	pattern, err := fillPattern(step.Text, s.variable)
	if err != nil {
		return &trouble{wanted: wanted, cause: err}
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return &trouble{wanted: wanted, cause: err}
	}
	matched := -1 // how much had been said when we looked last
	end := s.listen(ctx, func(time.Time) (bool, time.Time) {
		now := s.hearing.said + len(s.hearing.piece)
		if matched == now {
			return false, time.Time{}
		}
		matched = now
		found := re.FindStringIndex(s.hearing.text())
		if found == nil {
			return false, time.Time{}
		}
		s.tell(s.hearing.read(found[1]))
		return true, time.Time{}
	})
	return s.outcome(ctx, end, wanted)
}

// atPrompt reports whether the server waits for us, and reads all up to there.
func (s *session) atPrompt(now time.Time) (bool, time.Time) {
	h := &s.hearing
	quiet := h.last.Add(pause)
	switch {
	case h.prompted():
		s.tell(h.read(len(h.unread) - (h.said - h.marked)))
		return true, quiet
	case !h.amidLine:
		return false, time.Time{}
	case now.Before(quiet):
		return false, quiet
	}
	s.tell(h.read(len(h.text())))
	return true, quiet
}

// look waits for the server's status and looks at its variables.
func (s *session) look(ctx context.Context, step Step) *trouble {
	end := s.listen(ctx, func(time.Time) (bool, time.Time) { return s.status != nil, time.Time{} })
	if end != came {
		t := s.outcome(ctx, end, "expected MSSP")
		t.said = "the server did not announce it"
		if s.client.ServerUses(telnet.MSSP) {
			t.said = "the server announced it, and did not send it"
		}
		return t
	}
	for _, name := range slices.Sorted(maps.Keys(step.Status)) {
		pattern := step.Status[name]
		wanted := fmt.Sprintf("expected MSSP's %s to match %s", telnet.VisibleLine(name), quote(pattern))
		re, err := regexp.Compile(pattern)
		if err != nil {
			return &trouble{wanted: wanted, cause: err}
		}
		values, there := s.status[name]
		if !there {
			return &trouble{wanted: wanted, said: "the server does not tell it"}
		}
		if !slices.ContainsFunc(values, re.MatchString) {
			return &trouble{wanted: wanted, said: "the server says " + quote(values[len(values)-1])}
		}
	}
	return nil
}
