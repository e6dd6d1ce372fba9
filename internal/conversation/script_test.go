package conversation

import (
	"context"
	"fmt"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"devenv/internal/telnet"
)

// An act is one thing a scripted server does.
type act struct {
	says  string
	wants *string       // a line of the player
	waits time.Duration // of the bubble's clock
	quits bool
}

func says(text string) act { return act{says: text} }

func wants(line string) act { return act{wants: &line} }

func waits(d time.Duration) act { return act{waits: d} }

var quits = act{quits: true}

// What servers say that is no text.
const (
	willEcho = "\xff\xfb\x01"
	wontEcho = "\xff\xfc\x01"
	goAhead  = "\xff\xf9"
	endOfRec = "\xff\xef"
	willMSSP = "\xff\xfb\x46"
	mssp     = "\xff\xfa\x46\x01NAME\x02ExMud\x01PLAYERS\x023\x01PORT\x025555\x025556\xff\xf0"
)

// serve acts a script out, each text in the pieces that cut makes of it, until
// the player hangs up. It returns what went against the script.
func serve(conn net.Conn, script []act, cut func(string) []string) error {
	defer conn.Close()
	lines := make(chan string, 1000)
	go hearLines(conn, lines)
	for _, a := range script {
		for _, piece := range cut(a.says) {
			if piece != "" {
				conn.Write([]byte(piece))
			}
		}
		time.Sleep(a.waits)
		if a.quits {
			return nil
		}
		if a.wants == nil {
			continue
		}
		if line, open := <-lines; !open || line != *a.wants {
			return fmt.Errorf("the player said %q, not %q", line, *a.wants)
		}
	}
	for line := range lines {
		return fmt.Errorf("the player said %q at the end", line)
	}
	return nil
}

// hearLines passes on the lines that a player says, until the player hangs up.
func hearLines(conn net.Conn, lines chan<- string) {
	defer close(lines)
	var d telnet.Decoder
	var line []byte
	p := make([]byte, 512)
	for {
		n, err := conn.Read(p)
		if err != nil {
			return
		}
		for rest := p[:n]; len(rest) > 0; {
			var e telnet.Event
			e, rest = d.Next(rest)
			if e.Kind != telnet.Text {
				continue
			}
			for _, b := range e.Data {
				switch b {
				case '\r':
				case '\n':
					lines <- string(line)
					line = nil
				default:
					line = append(line, b)
				}
			}
		}
	}
}

func whole(text string) []string { return []string{text} }

func single(text string) (pieces []string) {
	for i := range len(text) {
		pieces = append(pieces, text[i:i+1])
	}
	return pieces
}

// cutAt cuts all that a script says in two, after the first n bytes.
func cutAt(n int) func(string) []string {
	return func(text string) []string {
		at := min(max(n, 0), len(text))
		n -= len(text)
		return []string{text[:at], text[at:]}
	}
}

// splits are the ways to cut a script: whole, at each byte, into bytes.
func splits(script []act) (ways []func(string) []string) {
	ways = append(ways, whole, single)
	length := 0
	for _, a := range script {
		length += len(a.says)
	}
	for n := range length {
		ways = append(ways, cutAt(n))
	}
	return ways
}

// playScript plays a conversation with a scripted server on a synchronous pipe,
// where every write of the server is a read of ours, in a bubble with its own
// clock.
func playScript(t *testing.T, p Player, c Conversation, script []act, cut func(string) []string) (Result, error) {
	t.Helper()
	return playWithin(t, time.Hour, p, c, script, cut)
}

func playWithin(t *testing.T, d time.Duration, p Player, c Conversation, script []act, cut func(string) []string) (r Result, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		served := make(chan error)
		go func() { served <- serve(server, script, cut) }()
		ctx, cancel := context.WithTimeout(t.Context(), d)
		defer cancel()
		r = p.Play(ctx, client, c)
		err = <-served
	})
	return r, err
}

// parse reads one conversation, from line 1 of t.yaml.
func parse(t testing.TB, text string) Conversation {
	t.Helper()
	all, err := Parse("t.yaml", []byte(text))
	if err != nil || len(all) != 1 {
		t.Fatalf("%d conversations, %v, in\n%s", len(all), err, text)
	}
	return all[0]
}

// steps parses a conversation of the given steps; the first is on line 3.
func steps(t testing.TB, text string) Conversation {
	t.Helper()
	return parse(t, "name: test\nsteps:\n"+text)
}
