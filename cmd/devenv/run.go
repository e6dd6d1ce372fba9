package main

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"devenv/compose"
	"devenv/internal/stack"

	"github.com/urfave/cli/v2"
)

func runCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "run",
		Usage:     "run one command in a new container of a service",
		ArgsUsage: "SERVICE [COMMAND [ARG...]]",
		Description: `Starts what the service depends on, waits until that is ready, makes a container
of the service beside those that run, and runs the command in it; without one, what
the service says. No port is published unless asked for. Options come before SERVICE;
what follows is the command's. The exit code is that of the command; Ctrl-C is its
own, and where it has no terminal, a second one kills it.

Example:
  devenv run --rm game mix ecto.migrate
  devenv run --rm -e MIX_ENV=test game mix test
  devenv run --rm --no-deps --entrypoint sh game -c 'ls /app'`,
		Flags: flags(longSourceFlags("p"), commandFlags(), []cli.Flag{
			profileFlag(), progressFlag(),
			&cli.BoolFlag{DisableDefaultText: true, Name: "rm", Usage: "remove the container when it has ended"},
			&cli.BoolFlag{DisableDefaultText: true, Name: "no-deps", Usage: "start nothing that the service depends on"},
			&cli.StringFlag{Name: "entrypoint", DefaultText: "that of the service", Usage: "run `PROGRAM` with the command as its arguments"},
			&cli.StringSliceFlag{Name: "publish", Aliases: []string{"p"}, Usage: "publish a `[HOST:]PORT`; may come again"},
			&cli.BoolFlag{DisableDefaultText: true, Name: "service-ports", Aliases: []string{"P"}, Usage: "publish the ports of the service"},
		}),
		Action: w.runOnce,
	}
}

func (w world) runOnce(c *cli.Context) error {
	if c.NArg() == 0 {
		return errUsage(c, "run wants a service")
	}
	if c.Bool("service-ports") && c.IsSet("publish") {
		return errUsage(c, "--service-ports and --publish exclude each other")
	}
	service := c.Args().First()
	command, err := w.command(c, c.Args().Tail())
	if err != nil {
		return err
	}
	progress, err := w.progress(c)
	if err != nil {
		return err
	}
	j, err := w.job(c, []string{service}, progress)
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
	if plan, err = w.settle(c.Context, j.Stack, &j.asked, plan); err != nil {
		return err
	}
	if !c.Bool("service-ports") {
		if plan, err = plan.Publishing(service, c.StringSlice("publish")); err != nil {
			return err
		}
	}
	if err := w.startDependencies(c, j, plan, service); err != nil {
		return err
	}
	o := compose.OneOff{Command: command, Entrypoint: entrypoint(c), Remove: c.Bool("rm")}
	return w.withStreams(c.Context, command.Terminal, func(s compose.Streams) (int, error) {
		return j.Run(c.Context, plan, service, o, s)
	})
}

// entrypoint is the program that takes the place of the service's; nil leaves it.
func entrypoint(c *cli.Context) []string {
	if !c.IsSet("entrypoint") {
		return nil
	}
	return append([]string{}, strings.Fields(c.String("entrypoint"))...)
}

// startDependencies brings up what a service depends on.
func (w world) startDependencies(c *cli.Context, j job, plan *compose.Plan, service string) error {
	needs := slices.Sorted(maps.Keys(plan.Model.Services[service].DependsOn))
	if c.Bool("no-deps") || len(needs) == 0 {
		return nil
	}
	others, err := j.asked.project.Plan(compose.Request{Profile: plan.Profile, Services: needs})
	if err != nil {
		return err
	}
	rep, err := j.Up(c.Context, others, stack.UpOptions{Building: stack.BuildStale})
	if err != nil || rep.Ready {
		return err
	}
	// The answer belongs to the command, which will not run; this is the story.
	return errors.Join(writeReport(w.stderr, rep, asText), rep.Err())
}
