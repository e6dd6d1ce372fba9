package telnet

import (
	"runtime"
	"strings"
	"testing"
)

// floods are what no game sends, by the piece that is sent over and over.
var floods = map[string]string{
	"IAC":                       "\xff\xff\xff\xff",
	"commands":                  "\xff\xf1",
	"offers taken back":         "\xff\xfb\x01\xff\xfc\x01\xff\xfd\x18\xff\xfe\x18",
	"offers of everything":      offersOfEverything(),
	"questions for a name":      "\xff\xfd\x18\xff\xfa\x18\x01\xff\xf0",
	"subnegotiations":           "\xff\xfa\x46\x01NAME\x02x\xff\xf0",
	"subnegotiations, too long": "\xff\xfa\x46" + strings.Repeat("x", 20<<10) + "\xff\xf0",
	"subnegotiations, cut off":  "\xff\xfa\x46xx\xff\xf1",
	"escape sequences":          "\x1b]0;" + strings.Repeat("x", 4000),
	"lines of 64 KiB":           strings.Repeat("x", 64<<10) + "\r\n",
	"bare CR":                   "\r\x00",
}

func offersOfEverything() string {
	var b strings.Builder
	for o := range 256 {
		b.Write([]byte{iac, byte(WILL), byte(o), iac, byte(DO), byte(o)})
	}
	return strings.ReplaceAll(b.String(), "\xff\xff", "\xff\x00")
}

// drown feeds a client and all that comes after it, and returns how many bytes
// were allocated for it, freed ones included, and what the client said.
func drown(flood string, total int) (allocated uint64, said int) {
	var c Client
	var t Plain
	var text []byte
	chunk := []byte(strings.Repeat(flood, 1+8<<10/len(flood)))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for sent := 0; sent < total; sent += len(chunk) {
		said += len(c.Feed(chunk, func(e Event) {
			if e.Kind == Text {
				text = t.Append(text[:0], e.Data)
			}
		}))
	}
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, said
}

func TestFloodsAreBounded(t *testing.T) {
	for name, flood := range floods {
		t.Run(name, func(t *testing.T) {
			allocated, said := drown(flood, 4<<20)
			if allocated > 1<<20 || said > 32<<10 {
				t.Errorf("%d bytes allocated, %d answered", allocated, said)
			}
		})
	}
}

func TestAHundredMegabytesTakeNoMoreThanFour(t *testing.T) {
	for name, begin := range map[string]string{"of a subnegotiation without end": "\xff\xfa\x46", "of text": ""} {
		var c Client
		c.Feed([]byte(begin), func(Event) {})
		chunk := []byte(strings.Repeat("x", 64<<10))
		allocs := testing.AllocsPerRun(1, func() {
			for sent := 0; sent < 100<<20; sent += len(chunk) {
				c.Feed(chunk, func(Event) {})
			}
		})
		if allocs > 20 {
			t.Errorf("%s: %v allocations", name, allocs)
		}
	}
}

func BenchmarkFlood(b *testing.B) {
	for name, flood := range floods {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(4 << 20)
			for b.Loop() {
				drown(flood, 4<<20)
			}
		})
	}
}
