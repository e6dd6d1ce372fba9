package main

import (
	"context"
	"fmt"

	"devenv/compose"
	"devenv/internal/stack"

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
	removal := compose.KeepVolumes
	if c.Bool("volumes") {
		removal = compose.RemoveVolumes
	}
	name := c.String("project-name")
	if name != "" && len(c.StringSlice("file")) == 0 {
		s, err := w.connect(c.Context, progress)
		if err != nil {
			return err
		}
		return s.Down(c.Context, &compose.Plan{Project: name}, removal)
	}
	project, _, err := w.loadProject(c)
	if err != nil {
		return err
	}
	s, err := w.connect(c.Context, progress)
	if err != nil {
		return err
	}
	return s.Down(c.Context, w.removable(c.Context, s, project), removal)
}

// removable is the plan of what runs, where the files say that something is to be
// done before a stop. Where it cannot be made, what runs can be removed all the same.
func (w world) removable(ctx context.Context, s stack.Stack, project *compose.Project) *compose.Plan {
	if !project.HasStopHooks() {
		return &compose.Plan{Project: project.Name}
	}
	plan, err := w.running(ctx, s, asked{project: project})
	if err != nil {
		fmt.Fprintf(w.stderr, "note: pre_stop hooks are not run: %v\n", err)
		return &compose.Plan{Project: project.Name}
	}
	return plan
}
