package main

import (
	"github.com/urfave/cli/v2"
)

func startCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "start",
		Usage:     "start stopped containers, and wait until players can connect",
		ArgsUsage: "[SERVICE...]",
		Description: `Starts the containers that ` + "`devenv stop`" + ` has left, with what they depend on, and
ends when all are ready, as ` + "`devenv up`" + ` does. Nothing is built or made anew.

Example:
  devenv start
  devenv start game`,
		Flags:  flags(sourceFlags(), []cli.Flag{profileFlag(), formatFlag(), progressFlag()}),
		Action: w.start,
	}
}

func (w world) start(c *cli.Context) error {
	f, err := parseFormat(c)
	if err != nil {
		return err
	}
	progress, err := w.progress(c)
	if err != nil {
		return err
	}
	j, err := w.job(c, c.Args().Slice(), progress)
	if err != nil {
		return err
	}
	if err := w.guard(&j.Stack, j.asked.project.Name); err != nil {
		return err
	}
	plan, err := w.running(c.Context, j.Stack, j.asked)
	if err != nil {
		return err
	}
	rep, err := j.Start(c.Context, plan)
	if err != nil {
		return err
	}
	if err := writeReport(w.stdout, rep, f); err != nil {
		return err
	}
	return rep.Err()
}
