package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"devenv/compose"
	"devenv/internal/engine"
	"devenv/internal/stack"

	"github.com/urfave/cli/v2"
)

// An asked command is what most commands begin with: the files read, the
// request parsed.
type asked struct {
	project *compose.Project
	site    site
	request compose.Request
	format  format
}

func (w world) load(c *cli.Context) (asked, error) {
	engine.Warnings(w.stderr)
	var a asked
	var err error
	if a.format, err = parseFormat(c); err != nil {
		return a, err
	}
	if a.request, err = request(c); err != nil {
		return a, err
	}
	a.project, a.site, err = w.loadProject(c)
	return a, err
}

// plan decides, and says what is worth saying.
func (w world) plan(a asked) (*compose.Plan, error) {
	plan, err := a.project.Plan(a.request)
	if err != nil {
		return nil, err
	}
	for _, note := range plan.Notes {
		fmt.Fprintln(w.stderr, "note:", note)
	}
	return plan, nil
}

// connect reaches the engine; progress is how it tells its story.
func (w world) connect(ctx context.Context, progress engine.Progress) (stack.Stack, error) {
	e, err := w.newEngine(ctx, engine.Options{Log: w.stderr, Progress: progress})
	if err != nil {
		return stack.Stack{}, err
	}
	s := stack.Stack{Engine: e, Tell: func(line string) { fmt.Fprintln(w.stderr, line) }}
	if progress == engine.Quiet {
		s.Tell = nil
	}
	return s, nil
}

// loadRunning reads the files and reaches the engine, for a question about what
// runs.
func (w world) loadRunning(c *cli.Context) (asked, stack.Stack, error) {
	a, err := w.load(c)
	if err != nil {
		return a, stack.Stack{}, err
	}
	s, err := w.connect(c.Context, engine.Quiet)
	return a, s, err
}

// running plans for what runs: where neither --profile nor DEVENV_PROFILE name
// a profile, it is the one that the containers were made for.
func (w world) running(ctx context.Context, s stack.Stack, a asked) (*compose.Plan, error) {
	if !a.project.Asked(a.request.Profile) {
		profile, err := s.Profile(ctx, a.project.Name)
		if err != nil {
			return nil, err
		}
		a.request.Profile = profile
	}
	return a.project.Plan(a.request)
}

func progressFlag() cli.Flag {
	return &cli.StringFlag{Name: "progress", Value: "auto", Usage: "tell the story as `auto`, tty, plain or quiet"}
}

func (w world) progress(c *cli.Context) (engine.Progress, error) {
	switch p := c.String("progress"); p {
	case "auto":
		if w.terminal {
			return engine.Terminal, nil
		}
		return engine.Lines, nil
	case "tty", "plain", "quiet":
		return engine.Progress(p), nil
	default:
		return "", errUsage(c, "--progress %q: want one of %s", p, strings.Join([]string{"auto", "tty", "plain", "quiet"}, ", "))
	}
}

func writeAll(w io.Writer, text []byte) error {
	_, err := w.Write(text)
	return err
}

var version = "0.1.0-dev"
