package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"

	"devenv/compose"
)

// portsFree fails when a port that the plan publishes is taken, before anything
// is built or started. Ports that the project itself holds are its own.
func (s Stack) portsFree(ctx context.Context, plan *compose.Plan) error {
	if !s.Engine.Local() {
		return nil
	}
	holders, err := s.Engine.Holders(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, service := range plan.Services {
		for _, p := range plan.Model.Services[service.Name].Ports {
			number, err := strconv.ParseUint(p.Published, 10, 16)
			if err != nil || number == 0 || p.Protocol == "udp" {
				continue // a free one, or one of a range, is the engine's choice
			}
			errs = append(errs, portFree(plan.Project, service.Name, net.JoinHostPort(p.HostIP, p.Published), holders))
		}
	}
	return errors.Join(errs...)
}

func taken(service, port, by string) error {
	return &StartError{
		Err: fmt.Errorf("service %q: port %s is taken by %s", service, port, by),
		Fix: "stop what holds the port, or publish another one; nothing was started",
	}
}

func portFree(project, service, address string, holders []compose.Holder) error {
	host, port, _ := net.SplitHostPort(address)
	for _, h := range holders {
		if strconv.Itoa(int(h.Port.Published)) != port || !overlap(host, h.Port.HostIP) {
			continue
		}
		if h.Project == project {
			return nil
		}
		return taken(service, port, "container "+h.Container+ofProject(h.Project))
	}
	l, err := net.Listen("tcp", address)
	if err == nil {
		return l.Close()
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return taken(service, port, "another program")
	}
	return nil // such as a port below 1024: the engine may, where we may not
}

// overlap tells whether two host addresses claim the same port.
func overlap(a, b string) bool {
	all := func(ip string) bool { return ip == "" || ip == "0.0.0.0" || ip == "::" }
	return all(a) || all(b) || a == b
}

func ofProject(project string) string {
	if project == "" {
		return ""
	}
	return " of project " + project
}
