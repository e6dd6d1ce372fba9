package stack

import (
	"context"
	"fmt"
	"net"
	"strconv"

	"devenv/compose"
	"devenv/internal/probe"
	"devenv/internal/report"
)

// address is where a port of a container can be dialled from here: published,
// shared with the host, or, on an engine of this machine, at the container's own
// address. "" is nowhere.
func (s Stack) address(c compose.Container, port uint16) (addr string, published bool) {
	number := func(p uint16) string { return strconv.Itoa(int(p)) }
	for _, p := range c.Ports {
		if p.Target == port && p.Published != 0 {
			return net.JoinHostPort(s.dialHost(p.HostIP), number(p.Published)), true
		}
	}
	if c.HostMode {
		return net.JoinHostPort(s.Engine.Host(), number(port)), true
	}
	if s.Engine.Local() && len(c.Networks) > 0 {
		return net.JoinHostPort(c.Networks[0], number(port)), false
	}
	return "", false
}

func (s Stack) dialHost(ip string) string {
	if ip == "" || ip == "0.0.0.0" || ip == "::" || !s.Engine.Local() {
		return s.Engine.Host()
	}
	return ip
}

func (s Stack) question(service string, c compose.Container, check compose.Check) probe.Question {
	addr, published := s.address(c, check.Port)
	return probe.Question{
		Service:  service,
		Port:     int(check.Port),
		Addr:     addr,
		Protocol: probe.Protocol(check.Protocol),
		TLS:      security(check.TLS),
		Expect:   check.Expect,
		MSSP:     probe.MSSPMode(check.MSSP),
		Path:     check.Path,
		AnyPage:  check.AnyPage,

		MSSPVariables: check.Variables,
		Nudge:         check.Nudge,
		Also:          s.behind(c, check.Port, published),
	}
}

// behind is the container's own address of a published port, where it can be
// dialled: what answers there is the game, and not docker's proxy.
func (s Stack) behind(c compose.Container, port uint16, published bool) string {
	if !published || c.HostMode || !s.Engine.Local() || len(c.Networks) == 0 {
		return ""
	}
	return net.JoinHostPort(c.Networks[0], strconv.Itoa(int(port)))
}

// Seat is where a player can connect to a port of a service, and how. The error is
// a [report.NotReadyError] where the service does not run.
func (s Stack) Seat(ctx context.Context, plan *compose.Plan, service string, check compose.Check) (string, probe.TLS, error) {
	containers, err := s.Engine.Containers(ctx, plan.Project)
	if err != nil {
		return "", probe.TLS{}, err
	}
	for _, c := range of(service, containers) {
		if addr, _ := s.address(c, check.Port); c.State == compose.Running && addr != "" {
			return addr, security(check.TLS), nil
		}
	}
	return "", probe.TLS{}, &report.NotReadyError{Project: plan.Project, Services: []report.Service{{
		Name: service, State: report.NotRunning,
		Failure: &report.Failure{Step: "connect", Reason: fmt.Sprintf("port %d cannot be reached: the service does not run, or does not publish it", check.Port), Next: "devenv up"},
	}}}
}

// security is how a check secures its connection.
func security(t *compose.TLS) probe.TLS {
	if t == nil {
		return probe.TLS{}
	}
	modes := map[string]probe.TLSMode{"local": probe.TLSLocal, "system": probe.TLSSystem, "none": probe.TLSInsecure}
	return probe.TLS{Mode: modes[t.Verify], CA: t.CA, Pin: t.Pin, ServerName: t.ServerName}
}

// ports lists the ports of a service with the answers there are.
func (s Stack) ports(service compose.Service, c compose.Container, answers []probe.Answer) []report.Port {
	list := []report.Port{}
	told := map[uint16]bool{}
	for _, a := range answers {
		list = append(list, report.Port{Port: uint16(a.Port), Address: a.Addr, Check: &a})
		told[uint16(a.Port)] = true
	}
	for _, p := range c.Ports {
		if addr, published := s.address(c, p.Target); published && !told[p.Target] {
			list = append(list, report.Port{Port: p.Target, Address: addr})
		}
	}
	return list
}
