package probe

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"devenv/internal/telnet"
)

// maxBody bounds how much of a body is searched for a pattern.
const maxBody = 64 << 10

// askHTTP sends one GET and holds when the status is from 200 to 399. With a
// pattern, the body alone decides, whatever the status: so the login page that
// comes with a 401 can be asked for by its words. Redirects are not followed. Where
// any page will do, a page that is missing or forbidden is one.
func askHTTP(l *line, q Question) Answer {
	req := &http.Request{
		Method: http.MethodGet,
		URL:    target(q),
		Host:   q.Addr,
		Header: http.Header{"User-Agent": {"devenv"}},
		Close:  true,
	}
	req.Write(l.conn) // an error here is one of the read below, too
	heard := &hearing{line: l}
	resp, err := readResponse(heard, req)
	if err != nil {
		return unanswered(heard, q, err)
	}
	defer resp.Body.Close()
	return judge(resp, q)
}

func target(q Question) *url.URL {
	path := "/" + strings.TrimPrefix(q.Path, "/")
	if u, err := url.ParseRequestURI(path); err == nil {
		return u
	}
	return &url.URL{Path: path}
}

// readResponse reads the answer's head, and passes over interim answers (1xx).
func readResponse(from io.Reader, req *http.Request) (*http.Response, error) {
	r := bufio.NewReader(io.LimitReader(from, maxHeard))
	for {
		resp, err := http.ReadResponse(r, req)
		if err != nil || resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, err
		}
	}
}

func judge(resp *http.Response, q Question) Answer {
	a := Answer{Greeting: telnet.Excerpt("HTTP "+telnet.VisibleLine(resp.Status), 200)}
	if q.Expect == nil {
		if 200 <= resp.StatusCode && resp.StatusCode < 400 || q.AnyPage && resp.StatusCode < 500 {
			a.Outcome = Ready
			return a
		}
		a.Outcome, a.Reason = NoMatch, a.Greeting
		return a
	}
	var t transcript
	p := make([]byte, 4<<10)
	for len(t.text) < maxBody {
		n, err := resp.Body.Read(p)
		t.add(p[:n])
		if t.holds(q.Expect) {
			a.Outcome = Ready
			return a
		}
		if err != nil {
			break
		}
	}
	a.Outcome, a.Reason = NoMatch, unmatched(q.Expect)+" in the body"
	return a
}

// A hearing reads from a line and remembers what became of it.
type hearing struct {
	line  *line
	bytes int
}

func (h *hearing) Read(p []byte) (int, error) {
	n, err := h.line.conn.Read(p)
	h.bytes += n
	h.line.hungUp = err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
	return n, err
}

// unanswered judges a connection on which no HTTP answer came.
func unanswered(heard *hearing, q Question, err error) Answer {
	a := Answer{HungUp: heard.line.hungUp}
	switch {
	case heard.bytes == 0 && a.HungUp:
		a.Outcome, a.Reason = Closed, hungUpEmpty
	case heard.bytes == 0:
		a.Outcome, a.Reason = Silent, fmt.Sprintf("no answer to the request within %v", q.bound())
	default:
		a.Outcome, a.Reason = NoMatch, "not an HTTP answer: "+telnet.Excerpt(telnet.VisibleLine(err.Error()), 200)
	}
	return a
}
