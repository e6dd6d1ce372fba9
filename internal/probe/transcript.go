package probe

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"devenv/internal/telnet"
)

// maxHeard bounds what one attempt reads. Greetings with much ANSI art reach
// some 30 KiB.
const maxHeard = 128 << 10

// maxGreeting is how much of a greeting is told.
const maxGreeting = 1 << 10

// maxLastWords is how much of the last line is told.
const maxLastWords = 100

// maxNote is how much of one negotiation is recorded.
const maxNote = 400

// A transcript is the text a server has sent so far.
type transcript struct {
	plain   telnet.Plain
	text    []byte
	visible bool // something in it can be seen
}

// add takes in text, and returns it as it is plain.
func (t *transcript) add(p []byte) []byte {
	before := len(t.text)
	t.text = t.plain.Append(t.text, p)
	t.visible = t.visible || bytes.ContainsFunc(t.text[before:], isVisible)
	return t.text[before:]
}

func isVisible(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }

// holds reports whether the text is what was asked for. What is matched is what
// is shown, so that one can write a pattern from what one sees.
func (t *transcript) holds(expect *regexp.Regexp) bool {
	if expect == nil || !t.visible {
		return t.visible
	}
	return expect.MatchString(telnet.Visible(string(t.text)))
}

// unmatched says that nothing was what was asked for.
func unmatched(expect *regexp.Regexp) string {
	return `nothing matched "` + telnet.VisibleLine(expect.String()) + `"`
}

// lastLine is the last line in which something can be seen, with the blanks
// around it; "" where nothing can.
func (t *transcript) lastLine() string {
	end := bytes.LastIndexFunc(t.text, isVisible) + 1
	if end == 0 {
		return ""
	}
	if i := bytes.IndexByte(t.text[end:], '\n'); i >= 0 {
		end += i
	} else {
		end = len(t.text)
	}
	return string(t.text[bytes.LastIndexByte(t.text[:end], '\n')+1 : end])
}

// lastWords quotes the last line: a pattern may fail for a blank at its end. Of a
// long one, the end is told.
func (t *transcript) lastWords(s secrets) string {
	line := s.hide(telnet.VisibleLine(t.lastLine()))
	if line == "" {
		return ""
	}
	if n := len(line) - maxLastWords; n > 0 {
		for !utf8.RuneStart(line[n]) {
			n++
		}
		line = "…" + line[n:]
	}
	return `; the last line was "` + line + `"`
}

// told is the beginning of the text, without blank lines around it and secrets.
func (t *transcript) told(s secrets) string {
	text := s.hide(telnet.Visible(string(t.text[:min(len(t.text), 2*maxGreeting)])))
	text = strings.TrimRightFunc(strings.TrimLeft(text, "\n"), unicode.IsSpace)
	return telnet.Excerpt(text, maxGreeting)
}
