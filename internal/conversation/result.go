package conversation

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"devenv/internal/telnet"
)

// maxSaid is how much of the server's last words an error tells.
const maxSaid = 300

// A Result is what a play came to. It can be marshalled to JSON, and is safe to
// print: nothing in it acts on a terminal, and hidden text of three bytes or more
// is masked even where the server repeats it.
type Result struct {
	Name       string              `json:"name"`
	Where      string              `json:"where,omitempty"`   // of the conversation, "file:line"
	Held       int                 `json:"held"`              // how many steps held
	Steps      int                 `json:"steps"`             // of how many
	Failure    *Failure            `json:"failure,omitempty"` // of the step that did not; nil when all held
	LastWords  string              `json:"last_words"`        // the end of what the server said, at most 1 KiB, with line ends
	Transcript *telnet.Transcript  `json:"-"`                 // never nil; in JSON, "transcript" is its entries
	Status     telnet.ServerStatus `json:"status,omitempty"`  // by MSSP, where the conversation asks for it
	Took       time.Duration       `json:"took_ns"`           // without the goodbye
}

// OK reports whether all steps held.
func (r Result) OK() bool { return r.Failure == nil }

// Err is nil when all steps held, else the [*Failure].
func (r Result) Err() error {
	if r.Failure == nil {
		return nil
	}
	return r.Failure
}

// MarshalJSON adds "ok" and the entries of the transcript to the fields.
func (r Result) MarshalJSON() ([]byte, error) {
	type fields Result
	return json.Marshal(struct {
		OK bool `json:"ok"`
		fields
		Transcript []telnet.Entry `json:"transcript"`
	}{r.OK(), fields(r), r.entries()})
}

func (r Result) entries() []telnet.Entry {
	if r.Transcript == nil {
		return nil
	}
	return r.Transcript.Entries()
}

// A Failure is the step of a conversation that did not hold.
type Failure struct {
	Step   int    `json:"step"`            // which, from 1
	Where  string `json:"where,omitempty"` // of the step, "file:line"
	Wanted string `json:"wanted"`          // such as: expected "Welcome" within 5s
	Said   string `json:"said"`            // such as: the server said "That name is taken."
	cause  error
}

// Error is one line:
//
//	login.yaml:7: expected "Welcome" within 5s; the server said "That name is taken."
func (f *Failure) Error() string {
	where := f.Where
	if where == "" {
		where = fmt.Sprintf("step %d", f.Step)
	}
	return where + ": " + f.Wanted + "; " + f.Said
}

// Unwrap gives the error of the context that ended the play, or what made the
// step impossible; often nil.
func (f *Failure) Unwrap() error { return f.cause }

// Hint is that of the [*Fault] behind it, if there is one.
func (f *Failure) Hint() string {
	var fault *Fault
	if errors.As(f.cause, &fault) {
		return fault.Hint()
	}
	return ""
}

// failure tells the trouble with a step.
func (s *session) failure(i int, step Step, t trouble) *Failure {
	s.flush()
	f := &Failure{Step: i + 1, Where: step.Where, Wanted: t.wanted, Said: t.said, cause: t.cause}
	switch {
	case t.ending == late && errors.Is(t.cause, errWhole):
		f.Wanted += fmt.Sprintf(" within %v of the whole conversation", s.whole)
		f.cause = nil
	case t.ending == late && t.cause != nil:
		f.Wanted += ", but was interrupted: " + t.cause.Error()
	case t.ending == late:
		f.Wanted += fmt.Sprintf(" within %v", step.bound())
		f.cause = nil
	case t.ending == hungUp:
		f.Wanted += ", but the server hung up"
	case t.ending == full:
		f.Wanted += fmt.Sprintf(" in the first %d MiB", maxHeard>>20)
	case t.cause != nil:
		f.Wanted += ": " + t.cause.Error()
	}
	if f.Said == "" {
		f.Said = s.lastWords()
	}
	f.Wanted = s.masker.mask(f.Wanted)
	return f
}

// lastWords says what the server said since the last match, or that it said
// nothing.
func (s *session) lastWords() string {
	if text := excerpt(s.masker.mask(s.hearing.text())); text != "" {
		return "the server said " + text
	}
	if text := excerpt(string(s.recent)); text != "" {
		return "the server said nothing after " + text
	}
	return "the server said nothing"
}

// excerpt is the end of a text, quoted, on one line; "" where nothing can be
// seen.
func excerpt(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	short := string(tail([]byte(text), maxSaid))
	if len(short) < len(text) {
		short = "…" + short
	}
	return quote(short)
}

func quote(text string) string { return `"` + telnet.VisibleLine(text) + `"` }

// result writes the end of the story.
func (s *session) result(c Conversation, held int, f *Failure, took time.Duration) Result {
	s.flush()
	if s.line.hungUp {
		s.transcript.Add(telnet.Note, "the server hung up")
	}
	if f != nil {
		s.transcript.Add(telnet.Note, f.Error())
	}
	return Result{
		Name:       c.Name,
		Where:      c.Where,
		Held:       held,
		Steps:      len(c.Steps),
		Failure:    f,
		LastWords:  string(tail(s.recent, maxRecent)),
		Transcript: s.transcript,
		Status:     s.status,
		Took:       took,
	}
}
