package telnet

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible makes foreign text safe to print on a terminal: everything that would
// act instead of being seen (control characters, C1 too, and the format
// characters that turn or hide text, such as U+202E) is spelt out, as \x1b or
// \u202e. Lines stay lines, and tabs stay tabs. What is not UTF-8 is read as
// Latin-1, which older games speak.
func Visible(text string) string {
	return visible(text, "\n\t")
}

// VisibleLine is [Visible] for what must stay on one line: line ends and tabs
// are spelt out too.
func VisibleLine(text string) string {
	return visible(text, "")
}

// Excerpt cuts text that is [Visible] to at most limit bytes, between two
// characters, and marks the cut with "…" (which comes on top).
func Excerpt(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:max(limit, 0)] + "…"
}

func visible(text, kept string) string {
	var b strings.Builder
	b.Grow(len(text))
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && size == 1 {
			latin1(&b, text[0])
		} else if unicode.IsGraphic(r) || strings.ContainsRune(kept, r) {
			b.WriteRune(r)
		} else {
			spell(&b, r)
		}
		text = text[size:]
	}
	return b.String()
}

// latin1 writes a byte that is no part of a UTF-8 character.
func latin1(b *strings.Builder, c byte) {
	if r := rune(c); unicode.IsGraphic(r) {
		b.WriteRune(r)
		return
	}
	fmt.Fprintf(b, `\x%02x`, c)
}

// spell writes a character as its escape in Go's notation.
func spell(b *strings.Builder, r rune) {
	switch {
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r == '\t':
		b.WriteString(`\t`)
	case r < utf8.RuneSelf:
		fmt.Fprintf(b, `\x%02x`, r)
	case r <= 0xffff:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}
