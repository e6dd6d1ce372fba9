package main

import (
	"slices"

	"github.com/urfave/cli/v2"
)

func restartCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "restart",
		Usage:     "stop and start containers, and wait until players can connect",
		ArgsUsage: "[SERVICE...]",
		Description: `Stops the containers of the services, or of all, starts the same ones again, and
ends when they are ready, as ` + "`devenv up`" + ` does. Services whose depends_on says restart
go with what they depend on. Nothing is built or made anew: what has changed in the
files is for ` + "`devenv up`" + `.

Tells how many players are connected and says x-devenv.farewell first; on a terminal it
asks where there is none, and ends with 130 where the answer is no.

Example:
  devenv restart game
  devenv restart -t 30`,
		Flags:  flags(sourceFlags(), []cli.Flag{profileFlag(), formatFlag(), progressFlag(), graceFlag(), yesFlag()}),
		Action: w.restart,
	}
}

func (w world) restart(c *cli.Context) error {
	f, err := parseFormat(c)
	if err != nil {
		return err
	}
	grace, err := parseGrace(c)
	if err != nil {
		return err
	}
	progress, err := w.progress(c)
	if err != nil {
		return err
	}
	services := c.Args().Slice()
	j, err := w.job(c, services, progress)
	if err != nil {
		return err
	}
	if err := w.guard(&j.Stack, j.asked.project.Name); err != nil {
		return err
	}
	j.asked.request.Services = nil // those that restart with them are of the plan too
	plan, err := w.running(c.Context, j.Stack, j.asked)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(services, func(name string) bool { _, ok := plan.Service(name); return !ok }) {
		j.asked.request.Services = services // one that only its name switches on
		if plan, err = w.running(c.Context, j.Stack, j.asked); err != nil {
			return err
		}
	}
	j.Stack.Confirm = w.confirm(c)
	rep, err := j.Restart(c.Context, plan, services, grace)
	if err != nil {
		return err
	}
	if err := writeReport(w.stdout, rep, f); err != nil {
		return err
	}
	return rep.Err()
}
