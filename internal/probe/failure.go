package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"devenv/internal/telnet"
)

const hungUpEmpty = "hung up without a byte"

// A failure is why no conversation came about.
type failure struct {
	outcome Outcome
	reason  string
}

func (f *failure) Error() string { return string(f.outcome) + ": " + f.reason }

func dialFailure(ctx context.Context, q Question, err error) *failure {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return &failure{Refused, "nothing listens on " + q.Addr}
	case errors.Is(err, syscall.ECONNRESET): // accepted and reset before we could look
		return &failure{Closed, hungUpEmpty}
	case ctx.Err() != nil, isTimeout(err):
		return &failure{TimedOut, fmt.Sprintf("no connection within %v", q.bound())}
	}
	return &failure{Refused, telnet.VisibleLine(err.Error())}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// secure makes a connection one of TLS, or closes it. The certificate is
// verified unless the server is local, where self-signed ones are the rule.
func secure(ctx context.Context, q Question, conn net.Conn) (net.Conn, error) {
	host, _, _ := net.SplitHostPort(q.Addr)
	secured := tls.Client(conn, &tls.Config{ServerName: host, InsecureSkipVerify: isLocal(conn.RemoteAddr())})
	if err := secured.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, tlsFailure(ctx, q, err)
	}
	return secured, nil
}

// isLocal reports whether an address is of this machine or its private networks.
func isLocal(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && (tcp.IP.IsLoopback() || tcp.IP.IsPrivate() || tcp.IP.IsLinkLocalUnicast())
}

func tlsFailure(ctx context.Context, q Question, err error) *failure {
	var plain tls.RecordHeaderError
	switch {
	case errors.As(err, &plain):
		return &failure{NoMatch, fmt.Sprintf("the server does not speak TLS: it began with %q", plain.RecordHeader[:])}
	case ctx.Err() != nil, isTimeout(err):
		return &failure{Silent, fmt.Sprintf("no answer to the TLS handshake within %v", q.bound())}
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return &failure{Closed, "hung up during the TLS handshake"}
	}
	return &failure{NoMatch, "no TLS session: " + telnet.VisibleLine(err.Error())}
}
