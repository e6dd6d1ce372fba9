package telnet

import (
	"bytes"
	"compress/zlib"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// compressed is text as a server compresses it: it flushes after each part, and
// ends the stream.
func compressed(parts ...string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	for _, p := range parts {
		io.WriteString(w, p)
		w.Flush()
	}
	w.Close()
	return b.String()
}

// unended is compressed, without the end of the stream.
func unended(parts ...string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	for _, p := range parts {
		io.WriteString(w, p)
		w.Flush()
	}
	return b.String()
}

const (
	offer  = "\xff\xfb\x56"         // WILL MCCP2
	begins = "\xff\xfa\x56\xff\xf0" // SB MCCP2: what follows is compressed
)

// inflated is what a client that inflates makes of what comes in parts.
func inflated(parts ...[]byte) (text string, said []string, err error) {
	c := Client{Inflate: true}
	defer c.Close()
	var heard, out []byte
	for _, p := range parts {
		out = append(out, c.Feed(p, func(e Event) {
			if e.Kind == Text {
				heard = append(heard, e.Data...)
			}
		})...)
	}
	return string(heard), decode(out), c.Err()
}

func TestInflate(t *testing.T) {
	noise := make([]byte, 300)
	rand.NewChaCha8([32]byte{}).Read(noise)
	stored := strings.ReplaceAll(string(noise), "\xff", "") // does not shrink, so it is stored
	tests := map[string]struct {
		sent  string
		want  string
		says  []string
		fails string
	}{
		"what follows the mark is compressed":       {sent: offer + "Hi " + begins + unended("Welcome"), want: "Hi Welcome", says: []string{"DO MCCP2"}},
		"each flush is heard":                       {sent: offer + begins + unended("Wel", "come", "!"), want: "Welcome!", says: []string{"DO MCCP2"}},
		"after its end all is plain again":          {sent: offer + begins + compressed("Wel") + "come", want: "Welcome", says: []string{"DO MCCP2"}},
		"and may be compressed again":               {sent: offer + begins + compressed("a") + "b" + begins + compressed("c") + begins + unended("d"), want: "abcd", says: []string{"DO MCCP2"}},
		"telnet within is telnet":                   {sent: offer + begins + compressed("a\xff", "\xffb\xff\xfb\x01\xff\xfb\x57") + "c", want: "a\xffbc", says: []string{"DO MCCP2", "DO ECHO", "DONT MCCP3"}},
		"an IAC cut by the end of compression":      {sent: offer + begins + compressed("a\xff") + "\xf1b", want: "ab", says: []string{"DO MCCP2"}},
		"a mark within is no stream within":         {sent: offer + begins + compressed("a"+begins+"b") + "c", want: "abc", says: []string{"DO MCCP2"}},
		"what is stored is read":                    {sent: offer + begins + compressed(stored) + "!", want: stored + "!", says: []string{"DO MCCP2"}},
		"an empty stream":                           {sent: offer + begins + compressed() + "a", want: "a", says: []string{"DO MCCP2"}},
		"a mark that nobody agreed on is nothing":   {sent: begins + "plain", want: "plain"},
		"compression of what we say is refused":     {sent: "\xff\xfb\x57\xff\xfd\x57\xff\xfb\x55", says: []string{"DONT MCCP3", "WONT MCCP3", "DONT MCCP1"}},
		"what is not compressed at all":             {sent: offer + begins + "Welcome", says: []string{"DO MCCP2"}, fails: "compressed data are damaged: zlib: invalid header"},
		"what is damaged ends all":                  {sent: offer + begins + unended("Welcome") + "\x07\x07" + "more", want: "Welcome", says: []string{"DO MCCP2"}, fails: "compressed data are damaged: flate: corrupt input"},
		"a wrong sum at the end":                    {sent: offer + begins + damagedSum("Welcome") + "more", want: "Welcome", says: []string{"DO MCCP2"}, fails: "compressed data are damaged: zlib: invalid checksum"},
		"what blows up is not heard to its end":     {sent: offer + begins + compressed(strings.Repeat("\x00", 1<<20)), says: []string{"DO MCCP2"}, fails: "compressed data blow up"},
		"what blows up little is heard to its end":  {sent: offer + begins + compressed(strings.Repeat(" ", 60<<10)), want: strings.Repeat(" ", 60<<10), says: []string{"DO MCCP2"}},
		"a screen full of spaces does not blow up":  {sent: offer + begins + compressed(screens(200)), want: screens(200), says: []string{"DO MCCP2"}},
		"a dictionary that only they know is wrong": {sent: offer + begins + "\x78\xbb\x00\x00\x00\x02aaaa", says: []string{"DO MCCP2"}, fails: "compressed data are damaged: zlib: invalid dictionary"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			check := func(parts ...[]byte) {
				t.Helper()
				text, said, err := inflated(parts...)
				blown := strings.Contains(tt.fails, "blow up")
				if !blown && text != tt.want || !slices.Equal(said, tt.says) {
					t.Fatalf("heard %.80q, said %q", text, said)
				}
				if (err == nil) != (tt.fails == "") || err != nil && !strings.HasPrefix(err.Error(), tt.fails) {
					t.Fatalf("error: %v", err)
				}
			}
			check([]byte(tt.sent))
			if len(tt.sent) < 1000 {
				for parts := range splits([]byte(tt.sent)) {
					check(parts...)
				}
			}
		})
	}
}

func screens(n int) string {
	return strings.Repeat("You are standing in Midgaard."+strings.Repeat(" ", 50)+"\r\n", n)
}

func damagedSum(text string) string {
	b := []byte(compressed(text))
	b[len(b)-1] ^= 1
	return string(b)
}

func TestABombIsStoppedEarly(t *testing.T) {
	c := Client{Inflate: true}
	defer c.Close()
	heard := 0
	c.Feed([]byte(offer+begins+compressed(strings.Repeat("x", 8<<20))), func(e Event) { heard += len(e.Data) })
	if c.Err() == nil || heard > 4<<20 {
		t.Errorf("%d bytes were heard; %v", heard, c.Err())
	}
	if said := c.Feed([]byte("\xff\xfb\x01"), func(e Event) { t.Errorf("heard %v after the end", e) }); len(said) != 0 {
		t.Errorf("said %q after the end", said)
	}
}

func TestClosingAmidCompressedData(t *testing.T) {
	c := Client{Inflate: true}
	c.Close()
	c.Feed([]byte(offer+begins+unended("Wel")), func(Event) {})
	c.Close()
	c.Close()
	if c.Err() != nil {
		t.Error(c.Err())
	}
}

// FuzzInflate feeds what claims to be compressed, and what is: no split may
// change what is heard, and what was compressed must come out.
func FuzzInflate(f *testing.F) {
	f.Add([]byte("Welcome\xff\xf9"), uint16(3), false)
	f.Add([]byte(compressed("Welcome", "to Midgaard")+"\xff\xfb\x01plain"), uint16(9), true)
	f.Add([]byte(unended("Welcome")+"\x00\x01"), uint16(9), true)
	for _, stream := range serverStreams(f) {
		f.Add(stream, uint16(len(stream)/2), false)
	}
	f.Fuzz(func(t *testing.T, p []byte, at uint16, raw bool) {
		stream := []byte(offer + begins)
		if raw {
			stream = append(stream, p...)
		} else {
			cut := min(int(at), len(p))
			stream = append(stream, compressed(string(p[:cut]), string(p[cut:]))+"!"...)
		}
		text, said, err := inflated(stream)
		cut := min(int(at), len(stream))
		text2, said2, err2 := inflated(stream[:cut], stream[cut:])
		slices.Sort(said) // where refusals stand depends on the split
		slices.Sort(said2)
		if text != text2 || !slices.Equal(said, said2) || (err == nil) != (err2 == nil) {
			t.Errorf("whole: %q, %q, %v\nin two: %q, %q, %v", text, said, err, text2, said2, err2)
		}
		if raw {
			return
		}
		if want := textOf(append(slices.Clone(p), '!')); err != nil || text != want {
			t.Errorf("heard %q of %q, %v", text, p, err)
		}
	})
}

// textOf is the text in a stream that is not compressed.
func textOf(p []byte) string {
	var d Decoder
	var text []byte
	for e, rest := d.Next(p); e.Kind != None; e, rest = d.Next(rest) {
		if e.Kind == Text {
			text = append(text, e.Data...)
		}
	}
	return string(text)
}

func BenchmarkInflate(b *testing.B) {
	line := "You are standing in Midgaard.\r\n\x1b[0;32mExits: north, south\x1b[0m\r\n"
	p := []byte(unended(slices.Repeat([]string{line}, 1000)...))
	b.SetBytes(int64(1000 * len(line)))
	b.ReportAllocs()
	for b.Loop() {
		c := Client{Inflate: true}
		c.Feed([]byte(offer+begins), func(Event) {})
		c.Feed(p, func(Event) {})
		c.Close()
	}
}
