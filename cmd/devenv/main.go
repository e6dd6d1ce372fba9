// Devenv brings up the development environment of a text-based multiplayer game
// server with Docker Compose, and is done when a player could connect.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"devenv/compose"
	"devenv/internal/engine"
	"devenv/internal/stack"

	"github.com/urfave/cli/v2"
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // who reads our story may go; what was started is to be taken back all the same
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	context.AfterFunc(ctx, endAtOnce)
	code := run(ctx, thisWorld(), os.Args)
	stop()
	os.Exit(code)
}

// ends are the signals that end the program in good order.
var ends = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

// endAtOnce ends the program at the second signal, whatever it is cleaning up.
func endAtOnce() {
	again := make(chan os.Signal, 1)
	signal.Notify(again, ends...)
	<-again
	os.Exit(interrupted)
}

// A world is everything the program may touch outside itself.
type world struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	environment    []string
	terminal       bool          // stderr is one
	answers        bool          // stdin is one too: somebody can be asked
	user           compose.Owner // who works here, where files of containers can be theirs; else root
	newEngine      func(context.Context, engine.Options) (stack.Engine, error)
}

func thisWorld() world {
	_, typed := terminalOf(os.Stdin)
	_, seen := terminalOf(os.Stderr)
	return world{
		stdin:       os.Stdin,
		stdout:      os.Stdout,
		stderr:      os.Stderr,
		environment: os.Environ(),
		terminal:    seen,
		answers:     typed && seen,
		user:        thisUser(),
		newEngine: func(ctx context.Context, o engine.Options) (stack.Engine, error) {
			return engine.New(ctx, o)
		},
	}
}

// thisUser is the user by number, where engines take the numbers of this machine.
func thisUser() compose.Owner {
	if runtime.GOOS != "linux" {
		return compose.Owner{}
	}
	return compose.Owner{User: os.Getuid(), Group: os.Getgid()}
}

// run is the program; it returns the exit code.
func run(ctx context.Context, w world, args []string) int {
	app := newApp(w)
	if last := len(args) - 1; last > 0 && args[last] == completionMark {
		w.complete(ctx, args[1:last], app.Commands)
		return 0
	}
	err := app.RunContext(ctx, arrange(args, app.Commands))
	if err == nil {
		return 0
	}
	if code, ran := commandCode(err); ran {
		return code
	}
	if errors.Is(err, syscall.EPIPE) {
		return brokenPipe
	}
	tell(w.stderr, err)
	return exitCode(ctx, err)
}

func newApp(w world) *cli.App {
	app := &cli.App{
		Name:  "devenv",
		Usage: "bring up a game server with Docker Compose, and know that players can connect",
		UsageText: `devenv COMMAND [OPTION...] [SERVICE...]

   devenv up                    build, start, and wait until the game greets players
   devenv up --profile prod     the same with the image that ships
   devenv check                 can a player connect right now?
   devenv down                  stop and remove; volumes stay`,
		Writer:                    w.stdout,
		ErrWriter:                 w.stderr,
		HideVersion:               true,
		HideHelpCommand:           true,
		DisableSliceFlagSeparator: true, // a file may have a comma in its name
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              usageFault,
		Flags:                     []cli.Flag{cli.HelpFlag}, // the library gives none beside a help command of ours
		Action:                    noCommand,
		Commands: []*cli.Command{
			upCommand(w), planCommand(w), configCommand(w), envCommand(w), statusCommand(w), checkCommand(w), connectCommand(w), smokeCommand(w),
			execCommand(w), shellCommand(w), runCommand(w), logsCommand(w), psCommand(w), startCommand(w), stopCommand(w), restartCommand(w), watchCommand(w),
			downCommand(w), snapshotCommand(w), listCommand(w), gcCommand(w), stagesCommand(w), versionCommand(w), completionCommand(w), helpCommand(),
		},
		CustomAppHelpTemplate: appHelp,
	}
	for _, c := range app.Commands {
		c.OnUsageError = usageFault // not inherited, and its default prints to stdout
		c.CustomHelpTemplate = commandHelp
	}
	return app
}

// noCommand answers a bare "devenv" with help, and a word that is no command
// with an error.
func noCommand(c *cli.Context) error {
	if c.NArg() == 0 {
		return cli.ShowAppHelp(c)
	}
	return unknownCommand(c.Args().First())
}

func unknownCommand(name string) error {
	return &usageError{err: fmt.Errorf("no command %q", name), hint: "`devenv help` lists the commands"}
}

// usageError is a command line that cannot be meant.
type usageError struct {
	err  error
	hint string
}

func (e *usageError) Error() string { return e.err.Error() }

// Hint says what to write instead.
func (e *usageError) Hint() string { return e.hint }

func usageFault(c *cli.Context, err error, _ bool) error {
	hint := "see `devenv help`"
	if c.Command != nil && c.Command.Name != "" && c.Command.Name != "devenv" {
		hint = fmt.Sprintf("see `devenv help %s`", c.Command.Name)
	}
	return &usageError{err: err, hint: hint}
}

// errUsage makes a usage error of a command.
func errUsage(c *cli.Context, format string, args ...any) error {
	return usageFault(c, fmt.Errorf(format, args...), false)
}

// tell writes each fault on lines of its own, and what to do about it.
func tell(w io.Writer, err error) {
	if isInterrupt(err) {
		fmt.Fprintln(w, "devenv: interrupted")
		return
	}
	for _, fault := range flatten(err) {
		fmt.Fprintf(w, "devenv: %v\n", fault)
		var hinted interface{ Hint() string }
		if errors.As(fault, &hinted) && hinted.Hint() != "" {
			fmt.Fprintf(w, "hint: %s\n", hinted.Hint())
		}
	}
}

// flatten takes joined errors apart.
func flatten(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, flatten(e)...)
	}
	return all
}
