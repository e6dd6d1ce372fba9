package console

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// A Charset is how a game writes characters beyond ASCII.
type Charset string

// The character sets that games use: the older ones have the box drawing of the
// IBM PC, or Latin-1.
const (
	UTF8   Charset = "utf-8"
	CP437  Charset = "cp437"
	Latin1 Charset = "latin-1"
)

// Charsets lists them.
var Charsets = []string{string(UTF8), string(CP437), string(Latin1)}

// decode reads the first character of p. ok is false where more bytes must come.
// A byte that is no UTF-8 is read as Latin-1, which is what it mostly is.
func (c Charset) decode(p []byte) (r rune, size int, ok bool) {
	switch c {
	case CP437:
		return charmap.CodePage437.DecodeByte(p[0]), 1, true
	case Latin1:
		return rune(p[0]), 1, true
	}
	if !utf8.FullRune(p) {
		return 0, 0, false
	}
	r, size = utf8.DecodeRune(p)
	if r == utf8.RuneError && size == 1 {
		r = rune(p[0])
	}
	return r, size, true
}

// encode writes what was typed; a character that the set does not have becomes "?".
func (c Charset) encode(line string) []byte {
	if c != CP437 && c != Latin1 {
		return []byte(line)
	}
	table := charmap.ISO8859_1
	if c == CP437 {
		table = charmap.CodePage437
	}
	var out []byte
	for _, r := range line {
		b, ok := table.EncodeRune(r)
		if !ok {
			b = '?'
		}
		out = append(out, b)
	}
	return out
}
