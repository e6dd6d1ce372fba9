package probe

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"
)

// farewell bounds how long a server is heard out after we have said goodbye, on
// top of a round trip.
const farewell = 10 * time.Millisecond

// A line is an open connection. Its waits end with the context that dial got.
type line struct {
	conn      net.Conn
	unwatch   func() bool
	roundTrip time.Duration // what connecting took
	hungUp    bool          // the server did
}

// dial connects, within ctx. A server that cannot be reached is a *failure.
func dial(ctx context.Context, q Question) (*line, error) {
	var d net.Dialer
	start := time.Now()
	conn, err := d.DialContext(ctx, "tcp", q.Addr)
	if err != nil {
		return nil, dialFailure(ctx, q, err)
	}
	took := time.Since(start)
	if q.TLS.wanted() {
		conn, err = secure(ctx, q, conn)
		if err != nil {
			return nil, err
		}
	}
	return &line{conn: conn, unwatch: watch(ctx, conn), roundTrip: took}, nil
}

// watch ends every wait on the connection when ctx ends.
func watch(ctx context.Context, conn net.Conn) (stop func() bool) {
	return context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
}

// An ending is how listening ended.
type ending byte

const (
	goesOn  ending = iota
	stopped        // we stopped listening; the line is open
	hungUp         // the server closed the connection, or reset it
	full           // the server sent more than an attempt reads
)

// read reads once, until the given time or the end of ctx.
func (l *line) read(ctx context.Context, p []byte, until time.Time) (int, ending) {
	// The deadline first: where ctx ends in between, its watch comes after us.
	l.conn.SetReadDeadline(until)
	if ctx.Err() != nil {
		return 0, stopped
	}
	n, err := l.conn.Read(p)
	switch {
	case err == nil:
		return n, goesOn
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, stopped
	}
	l.hungUp = true
	return n, hungUp
}

// say writes, and leaves it to the next read to find out that nobody listens.
func (l *line) say(p []byte) {
	if len(p) > 0 {
		l.conn.Write(p)
	}
}

// hangUp closes the connection politely: the server is told that we are done
// and heard out for a moment, because closing on unread bytes resets the
// connection and fills the logs of games with errors.
func (l *line) hangUp(ctx context.Context) {
	defer l.conn.Close()
	l.unwatch()
	half, ok := l.conn.(interface{ CloseWrite() error })
	if l.hungUp || !ok {
		return
	}
	l.conn.SetDeadline(time.Now().Add(farewell + min(l.roundTrip, farthest)))
	defer watch(ctx, l.conn)()
	if ctx.Err() != nil || half.CloseWrite() != nil {
		return
	}
	io.CopyN(io.Discard, l.conn, maxHeard)
}
