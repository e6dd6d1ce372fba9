package stack

import (
	"context"
	"errors"
	"net"
	"time"

	"devenv/compose"
	"devenv/internal/conversation"
	"devenv/internal/probe"
	"devenv/internal/report"
)

// Play plays a conversation with a service that runs, on a connection of its own.
// The error tells why it could not begin: a [compose.FileError] where the service has
// no such port, a [report.NotReadyError] where nobody answers.
func (s Stack) Play(ctx context.Context, plan *compose.Plan, service string, c conversation.Conversation, vars map[string]string) (conversation.Result, error) {
	name, check, ok := plan.Seat(service, c.Port)
	if !ok {
		return conversation.Result{}, &compose.FileError{Where: c.Where, Err: errors.New("the service has no telnet port to talk to"), Fix: "name one with port:"}
	}
	address, security, err := s.Seat(ctx, plan, name, check)
	if err != nil {
		return conversation.Result{}, err
	}
	conn, err := Dial(ctx, address, security)
	if err != nil {
		return conversation.Result{}, err
	}
	return conversation.Player{Vars: vars}.Play(ctx, conn, c), nil
}

// dialBound is how long a connection, with its TLS, may take to be there.
const dialBound = 10 * time.Second

// Dial connects a player. The error is a [report.NotReadyError].
func Dial(ctx context.Context, address string, security probe.TLS) (net.Conn, error) {
	conn, err := probe.Dial(ctx, probe.Question{Addr: address, TLS: security, Bound: dialBound})
	if err != nil {
		return nil, &report.NotReadyError{Services: []report.Service{{Name: address, State: report.Failed, Failure: &report.Failure{
			Step: "connect", Reason: err.Error()}}}}
	}
	return conn, nil
}
