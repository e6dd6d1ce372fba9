package probe

import (
	"context"
	"errors"
	"fmt"
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
