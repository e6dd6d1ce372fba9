package main

import (
	"context"

	"devenv/compose"
	"devenv/internal/report"
	"devenv/internal/stack"

	"github.com/urfave/cli/v2"
)

func statusCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "status",
		Usage:     "show what runs, whether players can connect, and what is stale",
		ArgsUsage: "[SERVICE...]",
		Description: `Shows each service with the target that its container was made from, where its
ports are, and what the server says. "stale" is a container whose image is not
what the profile and the files ask for now. The exit code is 0 whatever the
state; ask ` + "`devenv check`" + ` for a verdict.

Example:
  devenv status
  devenv status --format json`,
		Flags: flags(sourceFlags(), []cli.Flag{profileFlag(), formatFlag()}),
		Action: func(c *cli.Context) error {
			_, err := w.observe(c, stack.Stack.Status)
			return err
		},
	}
}

// observe asks one question about what runs, and writes the answer.
func (w world) observe(c *cli.Context, ask func(stack.Stack, context.Context, *compose.Plan) (report.Report, error)) (report.Report, error) {
	asked, s, err := w.loadRunning(c)
	if err != nil {
		return report.Report{}, err
	}
	plan, err := w.running(c.Context, s, asked)
	if err != nil {
		return report.Report{}, err
	}
	rep, err := ask(s, c.Context, plan)
	if err != nil {
		return report.Report{}, err
	}
	return rep, writeReport(w.stdout, rep, asked.format)
}
