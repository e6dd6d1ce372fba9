package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
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
	var name *net.DNSError
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return &failure{Refused, "the name " + telnet.VisibleLine(name.Name) + " cannot be found"}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &failure{Refused, "nothing listens on " + q.Addr}
	case errors.Is(err, syscall.ECONNRESET): // accepted and reset before we could look
		return &failure{Closed, hungUpEmpty}
	case ctx.Err() != nil, isTimeout(err):
		return &failure{TimedOut, fmt.Sprintf("no connection within %v", q.bound())}
	}
	if name != nil {
		return &failure{Refused, "the name " + telnet.VisibleLine(name.Name) + " cannot be looked up: " + telnet.VisibleLine(name.Err)}
	}
	return &failure{Refused, "no connection to " + telnet.VisibleLine(q.Addr) + ": " + telnet.VisibleLine(bare(err))}
}

// bare is what went wrong with a connection, without what was being done to which
// address: that is told already.
func bare(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	var addr *net.AddrError
	if errors.As(err, &addr) {
		return addr.Err
	}
	return err.Error()
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
