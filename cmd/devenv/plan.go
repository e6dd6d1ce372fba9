package main

import (
	"devenv/compose"
	"devenv/internal/report"

	"github.com/urfave/cli/v2"
)

func planCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "plan",
		Usage:     "show what a profile changes, and why; nothing is started",
		ArgsUsage: "[SERVICE...]",
		Description: `Prints every change that devenv makes to the compose project, with its cause,
and the checks that decide whether it is ready. No engine is needed.

Example:
  devenv plan --profile prod`,
		Flags: flags(sourceFlags(), []cli.Flag{profileFlag(), targetFlag(), formatFlag(), portsFlag()}),
		Action: func(c *cli.Context) error {
			asked, err := w.load(c)
			if err != nil {
				return err
			}
			plan, err := w.plan(asked)
			if err != nil {
				return err
			}
			if asked.format == asJSON {
				return report.Write(w.stdout, planOf(plan))
			}
			return writeAll(w.stdout, []byte(plan.String()))
		},
	}
}

// plannedJSON is the shape of `devenv plan --format json`.
type plannedJSON struct {
	Project  string           `json:"project"`
	Profile  string           `json:"profile"`
	Changes  []compose.Change `json:"changes"`
	Services []serviceJSON    `json:"services"`
	Notes    []string         `json:"notes"`
}

type serviceJSON struct {
	Name   string      `json:"service"`
	Image  string      `json:"image"`
	Target string      `json:"target,omitempty"`
	Built  bool        `json:"built"`
	Checks []checkJSON `json:"checks"`

	Prepare []prepareJSON `json:"prepare,omitempty"`
}

type prepareJSON struct {
	Name    string   `json:"name"`
	Command []string `json:"command"`
	Inputs  []string `json:"inputs,omitempty"`
}

type checkJSON struct {
	Port     uint16 `json:"port"`
	Protocol string `json:"protocol"`
	Expect   string `json:"expect,omitempty"`
	Within   string `json:"within"`
	Cause    string `json:"cause"`
}

func planOf(p *compose.Plan) plannedJSON {
	out := plannedJSON{Project: p.Project, Profile: p.Profile, Changes: append([]compose.Change{}, p.Changes...), Notes: append([]string{}, p.Notes...)}
	for _, s := range p.Services {
		service := serviceJSON{Name: s.Name, Image: s.Image, Target: s.Target, Built: s.Built, Checks: []checkJSON{}}
		for _, c := range s.Checks {
			check := checkJSON{Port: c.Port, Protocol: string(c.Protocol), Within: c.Within.String(), Cause: c.Cause}
			if c.Expect != nil {
				check.Expect = c.Expect.String()
			}
			service.Checks = append(service.Checks, check)
		}
		for _, work := range s.Prepare {
			service.Prepare = append(service.Prepare, prepareJSON(work))
		}
		out.Services = append(out.Services, service)
	}
	return out
}
