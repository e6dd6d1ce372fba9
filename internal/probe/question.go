package probe

import (
	"cmp"
	"context"
	"regexp"
	"time"
)

// A Protocol says how a port is asked.
type Protocol string

// The protocols. The empty one is telnet.
const (
	Telnet Protocol = "telnet" // ready: the server sends text that matches
	TCP    Protocol = "tcp"    // ready: the connection stays open, or bytes come
	HTTP   Protocol = "http"   // ready: a GET is answered well
)

// An MSSPMode says whether a telnet check wants the server's status by MSSP.
type MSSPMode string

// The modes. The empty one is auto.
const (
	MSSPOff      MSSPMode = "off"      // not asked for
	MSSPAuto     MSSPMode = "auto"     // asked for where the server announces it, and not insisted on
	MSSPRequired MSSPMode = "required" // asked for where the server announces it; not ready without it
	MSSPAsk      MSSPMode = "ask"      // asked for even where the server announces nothing; not ready without it
	// MSSPPlain asks by the line MSSP-REQUEST, which games that do not know it take
	// as the name of a player; not ready without a reply.
	MSSPPlain MSSPMode = "plain"
)

// defaultBound leaves room for servers that hold their text back while a
// handshake is unanswered: tbaMUD for 1.6 s, Evennia for 2 s.
const defaultBound = 3 * time.Second

// A Question is one check: one question to one port.
//
// Expect is matched against the text as it is shown, again with each piece that
// arrives, so a prompt needs no newline. How the pieces are cut is the network's
// choice: a pattern that ends in $ is safe with (?m), or for what comes last.
type Question struct {
	Service  string         `json:"service"`
	Port     int            `json:"port"` // the container's, for the telling
	Addr     string         `json:"addr"` // host:port to dial
	Protocol Protocol       `json:"protocol"`
	TLS      TLS            `json:"tls,omitzero"`
	Expect   *regexp.Regexp `json:"expect,omitempty"`   // nil: any visible text will do
	MSSP     MSSPMode       `json:"mssp,omitempty"`     // telnet only
	Path     string         `json:"path,omitempty"`     // http only, with its query; "" is /
	AnyPage  bool           `json:"any_page,omitempty"` // http only: nobody has said which page there is
	Bound    time.Duration  `json:"-"`                  // of one attempt, with [Await] of the first; 0 is 3 s

	// What follows is for telnet only, and nothing of it is done unasked.

	// MSSPVariables are what the status must name, where it is insisted on.
	MSSPVariables []string `json:"mssp_variables,omitempty"`
	// Nudge sends an empty line, once, where the server keeps silent or only
	// negotiates.
	Nudge bool `json:"nudge,omitempty"`
	// Send are lines to send, each once the server has said something and come to
	// rest. Expect then applies to what comes after the last.
	Send []string `json:"-"`
	// Record keeps a transcript.
	Record bool `json:"-"`

	// Also is a second address of the same port: the container's own. Where nobody
	// answers at Addr, a look at it tells on which side the fault is.
	Also string `json:"also,omitempty"`
}

func (q Question) bound() time.Duration { return cmp.Or(q.Bound, defaultBound) }

// within is the question with the bound that ctx leaves for it, for the telling.
func (q Question) within(ctx context.Context) Question {
	if deadline, ok := ctx.Deadline(); ok {
		left := time.Until(deadline).Round(10 * time.Millisecond)
		q.Bound = min(q.bound(), max(left, 10*time.Millisecond))
	}
	return q
}
