package conversation

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"
)

// farewell bounds how long a server is heard out after we have said goodbye,
// and maxFarewell how much of it.
const (
	farewell    = 50 * time.Millisecond
	maxFarewell = 128 << 10
)

// A line is an open connection, whose waits end with a context.
type line struct {
	conn    net.Conn
	unwatch func() bool
	hungUp  bool // the server did
}

// watch ends every wait on the connection when ctx ends.
func watch(ctx context.Context, conn net.Conn) (stop func() bool) {
	return context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
}

// read reads once, until the given time or the end of ctx.
func (l *line) read(ctx context.Context, p []byte, until time.Time) int {
	// The deadline first: where ctx ends in between, its watch comes after us.
	l.conn.SetReadDeadline(until)
	if ctx.Err() != nil {
		return 0
	}
	n, err := l.conn.Read(p)
	l.hungUp = err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
	return n
}

// write writes all of p until the given time or the end of ctx.
func (l *line) write(ctx context.Context, p []byte, until time.Time) error {
	l.conn.SetWriteDeadline(until)
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := l.conn.Write(p)
	return err
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
	l.conn.SetDeadline(time.Now().Add(farewell))
	defer watch(ctx, l.conn)()
	if ctx.Err() != nil || half.CloseWrite() != nil {
		return
	}
	io.CopyN(io.Discard, l.conn, maxFarewell)
}
