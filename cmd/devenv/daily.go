package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"devenv/compose"
	"devenv/internal/engine"
	"devenv/internal/stack"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"
)

// A job is a day's work with services that run.
type job struct {
	stack.Daily
	asked asked
}

// job reads the files and reaches the engine. The services need to exist; whether
// they can be planned, a Dockerfile that is being edited for one, is not asked.
func (w world) job(c *cli.Context, services []string, progress engine.Progress) (job, error) {
	engine.Warnings(w.stderr)
	project, site, err := w.loadProject(c)
	if err != nil {
		return job{}, err
	}
	j := job{asked: asked{project: project, site: site, request: compose.Request{Profile: c.String("profile"), Services: services}}}
	if _, err := project.Profile(j.asked.request.Profile); err != nil {
		return job{}, err
	}
	if err := exist(project, services); err != nil {
		return job{}, err
	}
	if j.Stack, err = w.connect(c.Context, progress); err != nil {
		return job{}, err
	}
	daily, ok := j.Stack.Engine.(stack.DailyEngine)
	if !ok {
		return job{}, errors.New("this engine runs plans only")
	}
	j.Daily.Engine = daily
	return j, nil
}

// exist checks the names of services.
func exist(project *compose.Project, services []string) error {
	all := project.ServiceNames()
	for _, name := range services {
		if !slices.Contains(all, name) {
			return &compose.UsageError{
				Err: fmt.Errorf("no service %q in project %s", name, project.Name),
				Fix: "services there: " + strings.Join(all, ", "),
			}
		}
	}
	return nil
}

// longSourceFlags are the source flags without a letter that a command has another
// use for; before the command, the letter still means the file or the project.
func longSourceFlags(letter string) []cli.Flag {
	all := sourceFlags()
	for _, f := range all {
		switch f := f.(type) {
		case *cli.StringFlag:
			f.Aliases = slices.DeleteFunc(f.Aliases, func(a string) bool { return a == letter })
		case *cli.StringSliceFlag:
			f.Aliases = slices.DeleteFunc(f.Aliases, func(a string) bool { return a == letter })
		}
	}
	return all
}

// commandFlags say how a command is run in a container.
func commandFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{DisableDefaultText: true, Name: "no-tty", Aliases: []string{"T"}, Usage: "give it no terminal (default: one, where there is one here)"},
		&cli.StringFlag{Name: "user", Aliases: []string{"u"}, Usage: "run it as `USER`"},
		&cli.StringFlag{Name: "workdir", Aliases: []string{"w"}, Usage: "run it in `DIR` of the container"},
		&cli.StringSliceFlag{Name: "env", Aliases: []string{"e"}, Usage: "set `NAME=VALUE`, or NAME to what it is here; may come again"},
		&cli.BoolFlag{DisableDefaultText: true, Hidden: true, Name: "it", Aliases: []string{"ti", "i", "t"}}, // of docker exec; it is so here
	}
}

// command is the one to run, as the flags say.
func (w world) command(c *cli.Context, args []string) (compose.Command, error) {
	command := compose.Command{Args: args, User: c.String("user"), Dir: c.String("workdir"), Terminal: w.interactive() && !c.Bool("no-tty")}
	for _, kv := range c.StringSlice("env") {
		name, _, set := strings.Cut(kv, "=")
		if name == "" {
			return command, errUsage(c, "--env %q: want NAME=VALUE", kv)
		}
		if !set {
			kv = name + "=" + w.variable(name)
		}
		command.Env = append(command.Env, kv)
	}
	return command, nil
}

// interactive tells whether somebody sits at a terminal, for input and output.
func (w world) interactive() bool {
	_, in := terminalOf(w.stdin)
	_, out := terminalOf(w.stdout)
	return in && out
}

// terminalOf is the descriptor of a terminal.
func terminalOf(stream any) (fd int, ok bool) {
	f, isFile := stream.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	return int(f.Fd()), true
}

// withStreams does something with the streams of this world; where the command has
// a terminal of its own, this one passes every key on, Ctrl-C too.
func (w world) withStreams(ctx context.Context, terminal bool, do func(compose.Streams) (code int, err error)) error {
	s := compose.Streams{In: w.stdin, Out: w.stdout, Err: w.stderr}
	if terminal {
		in, _ := terminalOf(w.stdin)
		before, err := term.MakeRaw(in)
		if err != nil {
			return fmt.Errorf("set the terminal up: %w", err)
		}
		defer term.Restore(in, before)
		out, _ := terminalOf(w.stdout)
		s.Sizes = sizes(ctx, out)
	}
	code, err := do(s)
	if err == nil && code != 0 {
		err = &commandError{code}
	}
	return err
}

// sizes sends the size of a terminal, now and each time it changes, until ctx ends.
func sizes(ctx context.Context, fd int) <-chan compose.Size {
	sizes := make(chan compose.Size, 1)
	changes := resizes(ctx, fd)
	if now := windowOf(fd); now.Width > 0 {
		sizes <- compose.Size{Width: uint(now.Width), Height: uint(now.Height)}
	}
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case next := <-changes:
				select {
				case <-ctx.Done():
					return
				case sizes <- compose.Size{Width: uint(next.Width), Height: uint(next.Height)}:
				}
			}
		}
	}()
	return sizes
}

// commandError is a command that has run, and has ended with an exit code of its
// own. It has told its user why; there is nothing to add.
type commandError struct{ code int }

func (e *commandError) Error() string {
	return fmt.Sprintf("the command ended with exit code %d", e.code)
}

// commandCode is the exit code of a command that has run.
func commandCode(err error) (code int, ran bool) {
	var ended *commandError
	if !errors.As(err, &ended) {
		return 0, false
	}
	return ended.code, true
}

// colourful tells whether what is written there may have colours.
func (w world) colourful(out io.Writer) bool {
	_, terminal := terminalOf(out)
	return terminal && w.variable("NO_COLOR") == ""
}
