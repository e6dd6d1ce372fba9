package probe

import (
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestFloodsTakeLittleMemory counts all that is allocated while an attempt is
// drowned in 100 MB, the server's part included, and what was freed again.
func TestFloodsTakeLittleMemory(t *testing.T) {
	floods := map[string]struct {
		flood string
		q     Question
	}{
		"of IAC":                          {"\xff", Question{}},
		"of offers, taken back":           {"\xff\xfb\x01\xff\xfc\x01\xff\xfd\x18\xff\xfe\x18", Question{}},
		"of subnegotiations":              {"\xff\xfa\x46\x01NAME\x02x\xff\xf0", Question{MSSP: MSSPAsk}},
		"of a subnegotiation without end": {"\xff\xfa\x46" + strings.Repeat("x", 64<<10), Question{}},
		"of long lines":                   {strings.Repeat("x", 64<<10) + "\r\n", Question{Expect: pattern("y$")}},
		"of long lines, recorded":         {strings.Repeat("x", 64<<10) + "\r\n", Question{Expect: pattern("y$"), Record: true}},
		"of offers, recorded":             {"\xff\xfb\x01\xff\xfc\x01", Question{Record: true}},
		"of MSSP in plain text":           {"MSSP-REPLY-START\r\nNAME\tx\r\n", Question{MSSP: MSSPPlain}},
	}
	for name, tt := range floods {
		t.Run(name, func(t *testing.T) {
			chunk := strings.Repeat(tt.flood, 1+4096/len(tt.flood))
			tt.q.Addr = serve(t, func(conn net.Conn) {
				for sent := 0; sent < 100<<20; sent += len(chunk) {
					if _, err := io.WriteString(conn, chunk); err != nil {
						return
					}
				}
			})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			a := Ask(t.Context(), tt.q)
			runtime.ReadMemStats(&after)
			if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 16<<20 {
				t.Errorf("%s: %d KiB were allocated", a.Verdict(), allocated>>10)
			}
			if a.Outcome == Silent || a.Outcome == Closed || a.Took > 4*time.Second {
				t.Errorf("%s after %v", a.Verdict(), a.Took)
			}
		})
	}
}

func TestAByteASecond(t *testing.T) {
	slow := func(text string) (steps []step) {
		for i := range text {
			steps = append(steps, server(text[i:i+1]), wait(time.Second))
		}
		return steps
	}
	tests := map[string]struct {
		steps []step
		q     Question
		want  string
	}{
		"of negotiation":      {slow("\xff\xfb\x01\xff\xfb\x46"), Question{}, "negotiation only: no readable text within 3s"},
		"of text":             {slow("Welcome"), Question{}, "ready"},
		"of text to match":    {slow("Welcome"), Question{Expect: pattern("come")}, `talks, but no match: nothing matched "come" within 3s`},
		"when asked for MSSP": {append([]step{server("Hi\xff\xf9"), client("\xff\xfd\x46")}, slow("\xff\xfa\x46\x01NAME\x02x\xff\xf0")...), Question{MSSP: MSSPAsk}, "talks, but no match: no MSSP: no answer within 1s"},
		"with an hour of it":  {slow(strings.Repeat("x", 3600)), Question{Expect: pattern("y"), Bound: time.Minute}, `talks, but no match: nothing matched "y" within 1m0s`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a, _ := askScript(t, tt.steps, tt.q)
			// A byte that comes just at the bound may be heard, or not.
			verdict, _, _ := strings.Cut(a.Verdict(), "; the last line was ")
			if verdict != tt.want || a.Took > tt.q.bound() {
				t.Errorf("%s after %v", a.Verdict(), a.Took)
			}
		})
	}
}
