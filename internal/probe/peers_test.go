//go:build e2e

package probe

import (
	"net"
	"os/exec"
	"regexp"
	"testing"
	"time"
)

// TestTelnetChatd asks a telnet server that is none of ours.
func TestTelnetChatd(t *testing.T) {
	path, err := exec.LookPath("telnet-chatd")
	if err != nil {
		t.Fatalf("%v; install it: apt-get install libtelnet-utils", err)
	}
	addr := freePort(t)
	_, port, _ := net.SplitHostPort(addr)
	chatd := exec.CommandContext(t.Context(), path, port)
	if err := chatd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { chatd.Process.Kill(); chatd.Wait() })

	ctx, cancel := contextWithin(t, 5*time.Second)
	defer cancel()
	for _, expect := range []*regexp.Regexp{nil, regexp.MustCompile(`name: $`)} {
		a := Await(ctx, Question{Service: "chatd", Addr: addr, Expect: expect}, Patience{})
		if !a.Ready() || a.Greeting != "Enter name:" {
			t.Errorf("%v, greeting %q", a.Err(), a.Greeting)
		}
		t.Logf("expect %v: ready after %v", expect, a.Took)
	}
	required := Question{Service: "chatd", Addr: addr, MSSP: MSSPRequired, Bound: short}
	if a := Ask(ctx, required); a.Outcome != NoMatch {
		t.Errorf("chatd has no MSSP, and yet: %s", a.Verdict())
	}
}
