package conversation

import (
	"bytes"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"devenv/internal/telnet"
)

// maxUnread is how much text is kept to match. Greetings with much ANSI art
// reach some 30 KiB.
const maxUnread = 64 << 10

// A hearing is the text a server has said, as a player sees it: see
// [telnet.Plain] and [telnet.Visible]. The zero value is ready.
type hearing struct {
	plain  telnet.Plain
	piece  []byte // the beginning of a character, or a byte of Latin-1
	unread []byte // not matched yet

	said     int       // bytes of text, in all
	marked   int       // how many of them came before the last prompt mark; -1 when none came since the last send
	amidLine bool      // something stands on the present line
	last     time.Time // when text came last
}

// add takes in the text of an event and returns what it made certain.
func (h *hearing) add(p []byte, now time.Time) string {
	h.last = now
	text := h.plain.Append(h.piece, p)
	whole := wholeCharacters(text)
	h.piece = bytes.Clone(text[whole:])
	return h.keep(telnet.Visible(string(text[:whole])))
}

// rest settles what may have been the beginning of a character.
func (h *hearing) rest() string {
	piece := string(h.piece)
	h.piece = nil
	return h.keep(telnet.Visible(piece))
}

func (h *hearing) keep(text string) string {
	h.said += len(text)
	h.unread = trim(append(h.unread, text...), maxUnread)
	line := text[strings.LastIndexByte(text, '\n')+1:]
	h.amidLine = strings.ContainsFunc(line, isVisible) || h.amidLine && len(line) == len(text)
	return text
}

func isVisible(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }

// text is what has not been matched yet, the uncertain end included.
func (h *hearing) text() string { return string(h.unread) + telnet.Visible(string(h.piece)) }

// read takes the first n bytes of text as matched, and returns what that made
// certain.
func (h *hearing) read(n int) (settled string) {
	if n > len(h.unread) {
		settled = h.rest()
	}
	h.unread = h.unread[min(n, len(h.unread)):]
	return settled
}

// mark notes a prompt mark, GA or EOR, and returns what that made certain.
func (h *hearing) mark() (settled string) {
	settled = h.rest()
	h.marked = h.said
	return settled
}

// answered notes that we said something: what was asked is no longer the last
// word.
func (h *hearing) answered() { h.marked, h.amidLine = -1, false }

// prompted reports whether the server waits for us: a mark came after what was
// matched. Without one, it is when text has ended amid a line for a pause.
func (h *hearing) prompted() bool { return h.marked >= 0 && h.marked >= h.said-len(h.unread) }

// wholeCharacters is how much of p ends in no beginning of a character.
func wholeCharacters(p []byte) int {
	for i := len(p) - 1; i >= max(0, len(p)-utf8.UTFMax+1); i-- {
		if utf8.RuneStart(p[i]) {
			if !utf8.FullRune(p[i:]) {
				return i
			}
			break
		}
	}
	return len(p)
}

// trim keeps at least the last limit bytes of p, and cuts seldom: a flood comes a
// byte at a time.
func trim(p []byte, limit int) []byte {
	if len(p) <= 2*limit {
		return p
	}
	return tail(p, limit)
}

// tail is the last of p, at most limit bytes, beginning with a character.
func tail(p []byte, limit int) []byte {
	if len(p) <= limit {
		return p
	}
	p = p[len(p)-limit:]
	for len(p) > 0 && !utf8.RuneStart(p[0]) {
		p = p[1:]
	}
	return append([]byte(nil), p...)
}
