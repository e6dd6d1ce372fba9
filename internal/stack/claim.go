package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"

	"devenv/compose"
	"devenv/internal/procnet"
)

// A ground is who holds which ports of the host.
type ground struct {
	project string
	holders []compose.Holder
	own     map[string]bool // services of the project that run in the host's network
	local   bool
}

func (s Stack) ground(ctx context.Context, project string) (ground, error) {
	g := ground{project: project, local: s.Engine.Local(), own: map[string]bool{}}
	mine, err := s.Engine.Containers(ctx, project)
	if err != nil {
		return g, err
	}
	for _, c := range mine {
		if c.HostMode && c.State == compose.Running {
			g.own[c.Service] = true
		}
	}
	g.holders, err = s.Engine.Holders(ctx)
	return g, err
}

// fault says why a claim cannot be met; "" is that it can.
func (g ground) fault(c compose.Claim) string {
	if c.Shared && g.own[c.Service] {
		return ""
	}
	free, first := 0, ""
	for port := int(c.From); port <= int(c.To) && free < c.Needs; port++ {
		by, own := g.holder(c, uint16(port))
		if own || by == "" {
			free++
			continue
		}
		if first == "" {
			first = fmt.Sprintf("%s is taken by %s", c.Name(uint16(port)), by)
		}
	}
	switch {
	case first == "", c.From != c.To && free >= c.Needs:
		return ""
	case c.From == c.To:
		return fmt.Sprintf("service %q: port %s", c.Service, first)
	}
	return fmt.Sprintf("service %q: ports %d to %s: %d free, %d needed; %s", c.Service, c.From, c.Name(c.To), free, c.Needs, first)
}

// holder is who else holds a port, and whether the project itself does.
func (g ground) holder(c compose.Claim, port uint16) (by string, own bool) {
	for _, h := range g.holders {
		if h.Port.Published != port || h.Protocol != c.Protocol || !overlap(c.Host, h.Port.HostIP) {
			continue
		}
		if h.Project != g.project {
			return "container " + h.Container + ofProject(h.Project), false
		}
		own = true
	}
	if own || !g.local || !listenedTo(c, port) {
		return "", own
	}
	if process, ok := procnet.System.Holder(c.Protocol, port); ok {
		return fmt.Sprintf("%s (pid %d)", cmp.Or(process.Name, "a process"), process.PID), false
	}
	return "another program", false
}

// listenedTo tells whether a port of this machine is in use. One that we may not have,
// such as a port below 1024, the engine may.
func listenedTo(c compose.Claim, port uint16) bool {
	address := net.JoinHostPort(c.Host, strconv.Itoa(int(port)))
	var err error
	switch c.Protocol {
	case "tcp":
		var l net.Listener
		if l, err = net.Listen("tcp", address); err == nil {
			l.Close()
		}
	case "udp":
		var l net.PacketConn
		if l, err = net.ListenPacket("udp", address); err == nil {
			l.Close()
		}
	}
	return errors.Is(err, syscall.EADDRINUSE)
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
