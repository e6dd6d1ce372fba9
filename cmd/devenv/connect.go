package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"devenv/compose"
	"devenv/internal/console"
	"devenv/internal/conversation"
	"devenv/internal/engine"
	"devenv/internal/probe"
	"devenv/internal/report"
	"devenv/internal/stack"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"
)

func connectCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "connect",
		Usage:     "play: a telnet client on the right port of what runs",
		ArgsUsage: "[SERVICE[:PORT] | HOST:PORT]",
		Description: `Connects to the telnet port of the game, or to the one named. Lines are sent as
they are typed; passwords are hidden where the game asks for that. Of what the
game sends, text and colours are shown, and nothing that moves the cursor, sets
titles, pastes or asks the terminal. End with Ctrl-D.

--record writes the session down as a conversation, without passwords; --replay plays such a file,
and ends with 6 where the game answers otherwise. A variable ${NAME} in it is
DEVENV_NAME of the environment.

Example:
  devenv connect
  devenv connect game:5559
  devenv connect --record smoke/login.yaml
  DEVENV_PASSWORD=xyzzy devenv connect --replay smoke/login.yaml`,
		Flags: flags(sourceFlags(), tlsFlags(), []cli.Flag{
			profileFlag(), formatFlag(),
			&cli.StringFlag{Name: "charset", Value: string(console.UTF8), Usage: "the game writes `SET`: " + strings.Join(console.Charsets, ", ")},
			&cli.BoolFlag{DisableDefaultText: true, Name: "mccp", Usage: "let the game compress what it sends (MCCP2)"},
			&cli.BoolFlag{DisableDefaultText: true, Name: "no-color", Usage: "show no colours"},
			&cli.StringFlag{Name: "record", Usage: "write the session to `FILE` as a conversation"},
			&cli.StringFlag{Name: "replay", Usage: "play the conversations in `FILE` instead"},
		}),
		Action: w.connectTo,
	}
}

func (w world) connectTo(c *cli.Context) error {
	engine.Warnings(w.stderr)
	if c.NArg() > 1 {
		return errUsage(c, "connect takes one place, have %d", c.NArg())
	}
	if !slices.Contains(console.Charsets, c.String("charset")) {
		return errUsage(c, "--charset %q: want one of %s", c.String("charset"), strings.Join(console.Charsets, ", "))
	}
	if c.IsSet("record") && c.IsSet("replay") {
		return errUsage(c, "--record and --replay exclude each other")
	}
	f, err := parseFormat(c)
	if err != nil {
		return err
	}
	security, err := parseTLS(c)
	if err != nil {
		return err
	}
	var script []conversation.Conversation
	if file := c.String("replay"); file != "" {
		if script, err = w.readScript(file); err != nil {
			return err
		}
	}
	at, err := w.find(c)
	if err != nil {
		return err
	}
	if security != (probe.TLS{}) {
		at.tls = security
	}
	if script != nil {
		return w.replay(c.Context, at, script, f)
	}
	return w.play(c, at)
}

// A seat is where a player connects to.
type seat struct {
	address string
	port    uint16 // inside the container; 0 where that is not known
	tls     probe.TLS
}

// find decides where to connect: the address given, else the port given, else
// the first telnet port of the service, else of the project.
func (w world) find(c *cli.Context) (seat, error) {
	arg := c.Args().First()
	if looksLikeAddress(arg) {
		at, err := parsePlace(arg, nil)
		return seat{address: at.address}, err
	}
	asked, s, err := w.loadRunning(c)
	if err != nil {
		return seat{}, err
	}
	var at place
	if arg != "" {
		if at, err = parsePlace(arg, asked.project); err != nil {
			return seat{}, err
		}
	}
	if at.address != "" {
		return seat{address: at.address}, nil
	}
	asked.request.Services = nil
	plan, err := w.running(c.Context, s, asked)
	if err != nil {
		return seat{}, err
	}
	service, check, ok := plan.Seat(at.service, at.port)
	if !ok {
		return seat{}, &usageError{err: errors.New("no telnet port to connect to"), hint: "write `app_protocol: telnet` on the port, or name it: devenv connect SERVICE:PORT"}
	}
	address, security, err := s.Seat(c.Context, plan, service, check)
	return seat{address: address, port: check.Port, tls: security}, err
}

// play lets a person play, and writes the session down where that is asked for.
func (w world) play(c *cli.Context, at seat) error {
	file := c.String("record")
	if file == "" {
		return w.sit(c, at, nil)
	}
	// It is opened before the session, which would be lost if it could not be.
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return errUsage(c, "--record: %w", err)
	}
	rec := &conversation.Recorder{Name: "recorded", Port: at.port}
	err = w.sit(c, at, rec)
	if len(rec.Conversation().Steps) == 0 {
		return errors.Join(err, out.Close(), os.Remove(file))
	}
	if saveErr := errors.Join(save(rec, out), out.Close()); saveErr != nil {
		return errors.Join(err, fmt.Errorf("write down the session in %s: %w", file, saveErr))
	}
	fmt.Fprintln(w.stderr, "recorded in", file)
	return err
}

func save(rec *conversation.Recorder, out io.Writer) error {
	text, err := rec.YAML()
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}

// sit plays until the person or the game ends it.
func (w world) sit(c *cli.Context, at seat, rec *conversation.Recorder) error {
	conn, err := stack.Dial(c.Context, at.address, at.tls)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.stderr, "connected to %s; Ctrl-D ends\n", at.address)
	err = w.console(c, rec).Run(c.Context, conn)
	if errors.Is(err, console.ErrHungUp) {
		fmt.Fprintln(w.stderr, "the game has closed the connection")
		return nil
	}
	return err
}

// console is the terminal of this world as a place to play from.
func (w world) console(c *cli.Context, rec *conversation.Recorder) console.Console {
	con := console.Console{
		In: w.stdin, Out: w.stdout,
		Charset: console.Charset(c.String("charset")),
		Inflate: c.Bool("mccp"),
	}
	if rec != nil {
		con.Record = rec
	}
	if out, ok := w.stdout.(*os.File); ok && term.IsTerminal(int(out.Fd())) {
		con.Colours = !c.Bool("no-color") && w.variable("NO_COLOR") == ""
		con.Window = windowOf(int(out.Fd()))
		con.Resized = resizes(c.Context, int(out.Fd()))
	}
	if in, ok := w.stdin.(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		con.Echo = func(on bool) error { return echo(int(in.Fd()), on) }
	}
	return con
}

// readScript reads a file of conversations.
func (w world) readScript(file string) ([]conversation.Conversation, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, &compose.FileError{Err: err, Fix: "name a file that `devenv connect --record` wrote, or one like it"}
	}
	script, err := conversation.Parse(file, text)
	for _, c := range script {
		err = errors.Join(err, c.Unset(w.variables()))
	}
	return script, err
}

// replay plays conversations one after the other, each on a connection of its
// own.
func (w world) replay(ctx context.Context, at seat, script []conversation.Conversation, f format) error {
	var results []conversation.Result
	for _, c := range script {
		conn, err := stack.Dial(ctx, at.address, at.tls)
		if err != nil {
			return err
		}
		results = append(results, conversation.Player{Vars: w.variables()}.Play(ctx, conn, c))
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return w.tellPlays(results, f)
}

// tellPlays writes what plays came to: a line each, the transcript of those that
// failed; or JSON.
func (w world) tellPlays(results []conversation.Result, f format) error {
	if f == asJSON {
		if err := report.Write(w.stdout, results); err != nil {
			return err
		}
		return playErrors(results)
	}
	for _, r := range results {
		writePlay(w.stdout, r)
	}
	return playErrors(results)
}

func writePlay(out io.Writer, r conversation.Result) {
	if r.OK() {
		fmt.Fprintf(out, "%s: %d steps held in %s\n", r.Name, r.Held, r.Took.Round(time.Millisecond))
		return
	}
	fmt.Fprintf(out, "%s: failed at step %d of %d: %v\n%s", r.Name, r.Failure.Step, r.Steps, r.Failure, r.Transcript)
}

// variables are those of the environment that conversations may use.
func (w world) variables() map[string]string {
	vars := map[string]string{}
	for _, kv := range w.environment {
		if name, value, _ := strings.Cut(kv, "="); strings.HasPrefix(name, conversation.EnvPrefix) {
			vars[strings.TrimPrefix(name, conversation.EnvPrefix)] = value
		}
	}
	return vars
}

func (w world) variable(name string) string {
	for _, kv := range slices.Backward(w.environment) {
		if value, ok := strings.CutPrefix(kv, name+"="); ok {
			return value
		}
	}
	return ""
}
