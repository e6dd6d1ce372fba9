package probe

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// answers is a server that reads one request and answers with fixed bytes.
func answers(parts ...string) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
			return
		}
		saysAndHangsUp(parts...)(conn)
	}
}

func TestHTTPOutcomes(t *testing.T) {
	const ok, moved, busy = "HTTP/1.1 200 OK\r\n", "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n", "HTTP/1.1 503 Service Unavailable\r\n"
	login := "HTTP/1.1 401 Unauthorized\r\n\r\n<h1>Please log in</h1>"
	tests := map[string]struct {
		server   func(net.Conn)
		expect   string
		want     Outcome
		greeting string
		reason   string
	}{
		"a good status":                         {server: answers(ok, "\r\nhi"), want: Ready, greeting: "HTTP 200 OK"},
		"a redirect, not followed":              {server: answers(moved, "\r\n"), want: Ready, greeting: "HTTP 302 Found"},
		"a bad status":                          {server: answers(busy, "\r\n"), want: NoMatch, greeting: "HTTP 503 Service Unavailable", reason: "HTTP 503 Service Unavailable"},
		"an interim answer is passed over":      {server: answers("HTTP/1.1 103 Early Hints\r\n\r\n", ok, "\r\n"), want: Ready, greeting: "HTTP 200 OK"},
		"a body that matches":                   {server: answers(ok, "\r\n<h1>Midgaard</h1>"), expect: "Midgaard", want: Ready, greeting: "HTTP 200 OK"},
		"a body that matches, whatever status":  {server: answers(login), expect: "log in", want: Ready, greeting: "HTTP 401 Unauthorized"},
		"a body that does not match":            {server: answers(ok, "\r\nhi"), expect: "Midgaard", want: NoMatch, greeting: "HTTP 200 OK", reason: `nothing matched "Midgaard" in the body`},
		"a match too far into the body is none": {server: answers(ok, "\r\n", strings.Repeat("x", 80<<10), "Midgaard"), expect: "Midgaard", want: NoMatch, greeting: "HTTP 200 OK", reason: `nothing matched "Midgaard" in the body`},
		"hung up before an answer":              {server: answers(), want: Closed, reason: hungUpEmpty},
		"no answer":                             {server: says(), want: Silent, reason: "no answer to the request within 250ms"},
		"a game that greets by telnet":          {server: says("\xff\xfb\x01Welcome\r\n\r\n"), want: NoMatch, reason: `not an HTTP answer: malformed HTTP response "\xff\xfb\x01Welcome"`},
		"half an answer":                        {server: answers("HTTP/1.1 200"), want: NoMatch, reason: `not an HTTP answer: unexpected EOF`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := Question{Protocol: HTTP, Addr: serve(t, tt.server)}
			if tt.want == Silent {
				q.Bound = short
			}
			if tt.expect != "" {
				q.Expect = regexp.MustCompile(tt.expect)
			}
			a := Ask(t.Context(), q)
			if a.Outcome != tt.want || a.Greeting != tt.greeting || a.Reason != tt.reason {
				t.Errorf("got %q (%s), greeting %q", a.Outcome, a.Reason, a.Greeting)
			}
		})
	}
}

func TestHTTPRequest(t *testing.T) {
	tests := map[string]string{"": "/", "health": "/health", "/health?deep=1": "/health?deep=1", "/a b%zz": "/a%20b%25zz"}
	for path, want := range tests {
		got := make(chan string, 1)
		addr := serve(t, func(conn net.Conn) {
			if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				got <- req.Method + " " + req.RequestURI + " " + req.Host
			}
			io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
		})
		if a := Ask(t.Context(), Question{Protocol: HTTP, Addr: addr, Path: path}); !a.Ready() {
			t.Error(a.Err())
		}
		if request := <-got; request != "GET "+want+" "+addr {
			t.Errorf("path %q: %s", path, request)
		}
	}
}
