package conversation

import (
	"context"
	"errors"
	"net"
	"time"

	"devenv/internal/telnet"
)

// A Player plays conversations. The zero value is ready; one may play several at
// a time.
type Player struct {
	// Vars are the values of variables. RANDOM_NAME is made up for each play
	// unless it is among them.
	Vars map[string]string
}

// errWhole says that the conversation as a whole took too long.
var errWhole = errors.New("the conversation took too long")

// Play talks through the steps of c over conn, and hangs up politely. It ends
// with the first step that does not hold, and at once with ctx, whose error
// [Result.Err] then wraps. Nothing is said when a variable has no value.
func (p Player) Play(ctx context.Context, conn net.Conn, c Conversation) Result {
	start := time.Now()
	s := newSession(conn, c, values(p.Vars))
	defer s.line.hangUp(ctx)
	bounded := ctx
	if c.Within > 0 {
		var cancel context.CancelFunc
		bounded, cancel = context.WithTimeoutCause(ctx, c.Within, errWhole)
		defer cancel()
	}
	s.line.unwatch = watch(bounded, conn)
	held, failure := s.playAll(bounded, c, p.Vars)
	return s.result(c, held, failure, time.Since(start))
}

// playAll plays the steps until one does not hold; held is how many did.
func (s *session) playAll(ctx context.Context, c Conversation, vars map[string]string) (held int, _ *Failure) {
	if f := unplayable(c, vars); f != nil {
		return 0, f
	}
	for i, step := range c.Steps {
		if t := s.play(ctx, step); t != nil {
			return i, s.failure(i, step, *t)
		}
	}
	return len(c.Steps), nil
}

// unplayable is what is wrong before a word is said.
func unplayable(c Conversation, vars map[string]string) *Failure {
	for i, step := range c.Steps {
		if faults := step.unset(vars); len(faults) > 0 {
			first := faults[0]
			return &Failure{Step: i + 1, Where: step.Where, Wanted: first.Err.Error(), Said: "nothing was said", cause: first}
		}
	}
	return nil
}

// maxRecent is how much of the server's last words is kept to tell.
const maxRecent = 1 << 10

// A session is one play under way.
type session struct {
	line       line
	client     telnet.Client
	vars       map[string]string
	hearing    hearing
	masker     masker
	transcript *telnet.Transcript
	recent     []byte        // the end of what the server said, secrets masked
	whole      time.Duration // see Conversation.Within

	status telnet.ServerStatus
	heard  int       // bytes, negotiation included
	now    time.Time // of the last read
	bound  time.Time // of the present step
	buffer []byte
}

func newSession(conn net.Conn, c Conversation, vars map[string]string) *session {
	s := &session{
		line:       line{conn: conn},
		whole:      c.Within,
		vars:       vars,
		transcript: new(telnet.Transcript),
		buffer:     make([]byte, 4<<10),
	}
	if c.asksStatus() {
		// Asked for only then: there are servers that hang up after it.
		s.client.Accept = []telnet.Option{telnet.MSSP}
	}
	s.hearing.answered()
	return s
}

func (s *session) variable(name string) string { return s.vars[name] }

// read reads once, until the given time or the end of ctx, and answers
// negotiations.
func (s *session) read(ctx context.Context, until time.Time) int {
	n := s.line.read(ctx, s.buffer, until)
	s.now = time.Now()
	s.heard += n
	if answer := s.client.Feed(s.buffer[:n], s.note); len(answer) > 0 {
		s.line.write(ctx, answer, s.bound) // the next read finds out when nobody listens
	}
	return n
}

func (s *session) note(e telnet.Event) {
	switch {
	case e.Kind == telnet.Text:
		s.tell(s.hearing.add(e.Data, s.now))
	case e.Kind == telnet.Signal && (e.Command == telnet.GA || e.Command == telnet.EOR):
		s.tell(s.hearing.mark())
	case e.Kind == telnet.Subnegotiation && e.Option == telnet.MSSP:
		if status := telnet.ParseMSSP(e.Data); status != nil {
			s.status = status
		}
	}
}

// tell writes what the server said into the transcript.
func (s *session) tell(text string) { s.write(s.masker.pass(text)) }

// flush writes what was held back.
func (s *session) flush() {
	s.tell(s.hearing.rest())
	s.write(s.masker.rest())
}

func (s *session) write(text string) {
	if text == "" {
		return
	}
	s.transcript.Add(telnet.FromServer, text)
	s.recent = trim(append(s.recent, text...), maxRecent)
}
