package probe

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"

	"devenv/internal/telnet"
)

// maxHeard bounds what one attempt reads. Greetings with much ANSI art reach
// some 30 KiB.
const maxHeard = 128 << 10

// maxGreeting is how much of a greeting is told.
const maxGreeting = 1 << 10

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

// told is the beginning of the text, without blank lines around it.
func (t *transcript) told() string {
	text := telnet.Visible(string(t.text[:min(len(t.text), 2*maxGreeting)]))
	text = strings.TrimRightFunc(strings.TrimLeft(text, "\n"), unicode.IsSpace)
	return telnet.Excerpt(text, maxGreeting)
}
