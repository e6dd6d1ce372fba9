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

// A claim is a port of the host that a service of the plan publishes.
type claim struct {
	service string
	host    string // "" is every address
	port    string
}

func (c claim) taken(by string) error {
	return &StartError{
		Err: fmt.Errorf("service %q: port %s is taken by %s", c.service, c.port, by),
		Fix: "stop what holds the port, or publish another one; nothing was started",
	}
}

// claims lists the ports that the plan publishes under a number of its own
// choice: a free one, or one of a range, is the engine's.
func claims(plan *compose.Plan) []claim {
	var all []claim
	for _, service := range plan.Services {
		for _, p := range plan.Model.Services[service.Name].Ports {
			number, err := strconv.ParseUint(p.Published, 10, 16)
			if err == nil && number != 0 && p.Protocol != "udp" {
				all = append(all, claim{service.Name, p.HostIP, p.Published})
			}
		}
	}
	return all
}

// portsFree fails when a port that the plan publishes is taken, before anything
// is built or started. Ports that the project itself holds are its own.
func (s Stack) portsFree(ctx context.Context, plan *compose.Plan) error {
	all := claims(plan)
	var errs []error
	for i, c := range all {
		for _, other := range all[:i] {
			if c.port == other.port && overlap(c.host, other.host) {
				errs = append(errs, c.taken(fmt.Sprintf("service %q of the same project", other.service)))
			}
		}
	}
	if len(errs) > 0 || !s.Engine.Local() {
		return errors.Join(errs...)
	}
	holders, err := s.Engine.Holders(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		errs = append(errs, c.free(plan.Project, holders))
	}
	return errors.Join(errs...)
}

func (c claim) free(project string, holders []compose.Holder) error {
	own := false
	for _, h := range holders {
		if strconv.Itoa(int(h.Port.Published)) != c.port || !overlap(c.host, h.Port.HostIP) {
			continue
		}
		if h.Project != project {
			return c.taken("container " + h.Container + ofProject(h.Project))
		}
		own = true
	}
	if own {
		return nil
	}
	l, err := net.Listen("tcp", net.JoinHostPort(c.host, c.port))
	if err == nil {
		return l.Close()
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return c.taken("another program")
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
