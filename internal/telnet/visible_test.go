package telnet

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestVisible(t *testing.T) {
	tests := map[string]struct{ text, want, line string }{
		"what can be seen stays":         {"Grüße, 勇者 ☃ e\u0301", "Grüße, 勇者 ☃ e\u0301", "Grüße, 勇者 ☃ e\u0301"},
		"lines and tabs":                 {"a\tb\nc", "a\tb\nc", `a\tb\nc`},
		"escape, bell and backspace":     {"\x1b[2J\a\b\r", `\x1b[2J\x07\x08\r`, `\x1b[2J\x07\x08\r`},
		"C1 as UTF-8":                    {"\u009b2J", `\u009b2J`, `\u009b2J`},
		"C1 as a byte":                   {"\x9b2J", `\x9b2J`, `\x9b2J`},
		"text turned round":              {"\u202etxt.exe\u2066", `\u202etxt.exe\u2066`, `\u202etxt.exe\u2066`},
		"text hidden":                    {"a\u200bb\ufeff\U000e0041", `a\u200bb\ufeff\U000e0041`, `a\u200bb\ufeff\U000e0041`},
		"line separators":                {"a\u2028b\u2029\u0085", `a\u2028b\u2029\u0085`, `a\u2028b\u2029\u0085`},
		"Latin-1":                        {"Caf\xe9 \xa7", "Café §", "Café §"},
		"Latin-1's soft hyphen":          {"a\xadb", `a\xadb`, `a\xadb`},
		"a replacement character":        {"\ufffd", "\ufffd", "\ufffd"},
		"half a character":               {"\xe2\x82", `â\x82`, `â\x82`},
		"characters nobody has assigned": {"\u0378\ue000", `\u0378\ue000`, `\u0378\ue000`},
		"delete":                         {"\x7f", `\x7f`, `\x7f`},
		"nothing":                        {"", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Visible(tt.text); got != tt.want {
				t.Errorf("Visible: got %q, want %q", got, tt.want)
			}
			if got := VisibleLine(tt.text); got != tt.line {
				t.Errorf("VisibleLine: got %q, want %q", got, tt.line)
			}
		})
	}
}

func TestExcerpt(t *testing.T) {
	tests := map[string]struct {
		text  string
		limit int
		want  string
	}{
		"short text stays":                 {"abc", 3, "abc"},
		"long text is cut":                 {"abcd", 3, "abc…"},
		"a character is not cut in two":    {"a€b", 3, "a…"},
		"nor is one at the beginning":      {"€", 2, "…"},
		"a limit of nothing leaves a mark": {"abc", 0, "…"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Excerpt(tt.text, tt.limit); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzSanitize(f *testing.F) {
	for _, stream := range serverStreams(f) {
		f.Add(stream, uint16(7))
	}
	f.Add([]byte("\x1b]0;\x1b[1\x18\r\r\n\u202e\x9b"), uint16(3))
	f.Fuzz(func(t *testing.T, p []byte, at uint16) {
		plain := plainOf(p)
		cut := min(int(at), len(p))
		if got := plainOf(p[:cut], p[cut:]); got != plain {
			t.Errorf("split at %d: %q, not %q", cut, got, plain)
		}
		if strings.ContainsAny(plain, "\x1b\r\x00\a") {
			t.Errorf("plain text %q", plain)
		}
		shown := Visible(plain)
		if !utf8.ValidString(shown) || strings.ContainsFunc(shown, isHarmful) {
			t.Errorf("shown as %q", shown)
		}
		if line := VisibleLine(plain); strings.ContainsAny(line, "\n\t") || strings.ContainsFunc(line, isHarmful) {
			t.Errorf("shown on one line as %q", line)
		}
	})
}

func isHarmful(r rune) bool { return !unicode.IsGraphic(r) && r != '\n' && r != '\t' }
