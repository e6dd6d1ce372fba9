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

Tells how many players are connected and says x-devenv.farewell first; on a terminal it
asks where there is none, and ends with 130 where the answer is no.

Example:
  devenv down
  devenv down --volumes`,
		Flags: flags(sourceFlags(), []cli.Flag{
			progressFlag(), yesFlag(),
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
	s.Confirm = w.confirm(c)
	return s.Down(c.Context, w.removable(c.Context, s, project), removal)
}

// removable is the plan of what runs. Where it cannot be made, what runs can be removed
// all the same.
func (w world) removable(ctx context.Context, s stack.Stack, project *compose.Project) *compose.Plan {
	plan, err := w.running(ctx, s, asked{project: project})
	if err == nil {
		return plan
	}
	if project.HasStopHooks() {
		fmt.Fprintf(w.stderr, "note: pre_stop hooks are not run, nor is a farewell said: %v\n", err)
	}
	return &compose.Plan{Project: project.Name}
}
