package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"devenv/compose"
	"devenv/internal/engine"
	"devenv/internal/report"

	"github.com/urfave/cli/v2"
)

// envFormats are how variables are written.
var envFormats = []string{"shell", "json", "dotenv"}

func envCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "env",
		Usage:     "print where the ports are, as variables for a shell",
		ArgsUsage: "[SERVICE...]",
		Description: `Prints DEVENV_HOST, DEVENV_PROJECT, DEVENV_PROFILE, and for each port that is published
DEVENV_PORT_SERVICE_PORT with its number on the host: in capitals, and with _ for what
is neither letter nor digit. Of what runs, the ports are those that it has; of the
rest, those that ` + "`devenv up`" + ` would publish. Answers without an engine too.

Example:
  eval "$(devenv env)"; telnet $DEVENV_HOST $DEVENV_PORT_GAME_5556
  devenv env --format dotenv > .env.ports`,
		Flags: flags(sourceFlags(), []cli.Flag{
			profileFlag(),
			&cli.StringFlag{Name: "format", Value: "shell", Usage: "write it for a `shell`, as dotenv or as json"},
		}),
		Action: w.env,
	}
}

func (w world) env(c *cli.Context) error {
	engine.Warnings(w.stderr)
	format := c.String("format")
	if !slices.Contains(envFormats, format) {
		return errUsage(c, "--format %q: want one of %s", format, strings.Join(envFormats, ", "))
	}
	a := asked{}
	var err error
	if a.request, err = request(c); err != nil {
		return err
	}
	if a.project, a.site, err = w.loadProject(c); err != nil {
		return err
	}
	plan, host, seen, err := w.whereItRuns(c.Context, a)
	if err != nil {
		return err
	}
	return w.writeVariables(format, variables(plan, host, seen))
}

// whereItRuns is the plan of what runs, with its containers; where no engine answers,
// that of what would run on this machine.
func (w world) whereItRuns(ctx context.Context, a asked) (*compose.Plan, string, []compose.Container, error) {
	s, err := w.connect(ctx, engine.Quiet)
	var away *engine.UnreachableError
	if errors.As(err, &away) {
		plan, err := a.project.Plan(a.request)
		return plan, "127.0.0.1", nil, err
	}
	if err != nil {
		return nil, "", nil, err
	}
	plan, err := w.running(ctx, s, a)
	if err != nil {
		return nil, "", nil, err
	}
	seen, err := s.Engine.Containers(ctx, plan.Project)
	return plan, s.Engine.Host(), seen, err
}

// A variable is a name and what it holds.
type variable struct{ name, value string }

// variables are those of a plan, and of what is seen of it. What is seen wins, since
// only the engine knows the ports that it has chosen.
func variables(plan *compose.Plan, host string, seen []compose.Container) []variable {
	all := []variable{{"DEVENV_HOST", host}, {"DEVENV_PROFILE", plan.Profile}, {"DEVENV_PROJECT", plan.Project}}
	ports := map[string]string{}
	for _, p := range plan.Published() {
		name := portVariable(p.Service, p.Target)
		if p.Protocol != "tcp" {
			name += "_" + upper(p.Protocol)
		}
		ports[name] = cmp.Or(ports[name], fmt.Sprint(p.Number))
	}
	for _, container := range slices.Backward(seen) { // the first replica is written last
		for _, p := range container.Ports {
			if _, planned := plan.Service(container.Service); planned && p.Published != 0 {
				ports[portVariable(container.Service, p.Target)] = fmt.Sprint(p.Published)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(ports)) {
		all = append(all, variable{name, ports[name]})
	}
	return all
}

func portVariable(service string, port uint16) string {
	return fmt.Sprintf("DEVENV_PORT_%s_%d", upper(service), port)
}

// upper is a name as a shell can have it.
func upper(name string) string {
	return strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return unicode.ToUpper(r)
		}
		return '_'
	}, name)
}

func (w world) writeVariables(format string, all []variable) error {
	if format == "json" {
		object := map[string]string{}
		for _, v := range all {
			object[v.name] = v.value
		}
		return report.Write(w.stdout, object)
	}
	var b strings.Builder
	for _, v := range all {
		if format == "shell" {
			fmt.Fprintf(&b, "export %s=%s\n", v.name, quoteForShell(v.value))
		} else {
			fmt.Fprintf(&b, "%s=%s\n", v.name, quoteForDotenv(v.value))
		}
	}
	return writeAll(w.stdout, []byte(b.String()))
}

// harmless is a value that needs no quotes anywhere.
var harmless = regexp.MustCompile(`^[A-Za-z0-9_./:-]+$`)

// quoteForShell makes one word of a value, whatever is in it.
func quoteForShell(value string) string {
	if harmless.MatchString(value) {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

// quoteForDotenv writes a value as docker compose reads it in an env file.
func quoteForDotenv(value string) string {
	if harmless.MatchString(value) {
		return value
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "\n", `\n`).Replace(value) + `"`
}
