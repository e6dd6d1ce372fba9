package main

import (
	"io"
	"time"

	"devenv/internal/engine"
	"devenv/internal/owner"
	"devenv/internal/report"
	"devenv/internal/stack"

	"github.com/urfave/cli/v2"
)

func gcCommand(w world) *cli.Command {
	return &cli.Command{
		Name:  "gc",
		Usage: "remove what killed smoke runs have left; needs no compose file",
		Description: `Removes containers, networks and volumes of smoke runs whose process has ended or whose
deadline has passed, of any project on this engine. What ` + "`devenv up`" + ` or docker compose has
made, and what a smoke run still needs, is never touched. Ends with 7 if something could
not be removed.

Example:
  devenv gc --dry-run      what would go, and why
  devenv gc`,
		Flags: []cli.Flag{
			&cli.BoolFlag{DisableDefaultText: true, Name: "dry-run", Usage: "only tell what would be removed"},
			formatFlag(),
		},
		Action: w.gc,
	}
}

func (w world) gc(c *cli.Context) error {
	engine.Warnings(w.stderr)
	if err := noArguments(c); err != nil {
		return err
	}
	f, err := parseFormat(c)
	if err != nil {
		return err
	}
	s, err := w.connect(c.Context, engine.Quiet)
	if err != nil {
		return err
	}
	swept, err := s.GC(c.Context, owner.Self(), time.Now(), stack.GCOptions{DryRun: c.Bool("dry-run")})
	if err != nil {
		return err
	}
	write := report.SweptText
	if f == asJSON {
		write = func(w io.Writer, s report.Swept) error { return report.Write(w, s) }
	}
	if err := write(w.stdout, swept); err != nil {
		return err
	}
	return swept.Err()
}
