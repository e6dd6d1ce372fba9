package probe

import (
	"net"
	"regexp"
	"testing"
)

func TestTCPOutcomes(t *testing.T) {
	tests := map[string]struct {
		server   func(net.Conn)
		q        Question
		want     Outcome
		greeting string
	}{
		"open and quiet is ready":              {server: says(), want: Ready},
		"bytes are ready, and shown":           {server: says("\x00\x01hello"), want: Ready, greeting: `\x01hello`},
		"bytes are ready, even if hung up":     {server: saysAndHangsUp("bye"), want: Ready, greeting: "bye"},
		"hung up at once, as by a proxy":       {server: saysAndHangsUp(), want: Closed},
		"reset at once":                        {server: resets, want: Closed},
		"bytes that match":                     {server: says("SSH-2.0\r\n"), q: Question{Expect: regexp.MustCompile(`SSH-2`)}, want: Ready, greeting: "SSH-2.0"},
		"bytes that do not match":              {server: says("220 mail\r\n"), q: Question{Expect: regexp.MustCompile(`SSH`), Bound: short}, want: NoMatch, greeting: "220 mail"},
		"a pattern, and not one byte":          {server: says(), q: Question{Expect: regexp.MustCompile(`SSH`), Bound: short}, want: Silent},
		"a pattern, and hung up without bytes": {server: saysAndHangsUp(), q: Question{Expect: regexp.MustCompile(`SSH`)}, want: Closed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.q.Protocol, tt.q.Addr = TCP, serve(t, tt.server)
			a := Ask(t.Context(), tt.q)
			if a.Outcome != tt.want || a.Greeting != tt.greeting {
				t.Errorf("got %s, greeting %q", a.Verdict(), a.Greeting)
			}
		})
	}
}
