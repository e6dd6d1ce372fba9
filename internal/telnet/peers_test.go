//go:build e2e

package telnet

import (
	"context"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestChatdCompresses inflates what a server of others' making compresses.
func TestChatdCompresses(t *testing.T) {
	path, err := exec.LookPath("telnet-chatd")
	if err != nil {
		t.Fatalf("%v; install it: apt-get install libtelnet-utils", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_, port, _ := net.SplitHostPort(addr)
	l.Close()
	chatd := exec.CommandContext(ctx, path, port)
	if err := chatd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { chatd.Process.Kill(); chatd.Wait() })

	conn := dialUntil(ctx, t, addr)
	defer conn.Close()
	c := Client{Inflate: true}
	defer c.Close()
	var text strings.Builder
	compressed := false
	hear := func(until string) {
		t.Helper()
		p := make([]byte, 512)
		for !strings.Contains(text.String(), until) {
			n, err := conn.Read(p)
			if err != nil {
				t.Fatalf("%v, after %q", err, text.String())
			}
			conn.Write(c.Feed(p[:n], func(e Event) {
				compressed = compressed || e.Kind == Subnegotiation && e.Option == MCCP2
				if e.Kind == Text {
					text.Write(e.Data)
				}
			}))
		}
	}
	hear("Enter name:")
	conn.Write([]byte("ann\r\n"))
	hear("ann")
	for _, word := range []string{"hello", "midgaard", strings.Repeat("temple ", 20)} {
		conn.Write([]byte(word + "\r\n"))
		hear("ann: " + word)
	}
	if !compressed || c.Err() != nil || !c.ServerUses(MCCP2) {
		t.Errorf("compressed is %v, %v; heard %q", compressed, c.Err(), text.String())
	}
}

// dialUntil dials a server that is starting until it listens.
func dialUntil(ctx context.Context, t *testing.T, addr string) net.Conn {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			deadline, _ := ctx.Deadline()
			conn.SetDeadline(deadline)
			return conn
		}
		select {
		case <-ctx.Done():
			t.Fatal(err)
		case <-tick.C:
		}
	}
}
