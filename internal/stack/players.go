package stack

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"devenv/compose"
	"devenv/internal/probe"
	"devenv/internal/procnet"
)

// players counts who is connected to the telnet ports of a service, of which these
// containers run. It is not known where neither Linux nor the server itself tells.
func (s Stack) players(ctx context.Context, service compose.Service, running []compose.Container) (count int, known bool) {
	ports := telnetPorts(service)
	for _, c := range running {
		n, ok := s.sessions(c, ports)
		if !ok {
			n, ok = s.announced(ctx, service, c)
		}
		if !ok {
			return 0, false
		}
		count += n
	}
	return count, true
}

func telnetPorts(service compose.Service) []uint16 {
	var ports []uint16
	for _, c := range service.Checks {
		if c.Protocol == compose.Telnet {
			ports = append(ports, c.Port)
		}
	}
	return ports
}

// sessions counts the connections to ports of a container in its own network, where
// docker's proxy and those who come past it look alike. In the network of the host it
// could not tell the players of this container from others.
func (s Stack) sessions(c compose.Container, ports []uint16) (count int, known bool) {
	proc := cmp.Or(s.Proc, procnet.System)
	if len(ports) == 0 || c.HostMode || !s.Engine.Local() || !proc.Belongs(c.PID, c.ID) {
		return 0, false
	}
	each, err := proc.Sessions(c.PID, ports)
	for _, n := range each {
		count += n
	}
	return count, err == nil
}

// announcedBound is how long a server has to say it, greeting included.
const announcedBound = 2 * time.Second

// announced is what a server says by MSSP of its players: the most of what its ports
// say, which may all speak for the whole game.
func (s Stack) announced(ctx context.Context, service compose.Service, c compose.Container) (count int, known bool) {
	var questions []probe.Question
	for _, check := range service.Checks {
		q := s.question(service.Name, c, check)
		if check.Protocol == compose.Telnet && check.MSSP != compose.MSSPOff && q.Addr != "" {
			q.Expect, q.MSSPVariables, q.Bound = nil, nil, announcedBound
			questions = append(questions, q)
		}
	}
	for _, a := range probe.Many(ctx, questions) {
		if said := a.Status["PLAYERS"]; len(said) > 0 {
			n, err := strconv.ParseUint(said[0], 10, 31)
			count, known = max(count, int(n)), known || err == nil
		}
	}
	return count, known
}

// connected says how many players a service has.
func connected(count int, service string) string {
	if count == 1 {
		return "1 player is connected to " + service
	}
	return fmt.Sprintf("%d players are connected to %s", count, service)
}

// runningOf are the containers of a service that run.
func runningOf(service string, containers []compose.Container) []compose.Container {
	return slices.DeleteFunc(of(service, containers), func(c compose.Container) bool { return c.State != compose.Running })
}

// replaced are the services whose running containers Create is about to stop: those
// that do not fit any more, those that are too many, and those that restart with them.
func (s Stack) replaced(ctx context.Context, plan *compose.Plan, before []compose.Container) ([]string, error) {
	var refs []string
	for _, service := range plan.Services {
		refs = append(refs, service.Image)
	}
	images, err := s.Engine.Images(ctx, refs)
	if err != nil {
		return nil, err
	}
	hashes, err := s.Engine.Hashes(plan)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, service := range plan.Services {
		mine := runningOf(service.Name, before)
		image := images[service.Image].ID
		if diverged(hashes[service.Name], mine) || slices.ContainsFunc(mine, func(c compose.Container) bool {
			return c.Number > scale(plan, service.Name) || image != "" && cmp.Or(c.Labels[compose.LabelImage], c.ImageID) != image
		}) {
			names = append(names, service.Name)
		}
	}
	return withDependents(plan, names), nil
}
