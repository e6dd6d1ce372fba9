package console

import (
	"unicode"
	"unicode/utf8"
)

// longestSequence bounds an escape sequence that is looked at; the rest of a
// longer one is dropped too.
const longestSequence = 64

// A screen makes what a game sends fit to show: printable characters, line ends,
// tabs, and colours (SGR, ECMA-48 8.3.117) where they are wanted. Whatever else a
// terminal would obey (the cursor, titles, pastes, questions that it answers by
// typing) is left out. Sequences and characters may come in pieces.
type screen struct {
	charset Charset
	colours bool

	state    state
	sequence []byte // the control sequence under way, from ESC
	rest     []byte // the beginning of a character
}

type state byte

const (
	inText         state = iota
	inEscape             // after ESC
	inControl            // after ESC [
	inString             // after ESC ] and its like, to BEL or ESC \
	inIntermediate       // after ESC ( and its like
)

func (s *screen) append(out, p []byte) []byte {
	for _, b := range p {
		if b == 0x1b {
			s.state, s.sequence = inEscape, append(s.sequence[:0], b)
			continue
		}
		if s.state == inText {
			out = s.text(out, b)
			continue
		}
		out = s.escape(out, b)
	}
	return out
}

// escape takes one more byte of an escape sequence.
func (s *screen) escape(out []byte, b byte) []byte {
	if len(s.sequence) < longestSequence {
		s.sequence = append(s.sequence, b)
	}
	switch {
	case b == 0x18 || b == 0x1a || s.state != inString && (b == '\n' || b == '\r'):
		s.state = inText // broken off
	case s.state == inString:
		if b == 0x07 || b == '\n' {
			s.state = inText
		}
	case s.state == inEscape:
		s.state = after(b)
	case s.state == inIntermediate && b >= 0x30:
		s.state = inText
	case s.state == inControl && b >= 0x40:
		s.state = inText
		if s.colours && isColour(s.sequence) {
			out = append(out, s.sequence...)
		}
	}
	return out
}

// after is where the byte after ESC leads.
func after(b byte) state {
	switch {
	case b == '[':
		return inControl
	case b == ']', b == 'P', b == 'X', b == '^', b == '_':
		return inString
	case 0x20 <= b && b < 0x30:
		return inIntermediate
	}
	return inText
}

// isColour tells ESC [ parameters m, with nothing but numbers in it.
func isColour(sequence []byte) bool {
	last := len(sequence) - 1
	if last < 2 || sequence[last] != 'm' || last+1 >= longestSequence {
		return false
	}
	for _, b := range sequence[2:last] {
		if (b < '0' || b > '9') && b != ';' && b != ':' {
			return false
		}
	}
	return true
}

// text takes one byte of a character.
func (s *screen) text(out []byte, b byte) []byte {
	s.rest = append(s.rest, b)
	for len(s.rest) > 0 {
		r, size, ok := s.charset.decode(s.rest)
		if !ok {
			return out
		}
		out = s.put(out, r)
		s.rest = s.rest[:copy(s.rest, s.rest[size:])]
	}
	return out
}

// put shows a character. CR is left out: whatever it stands with (CR LF, CR CR LF,
// LF CR), the LF ends the line.
func (s *screen) put(out []byte, r rune) []byte {
	if r == '\n' || r == '\t' || unicode.IsPrint(r) || r == 0xa0 {
		return utf8.AppendRune(out, r)
	}
	return out
}

// flush shows the beginning of a character that will not be completed, and
// leaves the terminal without colours.
func (s *screen) flush(out []byte) []byte {
	for _, b := range s.rest {
		out = s.put(out, rune(b))
	}
	s.rest = nil
	if s.colours {
		out = append(out, "\x1b[0m"...)
	}
	return out
}
