package main

import (
	"context"
	"errors"
	"fmt"
	"os"

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
	project, _, err := w.loadProject(c)
	if name := c.String("project-name"); name != "" && errors.Is(err, compose.ErrNoFile) {
		s, err := w.connect(c.Context, progress)
		if err != nil {
			return err
		}
		return s.Down(c.Context, &compose.Plan{Project: name}, removal)
	}
	if err != nil {
		return err
	}
	s, err := w.connect(c.Context, progress)
	if err != nil {
		return err
	}
	if removal == compose.RemoveVolumes && c.String("project-name") == "" {
		if err := w.ownData(c, s, project); err != nil {
			return err
		}
	}
	s.Confirm = w.confirm(c)
	return s.Down(c.Context, w.removable(c.Context, s, project), removal)
}

// ownData refuses to remove the volumes of an environment of the same name that was
// brought up from another folder, which is there still.
func (w world) ownData(c *cli.Context, s stack.Stack, project *compose.Project) error {
	containers, err := s.Engine.Containers(c.Context, project.Name)
	if err != nil {
		return err
	}
	for _, one := range containers {
		theirs := one.Labels[compose.LabelFolder]
		there, err := os.Stat(theirs)
		if err != nil {
			continue
		}
		if ours, err := os.Stat(project.Folder()); err == nil && !os.SameFile(there, ours) {
			return &usageError{
				err:  fmt.Errorf("what runs as %s was brought up in %s, and its volumes hold the data of that folder", project.Name, theirs),
				hint: "run it there; or name what you mean: devenv down --volumes --project-name " + project.Name,
			}
		}
	}
	return nil
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
