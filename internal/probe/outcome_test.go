package probe

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// serve answers every connection to a port of this machine by f, which is waited
// for when the test ends. A connection is closed after f.
func serve(t *testing.T, f func(net.Conn)) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			f(conn)
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

// says is a server that says each part and waits for the client to hang up.
func says(parts ...string) func(net.Conn) {
	return func(conn net.Conn) {
		saysAndHangsUp(parts...)(conn)
		io.Copy(io.Discard, conn)
	}
}

// saysAndHangsUp is a server that says each part and closes.
func saysAndHangsUp(parts ...string) func(net.Conn) {
	return func(conn net.Conn) {
		for _, p := range parts {
			io.WriteString(conn, p)
		}
	}
}

func resets(conn net.Conn) { conn.(*net.TCPConn).SetLinger(0) }

// short is the bound where a test has to sit it out.
const short = 250 * time.Millisecond

func TestTelnetOutcomes(t *testing.T) {
	tests := map[string]struct {
		server   func(net.Conn)
		q        Question
		want     Outcome
		greeting string
		reason   string
		hungUp   bool
	}{
		"any visible text will do":                  {server: says("Welcome to Midgaard\r\n"), want: Ready, greeting: "Welcome to Midgaard"},
		"text that matches":                         {server: says("\xff\xfb\x01By what name? "), q: Question{Expect: regexp.MustCompile(`name\?\s*$`)}, want: Ready, greeting: "By what name?"},
		"a match across colours and lines":          {server: says("Mid\x1b[1mgaard\r\r\n\x1b[0mname?"), q: Question{Expect: regexp.MustCompile(`(?m)Midgaard$\n^name`)}, want: Ready, greeting: "Midgaard\nname?"},
		"a match of what is shown, in Latin-1 too":  {server: says("Caf\xe9"), q: Question{Expect: regexp.MustCompile(`Café`)}, want: Ready, greeting: "Café"},
		"a full server is a greeting, and hung up":  {server: saysAndHangsUp("Server full.\r\n"), want: Ready, greeting: "Server full.", hungUp: true},
		"a match, and hung up":                      {server: saysAndHangsUp("Server full.\r\n"), q: Question{Expect: regexp.MustCompile("full")}, want: Ready, greeting: "Server full."},
		"text that does not match":                  {server: says("503 busy\r\n"), q: Question{Expect: regexp.MustCompile("Midgaard"), Bound: short}, want: NoMatch, greeting: "503 busy", reason: `nothing matched "Midgaard" within 250ms; the last line was "503 busy"`},
		"text that does not match, and hung up":     {server: saysAndHangsUp("503 busy\r\n"), q: Question{Expect: regexp.MustCompile("Midgaard")}, want: NoMatch, greeting: "503 busy", hungUp: true, reason: `nothing matched "Midgaard" before the server hung up; the last line was "503 busy"`},
		"a pattern that matches nothing needs text": {server: saysAndHangsUp("\xff\xfb\x01"), q: Question{Expect: regexp.MustCompile(`^`)}, want: Closed, hungUp: true, reason: "hung up after negotiation, without text"},
		"negotiation and no text":                   {server: says("\xff\xfd\x18\xff\xfb\x46"), q: Question{Bound: short}, want: NegotiationOnly, reason: "no readable text within 250ms"},
		"blank lines are no text":                   {server: says("\r\n\x1b[2J \r\n"), q: Question{Bound: short}, want: NegotiationOnly, reason: "no readable text within 250ms"},
		"not one byte":                              {server: says(), q: Question{Bound: short}, want: Silent, reason: "not one byte within 250ms; ports for TLS and HTTP wait to be spoken to"},
		"hung up at once":                           {server: saysAndHangsUp(), want: Closed, hungUp: true, reason: "hung up without a byte"},
		"reset at once":                             {server: resets, want: Closed, hungUp: true, reason: "hung up without a byte"},
		"hung up after MSSP, which says enough":     {server: saysAndHangsUp("\xff\xfa\x46\x01NAME\x02Mud\xff\xf0"), want: Ready, hungUp: true},
		"hung up after MSSP, where text is asked":   {server: saysAndHangsUp("\xff\xfa\x46\x01NAME\x02Mud\xff\xf0"), q: Question{Expect: regexp.MustCompile("x")}, want: Closed, hungUp: true, reason: "hung up after negotiation, without text"},
		"MSSP is required, and never announced":     {server: says("Hi"), q: Question{MSSP: MSSPRequired, Bound: short}, want: NoMatch, greeting: "Hi", reason: "no MSSP announced within 250ms"},
		"MSSP is required, announced and not sent":  {server: says("Hi\xff\xfb\x46"), q: Question{MSSP: MSSPRequired, Bound: short}, want: NoMatch, greeting: "Hi", reason: "MSSP announced, but not sent within 250ms"},
		"a greeting that would act is spelt out":    {server: says("Hi\b\u202e\xff\xf9"), want: Ready, greeting: `Hi\x08\u202e`},
		"a greeting that is long is cut":            {server: says(strings.Repeat("x", 3000) + "\xff\xf9"), want: Ready, greeting: strings.Repeat("x", 1024) + "…"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.q.Addr = serve(t, tt.server)
			a := Ask(t.Context(), tt.q)
			if a.Outcome != tt.want || a.Reason != tt.reason || a.Greeting != tt.greeting {
				t.Errorf("got %q (%s), greeting %q", a.Outcome, a.Reason, a.Greeting)
			}
			if tt.hungUp && !a.HungUp {
				t.Error("nothing says that the server hung up")
			}
		})
	}
}

// freePort is an address where nobody listens.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestNobodyListens(t *testing.T) {
	addr := freePort(t)
	for _, p := range []Protocol{Telnet, TCP, HTTP} {
		a := Ask(t.Context(), Question{Addr: addr, Protocol: p})
		if a.Outcome != Refused || a.Reason != "nothing listens on "+addr {
			t.Errorf("%s: %s", p, a.Verdict())
		}
	}
}

func TestWhyNoConnectionCameAbout(t *testing.T) {
	op := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	tests := map[string]struct {
		err  error
		want string
	}{
		"a name that nobody knows":         {op(&net.DNSError{Err: "no such host", Name: "nosuchhost.invalid", IsNotFound: true}), "refused: the name nosuchhost.invalid cannot be found"},
		"a name that would act":            {op(&net.DNSError{Err: "no such host", Name: "a\x1b.invalid", IsNotFound: true}), `refused: the name a\x1b.invalid cannot be found`},
		"a server of names that is broken": {op(&net.DNSError{Err: "server misbehaving", Name: "mud.example", Server: "192.0.2.1:53"}), "refused: the name mud.example cannot be looked up: server misbehaving"},
		"one that does not answer":         {op(&net.DNSError{Err: "i/o timeout", Name: "mud.example", IsTimeout: true}), "timed out: no connection within 3s"},
		"no way there":                     {op(os.NewSyscallError("connect", syscall.EHOSTUNREACH)), "refused: no connection to mud:4000: no route to host"},
		"no such port":                     {op(&net.AddrError{Err: "invalid port", Addr: "99999"}), "refused: no connection to mud:4000: invalid port"},
		"something else":                   {errors.New("out of files"), "refused: no connection to mud:4000: out of files"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := dialFailure(t.Context(), Question{Addr: "mud:4000"}, tt.err).Error(); got != tt.want {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestNoConnectionWithinTheBound(t *testing.T) {
	a := Ask(t.Context(), Question{Addr: freePort(t), Bound: time.Nanosecond})
	if a.Outcome != TimedOut {
		t.Errorf("got %s", a.Verdict())
	}
}

func TestCancellingEndsAnAttemptAtOnce(t *testing.T) {
	for _, p := range []Protocol{Telnet, TCP, HTTP} {
		ctx, cancel := context.WithCancel(t.Context())
		addr := serve(t, func(conn net.Conn) {
			cancel()
			io.Copy(io.Discard, conn)
		})
		a := Ask(ctx, Question{Addr: addr, Protocol: p, Bound: time.Hour})
		if a.Ready() || a.Reason != "interrupted" {
			t.Errorf("%s: %s", p, a.Verdict())
		}
	}
}

func TestAFloodIsBounded(t *testing.T) {
	floods := map[string]struct {
		flood string
		want  Outcome
		q     Question
	}{
		"of commands":         {"\xff\xf1", NegotiationOnly, Question{}},
		"of negotiations":     {"\xff\xfb\x01\xff\xfc\x01", NegotiationOnly, Question{}},
		"of a subnegotiation": {"\xff\xfa\x46xxxx", NegotiationOnly, Question{}},
		"of text":             {"lorem ipsum ", NoMatch, Question{Expect: regexp.MustCompile("Midgaard")}},
		"of bytes on TCP":     {"lorem ipsum ", NoMatch, Question{Protocol: TCP, Expect: regexp.MustCompile("Midgaard")}},
		"of bytes on HTTP":    {"HTTP/1.1 200 OK\r\nX: y\r\n", NoMatch, Question{Protocol: HTTP}},
	}
	for name, tt := range floods {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chunk := strings.Repeat(tt.flood, 4096)
			tt.q.Addr = serve(t, func(conn net.Conn) {
				for sent := 0; sent < 100<<20; sent += len(chunk) {
					if _, err := io.WriteString(conn, chunk); err != nil {
						return
					}
				}
			})
			a := Ask(t.Context(), tt.q)
			if a.Outcome != tt.want || a.HungUp {
				t.Errorf("got %s; the flood should not be heard to its end", a.Verdict())
			}
		})
	}
}
