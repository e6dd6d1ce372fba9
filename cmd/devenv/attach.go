package main

import (
	"context"
	"time"

	"devenv/compose"
	"devenv/internal/stack"

	"github.com/urfave/cli/v2"
)

func attachFlag() cli.Flag {
	return &cli.BoolFlag{DisableDefaultText: true, Name: "attach", Usage: "when all is ready, show the logs, and stop the services with Ctrl-C"}
}

// attach shows what the services have printed since they were brought up, and go on to
// print, until they have ended. An interrupt stops them, and a second one ends that, too.
func (w world) attach(c *cli.Context, s stack.Stack, plan *compose.Plan, project *compose.Project, since time.Time) error {
	engine, err := dailyEngine(s)
	if err != nil {
		return err
	}
	daily := stack.Daily{Stack: s, Engine: engine}
	services := plan.Model.ServiceNames()
	err = daily.Logs(c.Context, plan.Project, services, compose.LogQuery{Last: compose.AllLines, Since: since, Follow: true}, w.showLines(c, project))
	if c.Context.Err() == nil {
		return err
	}
	daily.Confirm = nil // who presses Ctrl-C has been asked
	if err := daily.Stop(context.WithoutCancel(c.Context), plan, services, nil); err != nil {
		return err
	}
	return c.Context.Err()
}
