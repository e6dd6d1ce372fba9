package main

import "github.com/urfave/cli/v2"

func configCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "config",
		Usage:     "print the compose model that a profile runs, secrets masked",
		ArgsUsage: "[SERVICE...]",
		Description: `Prints the compose file as devenv runs it, with all changes of the profile.
Values that look like secrets are shown as ***.

Example:
  devenv config --profile prod
  devenv config --format json`,
		Flags: flags(sourceFlags(), []cli.Flag{profileFlag(), targetFlag(), formatFlag(), portsFlag()}),
		Action: func(c *cli.Context) error {
			asked, err := w.load(c)
			if err != nil {
				return err
			}
			plan, err := w.plan(asked)
			if err != nil {
				return err
			}
			marshal := plan.Config
			if asked.format == asJSON {
				marshal = plan.ConfigJSON
			}
			model, err := marshal()
			if err != nil {
				return err
			}
			return writeAll(w.stdout, model)
		},
	}
}
