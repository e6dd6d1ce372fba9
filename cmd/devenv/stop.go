package main

import (
	"time"

	"github.com/urfave/cli/v2"
)

func stopCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "stop",
		Usage:     "stop containers, and keep them",
		ArgsUsage: "[SERVICE...]",
		Description: `Stops the containers of the services, or of all, those first that depend on others.
Nothing is removed: ` + "`devenv start`" + ` goes on with them. A game gets the time to save its
world that its stop_grace_period says, or the one of -t, before it is killed.

Tells how many players are connected and says x-devenv.farewell first; on a terminal it
asks where there is none, and ends with 130 where the answer is no.

Example:
  devenv stop
  devenv stop -t 30 game`,
		Flags:  flags(sourceFlags(), []cli.Flag{profileFlag(), progressFlag(), graceFlag(), yesFlag()}),
		Action: w.stop,
	}
}

func (w world) stop(c *cli.Context) error {
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
	if len(services) == 0 {
		services = j.asked.project.ServiceNames()
	}
	j.Stack.Confirm = w.confirm(c)
	return j.Stop(c.Context, w.removable(c.Context, j.Stack, j.asked.project), services, grace)
}

func graceFlag() cli.Flag {
	return &cli.IntFlag{Name: "timeout", Aliases: []string{"t"}, DefaultText: "what each service says, else 10", Usage: "kill what has not ended after `SECONDS`"}
}

// parseGrace is nil where nothing is said.
func parseGrace(c *cli.Context) (*time.Duration, error) {
	if !c.IsSet("timeout") {
		return nil, nil
	}
	if c.Int("timeout") < 0 {
		return nil, errUsage(c, "--timeout %d: want seconds, from 0", c.Int("timeout"))
	}
	grace := time.Duration(c.Int("timeout")) * time.Second
	return &grace, nil
}
