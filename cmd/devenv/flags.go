package main

import (
	"slices"
	"strings"

	"devenv/compose"

	"github.com/urfave/cli/v2"
)

// sourceFlags say where the project is declared; they are those of docker
// compose.
func sourceFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "file", Aliases: []string{"f"}, Usage: "compose `FILE`; may come again, the later one wins"},
		&cli.StringFlag{Name: "project-directory", Usage: "read the project in `DIR` instead of here"},
		&cli.StringFlag{Name: "project-name", Aliases: []string{"p"}, Usage: "call the project `NAME`"},
		&cli.StringSliceFlag{Name: "env-file", Usage: "read variables from `FILE` instead of .env"},
	}
}

func profileFlag() cli.Flag {
	return &cli.StringFlag{Name: "profile", Usage: "`PROFILE` to run: dev, prod or your own (default: DEVENV_PROFILE, else x-devenv.default, else dev)"}
}

func targetFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "target", Usage: "build `SERVICE=STAGE` this time, whatever the profile says"}
}

func formatFlag() cli.Flag {
	return &cli.StringFlag{Name: "format", Value: "text", Usage: "answer as `text` or json"}
}

func flags(sets ...[]cli.Flag) []cli.Flag { return slices.Concat(sets...) }

func (w world) source(c *cli.Context) compose.Source {
	return compose.Source{
		Files:            c.StringSlice("file"),
		ProjectDirectory: c.String("project-directory"),
		ProjectName:      c.String("project-name"),
		EnvFiles:         c.StringSlice("env-file"),
		Environment:      w.environment,
	}
}

// request reads profile, targets and services.
func request(c *cli.Context) (compose.Request, error) {
	r := compose.Request{Profile: c.String("profile"), Services: c.Args().Slice(), Targets: map[string]string{}}
	for _, t := range c.StringSlice("target") {
		service, stage, ok := strings.Cut(t, "=")
		if !ok || service == "" || stage == "" {
			return r, errUsage(c, "--target %q: want SERVICE=STAGE, such as --target game=builder", t)
		}
		r.Targets[service] = stage
	}
	return r, nil
}

// A format is how the answer is written.
type format string

const (
	asText format = "text"
	asJSON format = "json"
)

func parseFormat(c *cli.Context) (format, error) {
	f := format(c.String("format"))
	if f != asText && f != asJSON {
		return f, errUsage(c, "--format %q: want text or json", string(f))
	}
	return f, nil
}

// noArguments refuses what a command has no use for.
func noArguments(c *cli.Context) error {
	if c.NArg() > 0 {
		return errUsage(c, "%s takes no argument, have %q", c.Command.Name, c.Args().First())
	}
	return nil
}
