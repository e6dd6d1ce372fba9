package main

import (
	"devenv/compose"
	"devenv/internal/engine"

	"github.com/urfave/cli/v2"
)

func execCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "exec",
		Usage:     "run a command in a container that runs",
		ArgsUsage: "SERVICE COMMAND [ARG...]",
		Description: `Runs a command beside the server, in its container. Options come before SERVICE;
what follows is the command's. It has a terminal where there is one here, so that
Ctrl-C is its own, and input and output are passed on as they are. The exit code is
that of the command.

Example:
  devenv exec game ls -la
  devenv exec -e MIX_ENV=test game mix test
  devenv exec -T db psql -U mud < world.sql`,
		Flags: flags(sourceFlags(), commandFlags(), []cli.Flag{
			profileFlag(),
			&cli.IntFlag{Name: "index", DefaultText: "the first that runs", Usage: "in container `N` of the service"},
		}),
		Action: w.exec,
	}
}

func (w world) exec(c *cli.Context) error {
	if c.NArg() < 2 {
		return errUsage(c, "exec wants a service and a command")
	}
	if c.IsSet("index") && c.Int("index") < 1 {
		return errUsage(c, "--index %d: containers are numbered from 1", c.Int("index"))
	}
	service := c.Args().First()
	command, err := w.command(c, c.Args().Tail())
	if err != nil {
		return err
	}
	j, err := w.job(c, []string{service}, engine.Quiet)
	if err != nil {
		return err
	}
	on, err := j.Running(c.Context, j.asked.project.Name, service, c.Int("index"))
	if err != nil {
		return err
	}
	return w.execIn(c, j, on, command)
}

func (w world) execIn(c *cli.Context, j job, on compose.Container, command compose.Command) error {
	return w.withStreams(c.Context, command.Terminal, func(s compose.Streams) (int, error) {
		return j.Engine.Exec(c.Context, on, command, s)
	})
}
