package probe

import (
	"context"
	"net"
)

// Dial connects as an attempt at the question does, within its bound, TLS
// included. The connection is the caller's, and has no bound any more; an error
// says the outcome and the reason.
func Dial(ctx context.Context, q Question) (net.Conn, error) {
	bounded, cancel := context.WithTimeout(ctx, q.bound())
	defer cancel()
	l, err := dial(bounded, q.within(bounded))
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, err
	case !l.unwatch(): // it ended just now
		l.conn.Close()
		return nil, bounded.Err()
	}
	return l.conn, nil
}
