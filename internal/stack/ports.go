package stack

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"devenv/compose"
)

// portsFree fails when ports that the plan publishes are taken, before anything is
// built or started. It names all of them. Ports that the project itself holds are its
// own.
func (s Stack) portsFree(ctx context.Context, plan *compose.Plan) error {
	all := plan.Claims()
	faults := twice(all)
	if len(faults) == 0 && len(all) > 0 {
		ground, err := s.ground(ctx, plan.Project)
		if err != nil {
			return err
		}
		for _, c := range all {
			faults = append(faults, ground.fault(c))
		}
	}
	return allTaken(slices.DeleteFunc(faults, func(fault string) bool { return fault == "" }))
}

// twice tells of ports that two services of the plan want.
func twice(all []compose.Claim) []string {
	var faults []string
	for i, c := range all {
		for _, other := range all[:i] {
			if c.From == c.To && other.From == other.To && c.From == other.From && c.Protocol == other.Protocol && overlap(c.Host, other.Host) {
				faults = append(faults, fmt.Sprintf("service %q: port %s is taken by service %q of the same project", c.Service, c.Name(c.From), other.Service))
			}
		}
	}
	return faults
}

// allTaken is an error for each fault, of which the last one says what to do.
func allTaken(faults []string) error {
	var errs []error
	for i, fault := range faults {
		err := &StartError{Err: errors.New(fault)}
		if i == len(faults)-1 {
			err.Fix = "stop what holds the port, publish another one, or have free ones chosen: `devenv up --ports auto`; nothing was started"
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Taken tells which ports of the host are held, but not by the project: by containers
// of others, and where the engine is on this machine, by any program of it. Protocols
// are "tcp" and "udp".
func (s Stack) Taken(ctx context.Context, project string) (func(protocol string, port uint16) bool, error) {
	ground, err := s.ground(ctx, project)
	return func(protocol string, port uint16) bool {
		by, _ := ground.holder(compose.Claim{Protocol: protocol}, port)
		return by != ""
	}, err
}

// Folder is the folder that the containers of a project were made from, as their
// labels say it; "" where there is none.
func (s Stack) Folder(ctx context.Context, project string) (string, error) {
	all, err := s.Engine.Containers(ctx, project)
	for _, c := range all {
		if folder := c.Labels[compose.LabelFolder]; folder != "" {
			return folder, err
		}
	}
	return "", err
}
