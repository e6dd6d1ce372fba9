package conversation

import (
	"context"
	"errors"
	"os"
	"regexp"
	"slices"
	"time"

	"devenv/internal/telnet"
)

const (
	// settling is how long we wait before we speak, for what belongs to the
	// prompt: the ECHO that makes it a password's may come a packet later.
	settling    = 10 * time.Millisecond
	maxSettling = 100 * time.Millisecond
)

// send says one line.
func (s *session) send(ctx context.Context, step Step) *trouble {
	text, err := fillLine(step.Text, s.variable)
	if err != nil {
		return &trouble{wanted: "expected a line to send", cause: err}
	}
	s.settle(ctx)
	wanted, shown := "expected to send "+quote(step.Text), text
	if step.secret() {
		s.hide(step, text)
	}
	if step.secret() || s.client.ServerUses(telnet.Echo) {
		wanted, shown = "expected to send a hidden line", hidden
	}
	s.flush()
	s.transcript.Add(telnet.FromClient, s.masker.mask(shown))
	s.hearing.answered()
	if s.line.hungUp {
		return s.outcome(ctx, hungUp, wanted)
	}
	switch err := s.line.write(ctx, wire(text), s.bound); {
	case err == nil:
		return nil
	case ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded):
		t := s.outcome(ctx, late, wanted)
		t.said = "the server does not read"
		return t
	}
	s.line.hungUp = true
	return s.outcome(ctx, hungUp, wanted)
}

// secret reports whether nobody shall read what the step sends.
func (s Step) secret() bool {
	return s.Hidden || slices.ContainsFunc(s.variables(), secretName.MatchString)
}

// secretName finds the variables that are hidden without being marked so.
var secretName = regexp.MustCompile(`PASS|SECRET|TOKEN|KEY`)

// hide has what is sent masked where the server repeats it, or a part of it.
func (s *session) hide(step Step, text string) {
	s.masker.add(text)
	for _, name := range step.variables() {
		if name != randomName {
			s.masker.add(s.vars[name])
		}
	}
}

// settle reads what is about to come, until a short silence.
func (s *session) settle(ctx context.Context) {
	bound := time.Now().Add(maxSettling)
	for !s.line.hungUp && s.heard <= maxHeard && time.Now().Before(bound) {
		if s.read(ctx, time.Now().Add(settling)) == 0 {
			return
		}
	}
}

// wire is a line as it is sent: with its end, and every 255 in it doubled.
func wire(text string) []byte {
	var out []byte
	for _, b := range []byte(text) {
		out = append(out, b)
		if b == byte(telnet.IAC) {
			out = append(out, b)
		}
	}
	return append(out, "\r\n"...)
}
