package console

import (
	"strings"
	"testing"
	"unicode"
)

func TestScreen(t *testing.T) {
	tests := map[string]struct {
		charset Charset
		plain   bool // without colours
		sends   string
		shows   string
	}{
		"text is shown as it is":                     {sends: "Midgaard\r\n> ", shows: "Midgaard\n> "},
		"colours go through":                         {sends: "\x1b[1;31mred\x1b[0m \x1b[38:5:9mnew", shows: "\x1b[1;31mred\x1b[0m \x1b[38:5:9mnew"},
		"colours stay out where they are not wanted": {plain: true, sends: "\x1b[1;31mred\x1b[0m", shows: "red"},
		"the cursor does not move":                   {sends: "a\x1b[2J\x1b[1;1Hb\x1b[5A", shows: "ab"},
		"the terminal is asked nothing":              {sends: "\x1b[6n\x1b[c\x05name?", shows: "name?"},
		"titles are not set":                         {sends: "\x1b]0;gotcha\x07in", shows: "in"},
		"nothing is pasted":                          {sends: "\x1b]52;c;cm0gLXJm\x1b\\in", shows: "in"},
		"a colour with a letter in it is no colour":  {sends: "\x1b[?25m\x1b[>1mx", shows: "x"},
		"8-bit controls are left out":                {charset: Latin1, sends: "a\x9b2Jb\x9d0;t\x9cc", shows: "a2Jb0;tc"},
		"line ends of every kind end a line":         {sends: "a\r\r\nb\n\rc\nd\r\n", shows: "a\nb\nc\nd\n"},
		"direction is not turned":                    {sends: "a\u202eb\u2066c", shows: "abc"},
		"UTF-8 stays":                                {sends: "Café — ☃", shows: "Café — ☃"},
		"what is no UTF-8 is Latin-1":                {sends: "Caf\xe9!", shows: "Café!"},
		"Latin-1 where it is said":                   {charset: Latin1, sends: "\xc3\xa9", shows: "Ã©"},
		"boxes of the IBM PC":                        {charset: CP437, sends: "\xc9\xcd\xbb", shows: "╔═╗"},
		"an endless title shows nothing":             {sends: "\x1b]0;" + strings.Repeat("x", 100_000), shows: ""},
		"an endless colour shows nothing":            {sends: "\x1b[" + strings.Repeat("1;", 5000) + "mx", shows: "x"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for split := range min(len(tt.sends), 64) {
				s := screen{charset: tt.charset, colours: !tt.plain}
				out := s.append(nil, []byte(tt.sends[:split]))
				out = s.append(out, []byte(tt.sends[split:]))
				if string(out) != tt.shows {
					t.Fatalf("split at %d: %q is shown as %q, want %q", split, tt.sends, out, tt.shows)
				}
			}
		})
	}
}

func TestCharactersThatASetDoesNotHaveAreSentAsQuestionMarks(t *testing.T) {
	if got := string(CP437.encode("é☃═")); got != "\x82?\xcd" {
		t.Errorf("%q", got)
	}
	if got := string(Latin1.encode("é☃")); got != "\xe9?" {
		t.Errorf("%q", got)
	}
	if got := string(UTF8.encode("é☃")); got != "é☃" {
		t.Errorf("%q", got)
	}
}

// Whatever a game sends, nothing but text, line ends and colours is shown.
func FuzzScreen(f *testing.F) {
	f.Add([]byte("\x1b[1;31mred\x1b[0m"), true)
	f.Add([]byte("\x1b]0;title\x07\x1b[2J\x9b6n\xff\xfe"), false)
	f.Fuzz(func(t *testing.T, sends []byte, colours bool) {
		s := screen{colours: colours}
		shown := string(s.append(nil, sends))
		for i, r := range shown {
			if r == '\x1b' {
				end := strings.IndexByte(shown[i:], 'm')
				if !colours || end < 0 || strings.Trim(shown[i+2:i+end], "0123456789;:") != "" {
					t.Fatalf("%q is shown as %q", sends, shown)
				}
				continue
			}
			if r != '\n' && r != '\t' && r != 0xa0 && !unicode.IsPrint(r) {
				t.Fatalf("%q is shown with %q in it", sends, r)
			}
		}
	})
}
