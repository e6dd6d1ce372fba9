package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"devenv/compose"
	"devenv/internal/engine"
	"devenv/internal/report"

	"github.com/urfave/cli/v2"
)

func psCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "ps",
		Usage:     "list the containers that run",
		ArgsUsage: "[SERVICE...]",
		Description: `Lists containers as the engine has them. Whether players can connect, ` + "`devenv status`" + `
tells. --format json is a list of objects.

Example:
  devenv ps -a
  docker stats $(devenv ps -q)`,
		Flags: flags(sourceFlags(), []cli.Flag{
			profileFlag(), formatFlag(),
			&cli.BoolFlag{DisableDefaultText: true, Name: "all", Aliases: []string{"a"}, Usage: "also those that have ended"},
			&cli.BoolFlag{DisableDefaultText: true, Name: "quiet", Aliases: []string{"q"}, Usage: "only their IDs"},
		}),
		Action: w.ps,
	}
}

func (w world) ps(c *cli.Context) error {
	f, err := parseFormat(c)
	if err != nil {
		return err
	}
	services := c.Args().Slice()
	j, err := w.job(c, services, engine.Quiet)
	if err != nil {
		return err
	}
	containers, err := j.Engine.Containers(c.Context, j.asked.project.Name)
	if err != nil {
		return err
	}
	containers = slices.DeleteFunc(containers, func(one compose.Container) bool {
		ended := one.State == compose.Created || one.State == compose.Exited || one.State == compose.Dead
		return len(services) > 0 && !slices.Contains(services, one.Service) || ended && !c.Bool("all")
	})
	switch {
	case c.Bool("quiet"):
		return writeIDs(w.stdout, containers)
	case f == asJSON:
		return report.Write(w.stdout, entries(containers))
	}
	return writeContainers(w.stdout, containers)
}

func writeIDs(out io.Writer, containers []compose.Container) error {
	for _, c := range containers {
		if _, err := fmt.Fprintln(out, c.ID); err != nil {
			return err
		}
	}
	return nil
}

func writeContainers(out io.Writer, containers []compose.Container) error {
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "NAME\tSERVICE\tIMAGE\tSTATE\tPORTS")
	for _, c := range containers {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", c.Name, c.Service, c.Image, stateText(c), portsText(c.Ports))
	}
	return table.Flush()
}

// stateText is the state of a container with what matters in it.
func stateText(c compose.Container) string {
	switch {
	case c.State == compose.Exited:
		return fmt.Sprintf("exited (%d)", c.ExitCode)
	case c.State == compose.Running && c.Health != compose.NoHealth:
		return fmt.Sprintf("running (%s)", c.Health)
	}
	return string(c.State)
}

// portsText lists ports as 127.0.0.1:4000->4000.
func portsText(ports []compose.Port) string {
	var all []string
	for _, p := range ports {
		if p.Published == 0 {
			all = append(all, fmt.Sprint(p.Target))
			continue
		}
		all = append(all, fmt.Sprintf("%s:%d->%d", p.HostIP, p.Published, p.Target))
	}
	return strings.Join(all, ", ")
}

// A psEntry is a container as ps tells it in JSON.
type psEntry struct {
	Name     string         `json:"name"`
	ID       string         `json:"id"`
	Service  string         `json:"service"`
	Number   int            `json:"number"`
	Image    string         `json:"image"`
	State    compose.State  `json:"state"`
	Health   compose.Health `json:"health,omitempty"`
	ExitCode int            `json:"exit_code"`
	Profile  string         `json:"profile,omitempty"`
	Target   string         `json:"target,omitempty"`
	Ports    []psPort       `json:"ports"`
}

type psPort struct {
	Port      uint16 `json:"port"`
	Published uint16 `json:"published,omitempty"`
	HostIP    string `json:"host_ip,omitempty"`
}

func entries(containers []compose.Container) []psEntry {
	all := []psEntry{}
	for _, c := range containers {
		one := psEntry{
			Name: c.Name, ID: c.ID, Service: c.Service, Number: c.Number, Image: c.Image, State: c.State, Health: c.Health, ExitCode: c.ExitCode,
			Profile: c.Labels[compose.LabelProfile], Target: c.Labels[compose.LabelTarget], Ports: []psPort{},
		}
		for _, p := range c.Ports {
			one.Ports = append(one.Ports, psPort{Port: p.Target, Published: p.Published, HostIP: p.HostIP})
		}
		all = append(all, one)
	}
	return all
}
