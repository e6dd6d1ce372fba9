package telnet

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// decode renders the events of a stream, fed in parts; text that was cut only
// by the parts is put together.
func decode(parts ...[]byte) []string {
	var d Decoder
	var told []string
	var text []byte
	flush := func() {
		if len(text) > 0 {
			told = append(told, Event{Kind: Text, Data: text}.String())
			text = nil
		}
	}
	for _, p := range parts {
		for e, rest := d.Next(p); e.Kind != None; e, rest = d.Next(rest) {
			if e.Kind == Text {
				text = append(text, e.Data...)
				continue
			}
			flush()
			told = append(told, e.String())
		}
	}
	flush()
	return told
}

func TestDecoder(t *testing.T) {
	tests := map[string]struct {
		sent string
		want []string
	}{
		"plain text is text":                       {"Welcome\r\n", []string{`text "Welcome\r\n"`}},
		"a doubled 255 is one byte of text":        {"a\xff\xffb", []string{`text "a\xffb"`}},
		"CR NUL is a bare CR":                      {"a\r\x00b\r\x00\x00", []string{`text "a\rb\r\x00"`}},
		"CR NUL is one even with a command in it":  {"\r\xff\xf1\x00b", []string{`text "\r"`, "NOP", `text "b"`}},
		"a NUL elsewhere stays":                    {"a\x00b", []string{`text "a\x00b"`}},
		"GA ends a prompt":                         {"name? \xff\xf9", []string{`text "name? "`, "GA"}},
		"EOR and NOP and AYT are signals":          {"\xff\xef\xff\xf1\xff\xf6", []string{"EOR", "NOP", "AYT"}},
		"an unknown command is a signal":           {"\xff\x01x", []string{"command 1", `text "x"`}},
		"the four verbs name an option":            {"\xff\xfb\x46\xff\xfc\x01\xff\xfd\x18\xff\xfe\xa5", []string{"WILL MSSP", "WONT ECHO", "DO TTYPE", "DONT option 165"}},
		"a subnegotiation is collected":            {"\xff\xfa\x18\x01\xff\xf0x", []string{`SB TTYPE "\x01"`, `text "x"`}},
		"a doubled 255 within one is one":          {"\xff\xfa\x1f\xff\xff\x00\xff\xf0", []string{`SB NAWS "\xff\x00"`}},
		"an empty payload is a payload":            {"\xff\xfa\x56\xff\xf0", []string{`SB MCCP2 ""`}},
		"one without an option is dropped":         {"\xff\xfa\xff\xf0x", []string{"dropped SB BINARY", `text "x"`}},
		"a command breaks one off, and counts":     {"\xff\xfa\x18\x01\xff\xfb\x46x", []string{"dropped SB TTYPE", "WILL MSSP", `text "x"`}},
		"a stray SE is a signal":                   {"\xff\xf0x", []string{"SE", `text "x"`}},
		"MSSP without its option byte is MSSP":     {"\xff\xfa\x01NAME\x02Ex\xff\xf0", []string{`SB MSSP "\x01NAME\x02Ex"`}},
		"a payload for ECHO that is no MSSP stays": {"\xff\xfa\x01\x05\xff\xf0", []string{`SB ECHO "\x05"`}},
		"an unfinished sequence waits":             {"x\xff\xfa\x18", []string{`text "x"`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, decode([]byte(tt.sent))); diff != "" {
				t.Error(diff)
			}
			for parts := range splits([]byte(tt.sent)) {
				if got := decode(parts...); !slices.Equal(got, tt.want) {
					t.Errorf("split as %q: %q", parts, got)
				}
			}
		})
	}
}

func TestDecoderBoundsASubnegotiation(t *testing.T) {
	var d Decoder
	flood := bytes.Repeat([]byte("x"), 1<<20)
	for _, p := range [][]byte{[]byte("\xff\xfa\x46"), flood, flood} {
		if e, _ := d.Next(p); e.Kind != None {
			t.Fatalf("event within the flood: %v", e)
		}
	}
	if cap(d.sub) > 2*maxSubnegotiation {
		t.Errorf("the decoder keeps %d bytes", cap(d.sub))
	}
	if e, _ := d.Next([]byte("\xff\xf0")); e.Kind != Dropped || e.Option != MSSP {
		t.Errorf("after the flood: %v", e)
	}
}

func TestDecoderStopsAfterEachEvent(t *testing.T) {
	var d Decoder
	e, rest := d.Next([]byte("\xff\xfa\x56\xff\xf0\x78\x9c\xff"))
	if e.Option != MCCP2 || !bytes.Equal(rest, []byte("\x78\x9c\xff")) {
		t.Errorf("%v, then %q; what follows MCCP2 must be left to the caller", e, rest)
	}
}

func TestRealServersDecodeAlikeAtEverySplit(t *testing.T) {
	for name, stream := range serverStreams(t) {
		t.Run(name, func(t *testing.T) {
			want := decode(stream)
			for parts := range splits(stream) {
				if got := decode(parts...); !slices.Equal(got, want) {
					t.Fatalf("split after %d bytes:\n%s", len(parts[0]), cmp.Diff(want, got))
				}
			}
		})
	}
}

func FuzzDecoder(f *testing.F) {
	for _, stream := range serverStreams(f) {
		f.Add(stream, uint16(len(stream)/2))
	}
	f.Add([]byte("\xff\xfa\x18\xff\xff\xff\xfb\r\x00"), uint16(4))
	f.Fuzz(func(t *testing.T, p []byte, at uint16) {
		want := decode(p)
		cut := min(int(at), len(p))
		if got := decode(p[:cut], p[cut:]); !slices.Equal(got, want) {
			t.Errorf("split at %d:\n%s", cut, cmp.Diff(want, got))
		}
	})
}

func BenchmarkDecoder(b *testing.B) {
	p := bytes.Repeat([]byte(strings.Repeat("You are standing in Midgaard.\r\n", 30)+"\xff\xf9\xff\xfb\x46\xff\xfa\x18\x01\xff\xf0"), 16)
	b.SetBytes(int64(len(p)))
	b.ReportAllocs()
	var d Decoder
	for b.Loop() {
		for e, rest := d.Next(p); e.Kind != None; e, rest = d.Next(rest) {
		}
	}
}
