package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"devenv/compose"
	"devenv/internal/engine"
	"devenv/internal/report"
	"devenv/internal/telnet"

	"github.com/urfave/cli/v2"
)

func listCommand(w world) *cli.Command {
	return &cli.Command{
		Name:  "list",
		Usage: "list the environments on this engine; needs no compose file",
		Description: `Lists the projects that devenv has brought up, of all folders: profile, state, age, ports,
and the folder. "down" has volumes only; "smoke" is a smoke run's. --size asks the
engine for the disk space of volumes and of what containers have written.

Example:
  devenv list
  devenv list --all --size --format json`,
		Flags: []cli.Flag{
			&cli.BoolFlag{DisableDefaultText: true, Name: "all", Aliases: []string{"a"}, Usage: "also projects that only docker compose has brought up"},
			&cli.BoolFlag{DisableDefaultText: true, Name: "size", Usage: "show the disk space they take, which is slow"},
			formatFlag(),
		},
		Action: w.list,
	}
}

func (w world) list(c *cli.Context) error {
	engine.Warnings(w.stderr)
	if err := noArguments(c); err != nil {
		return err
	}
	f, err := parseFormat(c)
	if err != nil {
		return err
	}
	book, err := w.recordFile().Read()
	if err != nil {
		return recordError(err)
	}
	s, err := w.connect(c.Context, engine.Quiet)
	if err != nil {
		return err
	}
	all, err := s.List(c.Context, c.Bool("size"))
	if err != nil {
		return err
	}
	if !c.Bool("all") {
		all = slices.DeleteFunc(all, func(e compose.Environment) bool { return !e.Devenv && !book.Named(e.Project, "") })
	}
	if f == asJSON {
		return report.Write(w.stdout, listEntries(all, c.Bool("size")))
	}
	return writeEnvironments(w.stdout, all, time.Now(), c.Bool("size"))
}

func writeEnvironments(out io.Writer, all []compose.Environment, now time.Time, sizes bool) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(out, "no environment is here")
		return err
	}
	head := []string{"PROJECT", "PROFILE", "STATE", "AGE", "PORTS", "FOLDER"}
	if sizes {
		head = append(head, "SIZE")
	}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, strings.Join(head, "\t"))
	for _, e := range all {
		cells := []string{e.Project, or(e.Profile, "-"), environmentState(e), ageText(e.Created, now), or(numbers(e.Ports), "-"), or(e.Folder, "-")}
		if sizes {
			cells = append(cells, sizeText(e.Size))
		}
		for i, cell := range cells {
			cells[i] = telnet.VisibleLine(cell)
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	return table.Flush()
}

// environmentState is how many of its containers run.
func environmentState(e compose.Environment) string {
	state := fmt.Sprintf("%d of %d running", e.Running, e.Total)
	switch {
	case e.Total == 0:
		state = "down"
	case e.Running == 0:
		state = "stopped"
	case e.Running == e.Total:
		state = "running"
	}
	if e.Smoke {
		state += " (smoke)"
	}
	return state
}

// ageText is the time since then in its largest unit.
func ageText(then, now time.Time) string {
	age := now.Sub(then)
	switch {
	case then.IsZero():
		return "-"
	case age >= 48*time.Hour:
		return fmt.Sprintf("%dd", age/(24*time.Hour))
	case age >= 2*time.Hour:
		return fmt.Sprintf("%dh", age/time.Hour)
	case age >= 2*time.Minute:
		return fmt.Sprintf("%dm", age/time.Minute)
	}
	return fmt.Sprintf("%ds", max(0, age/time.Second))
}

// numbers lists ports of the host.
func numbers(ports []compose.Port) string {
	var all []string
	for _, p := range ports {
		all = append(all, fmt.Sprint(p.Published))
	}
	return strings.Join(all, ", ")
}

// sizeText is a number of bytes in its largest unit.
func sizeText(bytes int64) string {
	if bytes < 0 {
		return "?"
	}
	size, unit := float64(bytes), "B"
	for _, larger := range []string{"kB", "MB", "GB", "TB"} {
		if size < 1000 {
			break
		}
		size, unit = size/1000, larger
	}
	return fmt.Sprintf("%.3g %s", size, unit)
}

// A listEntry is an environment as list tells it in JSON.
type listEntry struct {
	Project string     `json:"project"`
	Profile string     `json:"profile,omitempty"`
	Folder  string     `json:"folder,omitempty"`
	Smoke   bool       `json:"smoke"`
	Running int        `json:"running"`
	Total   int        `json:"containers"`
	Created *time.Time `json:"created,omitempty"`
	Ports   []psPort   `json:"ports"`
	Size    *int64     `json:"size,omitempty"` // in bytes
}

func listEntries(all []compose.Environment, sizes bool) []listEntry {
	entries := []listEntry{}
	for _, e := range all {
		one := listEntry{Project: e.Project, Profile: e.Profile, Folder: e.Folder, Smoke: e.Smoke, Running: e.Running, Total: e.Total, Ports: []psPort{}}
		if !e.Created.IsZero() {
			one.Created = &e.Created
		}
		if sizes && e.Size >= 0 {
			one.Size = &e.Size
		}
		for _, p := range e.Ports {
			one.Ports = append(one.Ports, psPort{Port: p.Target, Published: p.Published, HostIP: p.HostIP})
		}
		entries = append(entries, one)
	}
	return entries
}
