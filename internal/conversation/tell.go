package conversation

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"devenv/internal/telnet"
)

// How long a server is heard before the next line is said, where it marks no prompt.
const (
	quietMoment = 200 * time.Millisecond // after the last that it said
	mostSilence = time.Second            // where it says nothing at all
	mostTalk    = 5 * time.Second        // where it does not stop
)

// Tell says lines to a server, each after a prompt or a quiet moment, and hangs up
// politely. What it heard is text that is safe to print, without what was said where
// a password was asked for; it is there beside an error too, which is that the server
// hung up before all was said, or that of ctx.
func Tell(ctx context.Context, conn net.Conn, lines []string) (heard string, err error) {
	s := newSession(conn, Conversation{}, nil)
	defer s.line.hangUp(ctx)
	s.line.unwatch = watch(ctx, conn)
	for i, text := range lines {
		s.untilQuiet(ctx)
		if ctx.Err() == nil && !s.line.hungUp {
			s.line.hungUp = s.tellLine(ctx, text) != nil
		}
		if ctx.Err() != nil {
			return s.heardText(), ctx.Err()
		}
		if s.line.hungUp {
			return s.heardText(), fmt.Errorf("the server hung up before line %d of %d was said", i+1, len(lines))
		}
	}
	s.untilQuiet(ctx)
	return s.heardText(), ctx.Err()
}

// untilQuiet hears the server until it waits for us.
func (s *session) untilQuiet(ctx context.Context) {
	began, before := time.Now(), s.heard
	s.bound = began.Add(mostTalk)
	until := began.Add(mostSilence)
	for !s.line.hungUp && s.heard < maxHeard && time.Now().Before(s.bound) {
		n := s.read(ctx, until)
		if n == 0 || s.heard > before && s.hearing.prompted() {
			return
		}
		until = time.Now().Add(quietMoment)
	}
}

// tellLine says a line, which is kept from being shown where it answers to a password
// prompt.
func (s *session) tellLine(ctx context.Context, text string) error {
	said := string(s.hearing.unread)
	if s.client.ServerUses(telnet.Echo) || telnet.AsksPassword(said[strings.LastIndexByte(said, '\n')+1:]) {
		s.masker.add(text)
	}
	s.hearing.answered()
	s.bound = time.Now().Add(mostTalk)
	return s.line.write(ctx, wire(text), s.bound)
}

// heardText is what the server has said.
func (s *session) heardText() string {
	s.flush()
	var b strings.Builder
	for _, e := range s.transcript.Entries() {
		if e.From == telnet.FromServer {
			b.WriteString(e.Text)
		}
	}
	return b.String()
}
