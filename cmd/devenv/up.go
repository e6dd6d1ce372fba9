package main

import (
	"io"
	"time"

	"devenv/internal/report"
	"devenv/internal/stack"

	"github.com/urfave/cli/v2"
)

func upCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "up",
		Usage:     "build, start, and wait until players can connect",
		ArgsUsage: "[SERVICE...]",
		Description: `Builds what is stale, starts the services with what they depend on, and ends
when all are ready: the containers run, Docker's healthchecks are healthy, and
every check holds. A telnet check needs a greeting from the server; that a port
accepts connections proves nothing.

What x-devenv.prepare of a service says, such as a migration, is done before it starts:
once, and again with --prepare or when its inputs, its command or the image have changed.

Before a server is replaced, up tells how many players are connected and says
x-devenv.farewell; on a terminal it asks where there is none, and ends with 130 where
the answer is no.

Example:
  devenv up                              the default profile
  devenv up --profile prod               the image that ships; data stays
  devenv up --target game=releaser game  one service, another stage
  devenv up --ports auto                 on free ports, beside other worktrees
  devenv up --prepare                    migrations and the like once more`,
		Flags: flags(sourceFlags(), []cli.Flag{
			profileFlag(), targetFlag(), portsFlag(), formatFlag(), progressFlag(),
			&cli.BoolFlag{DisableDefaultText: true, Name: "build", Usage: "build all images, also those that are up to date"},
			&cli.BoolFlag{DisableDefaultText: true, Name: "no-build", Usage: "build nothing; use the images there are"},
			&cli.BoolFlag{DisableDefaultText: true, Name: "keep", Usage: "when interrupted, keep what was created"},
			&cli.BoolFlag{DisableDefaultText: true, Name: "prepare", Usage: "do again what x-devenv.prepare says, also where nothing of it has changed"},
			&cli.BoolFlag{DisableDefaultText: true, Name: "timings", Usage: "show how long each step took, and which decided it"},
			&cli.BoolFlag{DisableDefaultText: true, Name: "watch", Usage: "go on with what develop.watch says each time a file is saved, as devenv watch does"},
			noLogsFlag(), attachFlag(), yesFlag(),
			&cli.DurationFlag{DefaultText: "what the checks say", Name: "timeout", Usage: "give up `AFTER` this time, such as 2m"},
		}),
		Action: w.up,
	}
}

func (w world) up(c *cli.Context) error {
	options, err := upOptions(c)
	if err != nil {
		return err
	}
	progress, err := w.progress(c)
	if err != nil {
		return err
	}
	began := time.Now()
	asked, err := w.load(c)
	if err != nil {
		return err
	}
	loaded := time.Since(began)
	if err := w.volumesWhole(asked.project.Name); err != nil {
		return err
	}
	plan, err := w.plan(asked)
	if err != nil {
		return err
	}
	planned := time.Since(began)
	s, err := w.connect(c.Context, progress)
	if err != nil {
		return err
	}
	s.Confirm = w.confirm(c)
	s.Guard = func() error { return w.volumesWhole(asked.project.Name) }
	if c.Bool("watch") {
		return w.watchPlan(c, asked, s, plan)
	}
	if plan, err = w.settle(c.Context, s, &asked, plan); err != nil {
		return err
	}
	ready := time.Since(began)
	rep, err := s.Up(c.Context, plan, options)
	if err != nil {
		return err
	}
	rep.Timeline = append([]report.Span{
		{Step: "load", To: loaded},
		{Step: "plan", From: loaded, To: planned},
		{Step: "connect", From: planned, To: ready},
	}, report.Later(rep.Timeline, ready)...)
	if err := writeReport(w.stdout, rep, asked.format); err != nil {
		return err
	}
	if c.Bool("timings") && asked.format == asText {
		if err := report.Timings(w.stdout, rep.Timeline); err != nil {
			return err
		}
	}
	if c.Bool("attach") && rep.Err() == nil {
		return w.attach(c, s, plan, asked.project, began)
	}
	return rep.Err()
}

func upOptions(c *cli.Context) (stack.UpOptions, error) {
	o := stack.UpOptions{Building: stack.BuildStale, Timeout: c.Duration("timeout"), Keep: c.Bool("keep"), Prepare: c.Bool("prepare")}
	if c.Bool("build") && c.Bool("no-build") {
		return o, errUsage(c, "--build and --no-build exclude each other")
	}
	if c.IsSet("timeout") && o.Timeout < time.Millisecond {
		return o, errUsage(c, "--timeout %s: want a time above zero", o.Timeout)
	}
	if c.Bool("watch") && c.String("format") == string(asJSON) {
		return o, errUsage(c, "--watch tells a story, for which there is no --format json")
	}
	if c.Bool("attach") && (c.Bool("watch") || c.String("format") == string(asJSON)) {
		return o, errUsage(c, "--attach goes neither with --watch, which shows the logs, too, nor with --format json")
	}
	if c.Bool("build") {
		o.Building = stack.BuildAlways
	}
	if c.Bool("no-build") {
		o.Building = stack.BuildNever
	}
	return o, nil
}

// writeReport writes the answer; the exit code comes from the report's error.
func writeReport(w io.Writer, rep report.Report, f format) error {
	if f == asJSON {
		return report.JSON(w, rep)
	}
	return report.Text(w, rep)
}
