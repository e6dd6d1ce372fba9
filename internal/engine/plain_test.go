package engine

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestPlain(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"text stays":                              {"Zürich 3/4, 世界 – 日本", "Zürich 3/4, 世界 – 日本"},
		"a tab stays":                             {"a\tb", "a\tb"},
		"colours":                                 {"\x1b[1;31mred\x1b[0m", "red"},
		"a colour with C1 controls":               {"\u009b31mred\u009b0m", "red"},
		"a title that ends in BEL":                {"\x1b]0;owned\x07text", "text"},
		"a title that ends in ST":                 {"\x1b]0;owned\x1b\\text", "text"},
		"a title with C1 controls":                {"\u009d0;owned\u009ctext", "text"},
		"a title that never ends":                 {"\x1b]0;owned", ""},
		"a title that does not end in its line":   {"\x1b]0;owned\ntext", "text"},
		"a link":                                  {"\x1b]8;;http://evil\x07click\x1b]8;;\x07", "click"},
		"a device control string":                 {"\x1bPq#0\x1b\\text", "text"},
		"a reset":                                 {"\x1bctext", "text"},
		"a character set":                         {"\x1b(0text", "text"},
		"a sequence cut short":                    {"text\x1b[12", "text"},
		"an escape at the end":                    {"text\x1b", "text"},
		"control characters":                      {"a\x00b\x07c\x08d\re\x7f", "abcde"},
		"direction characters":                    {"a\u202eb\u2066c\u200fd", "abcd"},
		"spaces of all kinds":                     {"a\u00a0b\u3000c", "a b c"},
		"what is no UTF-8":                        {"a\xffb", "a\uFFFDb"},
		"an escape that comes together by itself": {"\x1b\x1b[0m[31mred", "[31mred"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Plain(tt.text); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzPlain(f *testing.F) {
	for _, s := range []string{"text", "\x1b[31mred", "\u009b31m", "\x1b]0;x\x07", "\x1b\x1b[", "a\xc2\x9bb", "\u202e", "\x1b]\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Plain(s)
		if !utf8.ValidString(got) {
			t.Errorf("%q became %q, which is no UTF-8", s, got)
		}
		for _, r := range got {
			if r != '\t' && !unicode.IsPrint(r) {
				t.Errorf("%q became %q, which holds %q", s, got, r)
			}
		}
		if again := Plain(got); again != got {
			t.Errorf("%q became %q, and that %q", s, got, again)
		}
	})
}

func TestLinesStayLinesAndFitThePage(t *testing.T) {
	long := strings.Repeat("é", longestShown+1)
	got := plainLines("one  \r\n\x1b[31mtwo\n\n" + long)
	want := []string{"one", "two", "", long[:2*longestShown] + "…"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := plainText("\n  first\nsecond\x1b[0m\n"); got != "first\nsecond" {
		t.Errorf("got %q", got)
	}
}
