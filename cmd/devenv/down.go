package main

import (
	"devenv/compose"

	"github.com/urfave/cli/v2"
)

func downCommand(w world) *cli.Command {
	return &cli.Command{
		Name:  "down",
		Usage: "stop and remove the containers and networks; volumes stay",
		Description: `Removes what any profile of the project started. Volumes, which hold the game's
world, are removed only with --volumes. Images always stay. Ends with 7 if something could
not be removed.

Example:
  devenv down
  devenv down --volumes`,
		Flags: flags(sourceFlags(), []cli.Flag{
			progressFlag(),
			&cli.BoolFlag{DisableDefaultText: true, Name: "volumes", Aliases: []string{"v"}, Usage: "also remove the volumes, with all data in them"},
		}),
		Action: w.down,
	}
}

func (w world) down(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	progress, err := w.progress(c)
	if err != nil {
		return err
	}
	project := c.String("project-name")
	if project == "" || len(c.StringSlice("file")) > 0 {
		loaded, err := compose.Load(c.Context, w.source(c))
		if err != nil {
			return err
		}
		project = loaded.Name
	}
	s, err := w.connect(c.Context, progress)
	if err != nil {
		return err
	}
	removal := compose.KeepVolumes
	if c.Bool("volumes") {
		removal = compose.RemoveVolumes
	}
	return s.Down(c.Context, project, removal)
}
