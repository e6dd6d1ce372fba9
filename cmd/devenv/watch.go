package main

import (
	"context"
	"errors"

	"devenv/compose"
	"devenv/internal/engine"
	"devenv/internal/report"
	"devenv/internal/stack"

	"github.com/urfave/cli/v2"
)

func watchCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "watch",
		Usage:     "bring up, and carry what you save into what runs",
		ArgsUsage: "[SERVICE...]",
		Description: `Brings the profile that runs up, as ` + "`devenv up`" + ` does, and then does what the
develop.watch of the services says each time you save: copy files into the container
(sync), run a command in it after that (sync+exec), restart it, or rebuild its image
and replace it; after the last two, until players can connect again. What cannot be
built or does not get ready is told, and watching goes on. Files that .dockerignore
leaves out are not watched, nor are those of git and of editors.

Ctrl-C ends watching, with exit code 130, and leaves what runs running.

Example:
  devenv watch
  devenv watch --no-logs game
  devenv up --watch --profile prod

  services:
    game:
      develop:
        watch:
          - { action: sync+restart, path: ./src, target: /app/src }
          - { action: rebuild, path: ./Dockerfile }`,
		Flags: flags(sourceFlags(), []cli.Flag{
			profileFlag(), targetFlag(), progressFlag(), noLogsFlag(), yesFlag(),
		}),
		Action: w.watch,
	}
}

func noLogsFlag() cli.Flag {
	return &cli.BoolFlag{DisableDefaultText: true, Name: "no-logs", Usage: "when watching, do not show what the servers print"}
}

func (w world) watch(c *cli.Context) error {
	progress, err := w.progress(c)
	if err != nil {
		return err
	}
	engine.Warnings(w.stderr)
	asked := asked{}
	if asked.request, err = request(c); err != nil {
		return err
	}
	if asked.project, asked.site, err = w.loadProject(c); err != nil {
		return err
	}
	if err := exist(asked.project, asked.request.Services); err != nil {
		return err
	}
	s, err := w.connect(c.Context, progress)
	if err != nil {
		return err
	}
	s.Confirm = w.confirm(c)
	if err := w.guard(&s, asked.project.Name); err != nil {
		return err
	}
	plan, err := w.running(c.Context, s, asked)
	if err != nil {
		return err
	}
	return w.watchPlan(c, asked, s, plan)
}

// watchPlan brings a plan up and watches its files.
func (w world) watchPlan(c *cli.Context, a asked, s stack.Stack, plan *compose.Plan) error {
	up := stack.UpOptions{Building: stack.BuildStale}
	if c.Command.Name == "up" {
		var err error
		if up, err = upOptions(c); err != nil {
			return err
		}
	}
	plan, err := w.settle(c.Context, s, &a, plan)
	if err != nil {
		return err
	}
	daily, err := dailyEngine(s)
	if err != nil {
		return err
	}
	later, err := w.later(c, s)
	if err != nil {
		return err
	}
	o := stack.WatchOptions{
		Engine:   later,
		Services: a.request.Services,
		Up:       up,
		Folder:   plan.Model.WorkingDir,
		Plan:     w.planAgain(c, a, plan.Profile),
		Answer:   func(rep report.Report) error { return report.Text(w.stdout, rep) },
		Show:     func(rep report.Report) error { return report.Text(w.stderr, rep) },
		Line:     w.showLines(c, a.project),
	}
	if c.Bool("no-logs") {
		o.Line = nil
	}
	return stack.Daily{Stack: s, Engine: daily}.Watch(c.Context, plan, o)
}

func dailyEngine(s stack.Stack) (stack.DailyEngine, error) {
	daily, ok := s.Engine.(stack.DailyEngine)
	if !ok {
		return nil, errors.New("this engine runs plans only")
	}
	return daily, nil
}

// later is the engine for what comes after the first start. Where nobody asks for
// more, it tells of a build only what has failed, since logs are shown meanwhile.
func (w world) later(c *cli.Context, s stack.Stack) (stack.DailyEngine, error) {
	if c.IsSet("progress") {
		return dailyEngine(s)
	}
	quiet, err := w.connect(c.Context, engine.Quiet)
	if err != nil {
		return nil, err
	}
	return dailyEngine(quiet)
}

// planAgain reads the files anew and decides for the same profile.
func (w world) planAgain(c *cli.Context, a asked, profile string) func(context.Context) (*compose.Plan, error) {
	a.request.Profile = profile
	return func(ctx context.Context) (*compose.Plan, error) {
		project, _, err := w.loadAgain(ctx, c)
		if err != nil {
			return nil, err
		}
		return project.Plan(a.request)
	}
}
