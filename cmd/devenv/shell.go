package main

import (
	"fmt"
	"slices"
	"strings"

	"devenv/compose"
	"devenv/internal/engine"
	"devenv/internal/stack"

	"github.com/urfave/cli/v2"
)

func shellCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "shell",
		Usage:     "open a shell in a container that runs",
		ArgsUsage: "[SERVICE]",
		Description: `Opens the best shell that the container has: bash, else ash, else sh. Without a
name, in the only service, or in the one with a telnet port. Ends with 127 where the
image has no shell; the exit code is that of the shell otherwise.

Example:
  devenv shell
  devenv shell -u root db
  echo 'ls /app' | devenv shell game`,
		Flags:  flags(sourceFlags(), commandFlags(), []cli.Flag{profileFlag()}),
		Action: w.shell,
	}
}

func (w world) shell(c *cli.Context) error {
	if c.NArg() > 1 {
		return errUsage(c, "shell takes one service, have %d; `devenv exec SERVICE COMMAND` runs a command", c.NArg())
	}
	command, err := w.command(c, nil)
	if err != nil {
		return err
	}
	j, err := w.job(c, c.Args().Slice(), engine.Quiet)
	if err != nil {
		return err
	}
	service := c.Args().First()
	if service == "" {
		if service, err = w.mainService(c, j); err != nil {
			return err
		}
	}
	on, err := j.Running(c.Context, j.asked.project.Name, service, 0)
	if err != nil {
		return err
	}
	file, err := j.Shell(c.Context, on)
	if err != nil {
		return err
	}
	if file == "" {
		return &noShellError{on}
	}
	command.Args = []string{file}
	return w.execIn(c, j, on, command)
}

// mainService is the service that is meant where none is named.
func (w world) mainService(c *cli.Context, j job) (string, error) {
	if all := j.asked.project.ServiceNames(); len(all) == 1 {
		return all[0], nil
	}
	plan, err := w.running(c.Context, j.Stack, j.asked)
	if err != nil {
		return "", err
	}
	for _, s := range plan.Services {
		if slices.ContainsFunc(s.Checks, func(check compose.Check) bool { return check.Protocol == compose.Telnet }) {
			return s.Name, nil
		}
	}
	return "", errUsage(c, "shell wants a service, one of %s", strings.Join(j.asked.project.ServiceNames(), ", "))
}

// noShell is the exit code where there is no shell, as shells have it for a command
// that they do not find.
const noShell = 127

// noShellError is an image without a shell.
type noShellError struct{ on compose.Container }

func (e *noShellError) Error() string {
	return fmt.Sprintf("service %q: its image %s has no shell (looked for %s)", e.on.Service, e.on.Image, strings.Join(stack.Shells, ", "))
}

// Hint says how to look into it all the same.
func (e *noShellError) Hint() string {
	return fmt.Sprintf("run a program that it has (`devenv exec %s PROGRAM`), look at its files (`docker cp %s:/ DIR`), or build a stage with a shell (`devenv up --target %s=STAGE`)",
		e.on.Service, e.on.Name, e.on.Service)
}
