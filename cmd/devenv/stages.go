package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"devenv/compose"
	"devenv/internal/engine"
	"devenv/internal/report"

	"github.com/urfave/cli/v2"
)

func stagesCommand(w world) *cli.Command {
	return &cli.Command{
		Name:  "stages",
		Usage: "list the stages of each built service, and which profile uses which",
		Description: `Reads the Dockerfiles; no engine is needed.

Example:
  devenv stages`,
		Flags: flags(sourceFlags(), []cli.Flag{formatFlag()}),
		Action: func(c *cli.Context) error {
			engine.Warnings(w.stderr)
			if err := noArguments(c); err != nil {
				return err
			}
			f, err := parseFormat(c)
			if err != nil {
				return err
			}
			project, err := compose.Load(c.Context, w.source(c))
			if err != nil {
				return err
			}
			stages, err := project.Stages()
			if err != nil {
				return err
			}
			if f == asJSON {
				return report.Write(w.stdout, stages)
			}
			return writeStages(w.stdout, stages)
		},
	}
}

func writeStages(w io.Writer, services []compose.ServiceStages) error {
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(tw, "SERVICE\tSTAGE\tFROM\tLINE\tPROFILES")
	for _, s := range services {
		name := s.Service
		for _, stage := range s.Stages {
			fmt.Fprintf(tw, "%s\t%s\t%s\t%d\t%s\n", name, or(stage.Name, "(no name)"), stage.From, stage.Line, or(strings.Join(stage.Profiles, ", "), "-"))
			name = ""
		}
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, s := range services {
		for _, missing := range s.Missing {
			if _, err := fmt.Fprintf(w, "%s: %s, which %s does not have\n", s.Service, missing, s.Dockerfile); err != nil {
				return err
			}
		}
	}
	return nil
}

func or(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}
