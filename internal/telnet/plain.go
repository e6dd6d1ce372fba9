package telnet

// maxSequence bounds an escape sequence: what goes on beyond it is text after
// all. A window title or a hyperlink fits.
const maxSequence = 2048

const (
	bel    = 0x07
	can    = 0x18
	sub    = 0x1a
	escape = 0x1b
)

// A Plain takes text apart from what a terminal would make of it: the escape
// sequences of ECMA-48 (colours, cursor, titles) and of MXP are left out, as are
// NUL and BEL, and every line ends in "\n". The zero value is ready.
//
// It may be fed any split of the text. Line ends are what servers send: CR LF,
// bare LF (Ranvier), CR CR LF (GoMud) and LF CR (the older Dikus); a CR amid a
// line begins a new one. Other control characters stay: see [Visible].
type Plain struct {
	state   plainState
	length  int  // of the sequence under way
	cr      bool // a CR came, and nothing since
	midLine bool // something stands on the present line
}

type plainState byte

const (
	inLine         plainState = iota
	inEscape                  // after ESC
	inControl                 // after ESC [
	inString                  // after ESC ] and its like: a title, a hyperlink
	inIntermediate            // after ESC ( and its like: the next byte ends it
)

// Append appends the plain text of p to out.
func (t *Plain) Append(out, p []byte) []byte {
	for _, b := range p {
		if t.skips(b) {
			continue
		}
		out = t.put(out, b)
	}
	return out
}

// put appends one byte that belongs to no escape sequence.
func (t *Plain) put(out []byte, b byte) []byte {
	switch b {
	case 0, bel:
		return out
	case '\r':
		t.cr = true
		return out
	case '\n':
		t.cr, t.midLine = false, false
		return append(out, '\n')
	}
	if t.cr && t.midLine {
		out = append(out, '\n')
	}
	t.cr, t.midLine = false, true
	return append(out, b)
}

// skips reports whether b belongs to an escape sequence.
func (t *Plain) skips(b byte) bool {
	if b == escape {
		t.state, t.length = inEscape, 0
		return true
	}
	if t.state == inLine {
		return false
	}
	if b == can || b == sub { // ECMA-48: the sequence is cancelled
		t.state = inLine
		return true
	}
	t.length++
	if b == '\r' || b == '\n' || t.length > maxSequence {
		t.state = inLine // broken off: a line end is never part of one
		return false
	}
	return t.continues(b)
}

// continues takes one more byte of a sequence; a byte that cannot stand there
// ends it and is text.
func (t *Plain) continues(b byte) bool {
	switch t.state {
	case inEscape:
		return t.begins(b)
	case inControl:
		if 0x20 <= b && b < 0x40 { // parameters and intermediates
			return true
		}
		t.state = inLine
		return 0x40 <= b && b < 0x7f
	case inString:
		if b == bel {
			t.state = inLine
		}
		return true
	}
	if 0x20 <= b && b < 0x30 {
		return true
	}
	t.state = inLine
	return 0x30 <= b && b < 0x7f
}

// begins takes the byte after ESC.
func (t *Plain) begins(b byte) bool {
	switch {
	case b == '[':
		t.state = inControl
	case b == ']', b == 'P', b == 'X', b == '^', b == '_': // OSC, DCS, SOS, PM, APC
		t.state = inString
	case 0x20 <= b && b < 0x30:
		t.state = inIntermediate
	default:
		t.state = inLine
		return 0x30 <= b && b < 0x7f
	}
	return true
}
