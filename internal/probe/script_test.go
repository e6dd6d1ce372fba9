package probe

import (
	"bytes"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A step is one line of a script in ../telnet/testdata/servers.
type step struct {
	verb string // server: say; client: wait until it has said; wait: let time pass; hangup
	text string
	time time.Duration
}

func readScript(t *testing.T, name string) (steps []step) {
	t.Helper()
	text, err := os.ReadFile("../telnet/testdata/servers/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		s := step{verb: verb}
		switch verb {
		case "#":
			continue
		case "wait":
			s.time, err = time.ParseDuration(strings.TrimSpace(rest))
		default:
			s.text, err = strconv.Unquote(rest)
		}
		if err != nil {
			t.Fatalf("%s: %s: %v", name, line, err)
		}
		steps = append(steps, s)
	}
	return steps
}

// splitAt cuts what the server says in two at position n of all it says.
func splitAt(steps []step, n int) (out []step) {
	for _, s := range steps {
		if s.verb == "server" && 0 < n && n < len(s.text) {
			out = append(out, step{verb: "server", text: s.text[:n]})
			n, s.text = 0, s.text[n:]
		}
		if s.verb == "server" {
			n -= len(s.text)
		}
		out = append(out, s)
	}
	return out
}

func spokenBytes(steps []step) (n int) {
	for _, s := range steps {
		if s.verb == "server" {
			n += len(s.text)
		}
	}
	return n
}

// play acts a script out on a connection until the client hangs up. What the
// script waited for by then is returned.
func play(conn net.Conn, steps []step) (unsaid string) {
	said := make(chan []byte, 4096)
	go func() {
		defer close(said)
		for {
			p := make([]byte, 512)
			n, err := conn.Read(p)
			if err != nil {
				return
			}
			said <- p[:n]
		}
	}()
	var heard []byte
	for _, s := range steps {
		switch s.verb {
		case "server":
			conn.Write([]byte(s.text))
		case "wait":
			time.Sleep(s.time) // of the bubble's clock
		case "client":
			for !bytes.Contains(heard, []byte(s.text)) {
				p, open := <-said
				if !open {
					return s.text
				}
				heard = append(heard, p...)
			}
			_, heard, _ = bytes.Cut(heard, []byte(s.text))
		case "hangup":
			conn.Close()
		}
	}
	for range said {
	}
	return ""
}

// askScript asks a scripted server on a synchronous pipe, where every write of
// the server is a read of ours, in a bubble with its own clock.
func askScript(t *testing.T, steps []step, q Question) (a Answer, unsaid string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		played := make(chan struct{})
		go func() {
			defer close(played)
			defer server.Close()
			unsaid = play(server, steps)
		}()
		a = askPipe(t, client, q)
		<-played
	})
	return a, unsaid
}

func askPipe(t *testing.T, conn net.Conn, q Question) Answer {
	t.Helper()
	ctx, cancel := contextWithin(t, q.bound())
	defer cancel()
	start := time.Now()
	l := &line{conn: conn, unwatch: watch(ctx, conn)}
	a := askTelnet(ctx, l, q)
	a.Took = time.Since(start)
	l.hangUp(ctx)
	return a
}
