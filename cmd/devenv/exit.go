package main

import (
	"context"
	"errors"

	"devenv/compose"
	"devenv/internal/conversation"
	"devenv/internal/engine"
	"devenv/internal/report"
	"devenv/internal/snapshot"
	"devenv/internal/stack"
)

// interrupted is what a shell makes of SIGINT: 128 and its number.
const interrupted = 130

// brokenPipe is what a shell makes of SIGPIPE: nobody wants to read our answer.
const brokenPipe = 141

// exitCodes says what each kind of failure tells the caller, first match first.
// What matches none is a fault of devenv: 1.
var exitCodes = []struct {
	code    int
	matches func(error) bool
}{
	{interrupted, isInterrupt},
	{interrupted, as[*stack.DeclinedError]},
	{2, as[*usageError]},
	{2, as[*compose.UsageError]},
	{2, as[*snapshot.Fault]},
	{3, as[*compose.FileError]},
	{3, as[*compose.StageError]},
	{3, as[*compose.NoTriggerError]},
	{3, as[*conversation.Fault]},
	{4, as[*engine.UnreachableError]},
	{4, as[*stack.EngineGoneError]},
	{5, as[*stack.BuildError]},
	{5, as[*stack.StartError]},
	{5, as[*stack.UnfinishedError]},
	{5, as[*engine.PoolsError]},
	{5, isRefused},
	{6, as[*report.NotReadyError]},
	{6, as[*report.SmokeError]},
	{6, as[*conversation.Failure]},
	{6, as[*stack.IdleError]},
	{noShell, as[*noShellError]},
	{7, as[*engine.LeftoverError]},
	{7, as[*engine.HookError]},
	{7, as[*report.SweptError]},
}

func as[E error](err error) bool { var e E; return errors.As(err, &e) }

// isRefused tells a container that the engine could not start.
func isRefused(err error) bool {
	var notReady *report.NotReadyError
	return errors.As(err, &notReady) && notReady.Refused()
}

func isInterrupt(err error) bool { return errors.Is(err, context.Canceled) }

func exitCode(ctx context.Context, err error) int {
	if ctx.Err() != nil {
		return interrupted
	}
	for _, e := range exitCodes {
		if e.matches(err) {
			return e.code
		}
	}
	return 1
}
