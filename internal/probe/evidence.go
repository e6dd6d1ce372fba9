package probe

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"
)

// glance bounds the look at a second address. It is on this machine.
const glance = 250 * time.Millisecond

// evidence looks at the container's own address where nobody answered at the
// published one: between the two stands what publishes ports, and accepts before
// the game listens. A server that answered is not troubled with a second
// connection.
func evidence(ctx context.Context, a Answer) string {
	if a.Also == "" || a.Also == a.Addr || errors.Is(ctx.Err(), context.Canceled) {
		return ""
	}
	switch a.Outcome {
	case Refused, TimedOut, Closed, Silent:
		return tell(a, look(ctx, a.Also))
	}
	return ""
}

// look connects and hangs up. A bound of ours that has passed, as at the end of
// waiting, does not forbid it; an interrupt does.
func look(ctx context.Context, addr string) error {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), glance)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.Canceled) {
			cancel()
		}
	})()
	conn, err := new(net.Dialer).DialContext(bounded, "tcp", addr)
	if err == nil {
		conn.Close()
	}
	return err
}

func tell(a Answer, err error) string {
	published := a.Outcome == Refused || a.Outcome == TimedOut
	switch {
	case errors.Is(err, syscall.ECONNREFUSED) && published:
		return "nothing listens at the container's own address " + a.Also + ", either"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens at the container's own address " + a.Also + ": the published port accepts for it"
	case err != nil:
		return "the container's own address " + a.Also + " does not answer"
	case published:
		return "the container listens at " + a.Also + ", but the published port does not answer"
	}
	return "the container itself accepts connections at " + a.Also
}
