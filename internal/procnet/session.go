package procnet

import (
	"os"
	"path/filepath"
	"strings"
)

// Sessions counts the established connections to each of these tcp ports, as a process
// and all that share its network see them. What it has opened to itself, as a
// healthcheck does, is not among them. The error is that it may not be looked into.
func (p Proc) Sessions(pid int, ports []uint16) (map[uint16]int, error) {
	all, err := sockets(filepath.Join(p.of(pid, "net")), "tcp")
	if err != nil {
		return nil, err
	}
	wanted := map[uint16]bool{}
	for _, port := range ports {
		wanted[port] = true
	}
	count := map[uint16]int{}
	for _, s := range all {
		if wanted[s.local] && s.state == established && !s.peer.IsLoopback() {
			count[s.local]++
		}
	}
	return count, nil
}

// Belongs tells whether a process is in a control group of this name, such as the ID
// of a container. The number of a process of another machine, or of a container as
// seen in one, is somebody else's here.
func (p Proc) Belongs(pid int, group string) bool {
	text, err := os.ReadFile(p.of(pid, "cgroup"))
	return err == nil && group != "" && strings.Contains(string(text), group)
}
