package conversation

import (
	"strings"
	"sync"
	"time"

	"devenv/internal/telnet"
)

// A Recorder writes down what a player says to a game, as a conversation that
// can be played again. Feed it the events and the lines in the order in which
// they come; it may be used by several goroutines. The zero value is ready.
//
// Passwords are left out: a line that the server does not show, though it said
// that it would (ECHO), and whatever is typed at a prompt that reads like one for
// a password, becomes ${PASSWORD}, and the next such line, if it is another,
// ${PASSWORD2}.
type Recorder struct {
	Name string // of the conversation; "" is "a recorded session"
	Port uint16 // inside the container; 0: the first telnet port

	mu        sync.Mutex
	hearing   hearing
	echo      bool // the server shows what is typed, or hides it
	exchanges []exchange
	hungUp    bool
}

// An exchange is what the server said, and what was typed then.
type exchange struct {
	prompt string // the last line of it; "" for none
	typed  string
	ahead  bool // before the server had answered the line before it
	asked  bool // for a password, by the words of the prompt
	echo   bool
	echoed bool // the server did show it
}

// Hear takes an event of the server.
func (r *Recorder) Hear(e telnet.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case e.Kind == telnet.Text:
		r.hearing.add(e.Data, time.Time{})
		if r.typedAhead() && telnet.AsksPassword(r.hearing.text()) {
			r.hideTypedAhead()
		}
	case e.Kind == telnet.Negotiation && e.Option == telnet.Echo && e.Command == telnet.WILL:
		r.echo = true
		r.hideTypedAhead()
	case e.Kind == telnet.Negotiation && e.Option == telnet.Echo && e.Command == telnet.WONT:
		r.echo = false
	}
}

// Type takes a line that was typed, without its end.
func (r *Recorder) Type(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settle()
	prompt := lastLine(r.hearing.text())
	r.exchanges = append(r.exchanges, exchange{
		prompt: prompt,
		typed:  sendable(line),
		ahead:  len(r.exchanges) > 0 && r.hearing.text() == "",
		asked:  telnet.AsksPassword(prompt),
		echo:   r.echo,
	})
	r.hearing = hearing{plain: r.hearing.plain}
}

// HangUp notes that the server hung up.
func (r *Recorder) HangUp() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hungUp = true
}

// settle notes whether the server showed what was typed last.
func (r *Recorder) settle() {
	if len(r.exchanges) == 0 {
		return
	}
	last := &r.exchanges[len(r.exchanges)-1]
	answer := strings.TrimLeft(r.hearing.text(), "\n")
	last.echoed = last.typed == "" || strings.HasPrefix(answer, telnet.Visible(last.typed)+"\n")
}

// typedAhead reports whether the last line was typed before it was asked for.
func (r *Recorder) typedAhead() bool {
	return len(r.exchanges) > 0 && r.exchanges[len(r.exchanges)-1].ahead
}

// hideTypedAhead takes for unseen what was typed before it was asked for: a
// name and a password that were pasted together.
func (r *Recorder) hideTypedAhead() {
	for i := len(r.exchanges) - 1; i >= 0 && r.exchanges[i].ahead; i-- {
		r.exchanges[i].echo = true
	}
}

// lastLine is the last line in which something can be seen, without blanks
// around it.
func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
}

// sendable drops from a line what cannot be sent as one.
func sendable(line string) string {
	line = strings.ToValidUTF8(line, "?")
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(lineEnds, r) {
			return -1
		}
		return r
	}, line)
}
