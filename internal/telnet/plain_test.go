package telnet

import (
	"strings"
	"testing"
)

func plainOf(parts ...[]byte) string {
	var t Plain
	var out []byte
	for _, p := range parts {
		out = t.Append(out, p)
	}
	return string(out)
}

func TestPlain(t *testing.T) {
	tests := map[string]struct{ sent, want string }{
		"CR LF ends a line":                    {"a\r\nb", "a\nb"},
		"so does a bare LF":                    {"Connecting...\n", "Connecting...\n"},
		"so does CR CR LF":                     {"a\r\r\nb", "a\nb"},
		"so does LF CR":                        {"a\n\rb\n\r\n\rc", "a\nb\n\nc"},
		"empty lines stay":                     {"a\r\n\r\nb", "a\n\nb"},
		"a CR amid a line begins a new one":    {"loading\rName: ", "loading\nName: "},
		"a CR at the beginning does not":       {"\rName: ", "Name: "},
		"colours are left out":                 {"\x1b[1;31mred\x1b[0m", "red"},
		"256 colours too":                      {"\x1b[38;5;208mx\x1b[38:2::1:2:3my", "xy"},
		"cursor and questions too":             {"\x1b[s\x1b[999;999H\x1b[6n\x1b[u\x1b[?25lx", "x"},
		"MXP modes too":                        {"\x1b[1z<b>x</b>", "<b>x</b>"},
		"a title ends in BEL":                  {"\x1b]0;Midgaard\x07x", "x"},
		"a hyperlink ends in ST":               {"\x1b]8;;http://x\x1b\\here\x1b]8;;\x1b\\.", "here."},
		"a string never goes beyond its line":  {"\x1b]0;oops\r\nx", "\nx"},
		"nor on for ever":                      {"\x1bP" + strings.Repeat("q", maxSequence-1) + "x", "x"},
		"a character set is chosen":            {"\x1b(0x\x1b)Bx", "xx"},
		"a short sequence":                     {"\x1b7x\x1b8\x1bcy", "xy"},
		"a cancelled sequence":                 {"\x1b[1;\x18x\x1b[2\x1ay", "xy"},
		"a sequence within a sequence":         {"\x1b[1;\x1b[0mx", "x"},
		"a sequence broken off by a line end":  {"\x1b[1;\r\nx", "\nx"},
		"a sequence broken off by a character": {"\x1b[1\xc3\xa9x", "éx"},
		"ESC before what begins nothing":       {"\x1b\x01x\x1b\xe9", "\x01x\xe9"},
		"NUL and BEL are nothing":              {"a\x00b\x07c", "abc"},
		"other control characters stay":        {"a\bb\x7fc\td", "a\bb\x7fc\td"},
		"8-bit bytes are no sequences":         {"\x9b1mx\xe2\x82\xac", "\x9b1mx€"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := plainOf([]byte(tt.sent)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			for parts := range splits([]byte(tt.sent)) {
				if got := plainOf(parts...); got != tt.want {
					t.Fatalf("split after %d bytes: %q", len(parts[0]), got)
				}
			}
		})
	}
}
