package engine

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escapes are the sequences that a terminal acts on, in their 7-bit form and
// with C1 controls. One that does not end is taken no further than its line.
var escapes = regexp.MustCompile("(?:\x1b\\[|\u009b)[0-?]*[ -/]*[@-~]?" + // CSI
	"|(?:\x1b[\\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\x07\x1b\u009c\n]*(?:\x07|\x1b\\\\|\u009c)?" + // OSC, DCS, SOS, PM, APC
	"|\x1b[ -/]*[0-~]?")

// Plain takes escape sequences, control and direction characters out of foreign
// text, so that a terminal can show it. Tabs stay; lines become one.
func Plain(s string) string {
	s = escapes.ReplaceAllString(strings.ToValidUTF8(s, "\uFFFD"), "")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || unicode.IsPrint(r):
			return r
		case unicode.Is(unicode.Zs, r):
			return ' '
		}
		return -1
	}, s)
}

// longestShown keeps one line from filling the page.
const longestShown = 2000

func plainLines(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(Plain(line), " ")
		if utf8.RuneCountInString(line) > longestShown {
			line = string([]rune(line)[:longestShown]) + "…"
		}
		lines = append(lines, line)
	}
	return lines
}

// plainText is Plain of each line.
func plainText(text string) string {
	return strings.Join(plainLines(strings.TrimSpace(text)), "\n")
}
