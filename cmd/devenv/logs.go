package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"devenv/compose"
	"devenv/internal/engine"

	"github.com/urfave/cli/v2"
)

func logsCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "logs",
		Usage:     "show what the servers print",
		ArgsUsage: "[SERVICE...]",
		Description: `Shows the lines that the containers printed, in the order of time. Escape sequences
are taken out, so that no server can write to your terminal but text. -f goes on with
new lines, over restarts and with containers that are made later, until Ctrl-C or
until all have ended. --format json writes one object a line.

Before the command, -f names a compose file, as everywhere: devenv -f FILE logs.

Example:
  devenv logs -f game
  devenv logs --since 10m --tail 100
  devenv logs -f --format json | jq -r 'select(.stream == "stderr").line'`,
		Flags: flags(longSourceFlags("f"), []cli.Flag{
			profileFlag(), formatFlag(),
			&cli.BoolFlag{DisableDefaultText: true, Name: "follow", Aliases: []string{"f"}, Usage: "go on with new lines"},
			&cli.StringFlag{Name: "since", Usage: "only lines after `TIME`: 10m ago, or 2006-01-02T15:04:05"},
			&cli.StringFlag{Name: "until", Usage: "only lines before `TIME`"},
			&cli.StringFlag{Name: "tail", Aliases: []string{"n"}, Value: "all", Usage: "only the last `N` lines of each container"},
			&cli.BoolFlag{DisableDefaultText: true, Name: "timestamps", Aliases: []string{"t"}, Usage: "show when each line was printed"},
			&cli.BoolFlag{DisableDefaultText: true, Name: "no-log-prefix", Usage: "do not show which container printed it"},
		}),
		Action: w.logs,
	}
}

func (w world) logs(c *cli.Context) error {
	f, err := parseFormat(c)
	if err != nil {
		return err
	}
	q, err := logQuery(c)
	if err != nil {
		return err
	}
	services := c.Args().Slice()
	j, err := w.job(c, services, engine.Quiet)
	if err != nil {
		return err
	}
	j.Tell = func(line string) { fmt.Fprintln(w.stderr, "note:", line) }
	show := w.showLines(c, j.asked.project)
	if f == asJSON {
		show = jsonLines(w.stdout)
	}
	return j.Logs(c.Context, j.asked.project.Name, services, q, show)
}

func logQuery(c *cli.Context) (compose.LogQuery, error) {
	q := compose.LogQuery{Last: compose.AllLines, Follow: c.Bool("follow")}
	if tail := c.String("tail"); tail != "all" {
		n, err := strconv.ParseUint(tail, 10, 31)
		if err != nil {
			return q, errUsage(c, "--tail %q: want a number of lines, or all", tail)
		}
		q.Last = int(n)
	}
	var err error
	if q.Since, err = parseTime(c, "since"); err != nil {
		return q, err
	}
	q.Until, err = parseTime(c, "until")
	return q, err
}

// timeLayouts are the ways to write a time; without a zone it is that of here.
var timeLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02"}

// parseTime reads an option that is a time, or how long ago it was; zero is none.
func parseTime(c *cli.Context, option string) (time.Time, error) {
	value := c.String(option)
	if value == "" {
		return time.Time{}, nil
	}
	if ago, err := time.ParseDuration(value); err == nil {
		return time.Now().Add(-ago), nil
	}
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		return time.Unix(seconds, 0), nil
	}
	for _, layout := range timeLayouts {
		if at, err := time.ParseInLocation(layout, value, time.Local); err == nil {
			return at, nil
		}
	}
	return time.Time{}, errUsage(c, "--%s %q: want how long ago, such as 10m, or a time, such as 2006-01-02T15:04:05", option, value)
}

// prefixColours tell containers apart on a terminal.
var prefixColours = []int{36, 33, 32, 35, 34, 96, 93, 92, 95, 94}

// showLines writes lines for people, each with its container before it.
func (w world) showLines(c *cli.Context, project *compose.Project) func(compose.LogLine) error {
	colours, width, names := w.colourful(w.stdout), 0, project.ServiceNames()
	for _, name := range names {
		if c.NArg() == 0 || slices.Contains(c.Args().Slice(), name) {
			width = max(width, len(name+"-1 "))
		}
	}
	return func(line compose.LogLine) error {
		text := line.Text
		if c.Bool("timestamps") {
			text = line.Time.UTC().Format("2006-01-02T15:04:05.000000000Z07:00") + " " + text
		}
		if !c.Bool("no-log-prefix") {
			name := fmt.Sprintf("%s-%d", line.Service, line.Number)
			width = max(width, len(name)+1)
			prefix := fmt.Sprintf("%-*s |", width, name)
			if colours {
				colour := prefixColours[max(0, slices.Index(names, line.Service))%len(prefixColours)]
				prefix = fmt.Sprintf("\x1b[%dm%s\x1b[0m", colour, prefix)
			}
			text = prefix + " " + text
		}
		_, err := io.WriteString(w.stdout, text+"\n")
		return err
	}
}

// jsonLines writes each line as one object.
func jsonLines(out io.Writer) func(compose.LogLine) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return func(line compose.LogLine) error {
		return enc.Encode(struct {
			Service   string         `json:"service"`
			Container string         `json:"container"`
			Time      time.Time      `json:"time"`
			Stream    compose.Stream `json:"stream"`
			Line      string         `json:"line"`
		}{line.Service, line.Container, line.Time, line.Stream, line.Text})
	}
}
