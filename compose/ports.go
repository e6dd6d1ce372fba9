package compose

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"
)

// PortChoice says who chooses the ports of the host.
type PortChoice string

// The values of ports; "" is FixedPorts where nobody else has a say.
const (
	FixedPorts PortChoice = "fixed" // the compose file
	AutoPorts  PortChoice = "auto"  // devenv, free ones that stay the same for a worktree
)

// PortChoice is what x-devenv.ports says; "" is nothing.
func (p *Project) PortChoice() PortChoice { return p.settings.Ports }

// Folder is the directory of the project, absolute.
func (p *Project) Folder() string { return p.base.model.WorkingDir }

// PublishedPorts names every port that a service publishes in some profile, as
// SERVICE/PORT/PROTOCOL. The second time that a service publishes a port it is
// SERVICE/PORT/PROTOCOL/2, and so on.
func (p *Project) PublishedPorts() []string {
	all := map[string]bool{}
	variants := []*variant{p.base}
	for _, name := range sortedKeys(p.variants) {
		variants = append(variants, p.variants[name])
	}
	for _, v := range variants {
		for name, s := range v.model.AllServices() {
			for _, key := range portKeys(name, s.Ports) {
				all[key] = true
			}
		}
	}
	return sortedKeys(all)
}

// Assign is the project with these ports of the host, by the names that PublishedPorts
// gives them: its plans publish under them, whatever the files say. It shares all else
// with the project.
func (p *Project) Assign(ports map[string]uint16) *Project {
	assigned := *p
	assigned.ports = ports
	return &assigned
}

// portKeys names the ports of a service, in their order.
func portKeys(service string, ports []types.ServicePortConfig) []string {
	seen := map[string]int{}
	var keys []string
	for _, port := range ports {
		key := fmt.Sprintf("%s/%d/%s", service, port.Target, cmp.Or(port.Protocol, "tcp"))
		seen[key]++
		if n := seen[key]; n > 1 {
			key += "/" + strconv.Itoa(n)
		}
		keys = append(keys, key)
	}
	return keys
}

// assignPorts publishes under the ports that are assigned. Where a service has several
// containers, one number is not enough, and the engine chooses.
func (pl *planner) assignPorts() {
	if pl.project.ports == nil {
		return
	}
	for _, name := range pl.model.ServiceNames() {
		s := pl.model.Services[name]
		if s.NetworkMode == "host" {
			pl.notes = append(pl.notes, fmt.Sprintf("service %q has the network of the host: its ports stay as they are, and another worktree cannot have them at the same time", name))
			continue
		}
		for i, key := range portKeys(name, s.Ports) {
			number, cause := strconv.Itoa(int(pl.project.ports[key])), "a free port that stays the same for this worktree"
			if s.GetScale() > 1 {
				number, cause = "", "a free port for each of the containers"
			}
			if number != "0" && number != s.Ports[i].Published {
				pl.change(name, fmt.Sprintf("ports.%d.published", s.Ports[i].Target), s.Ports[i].Published, number, cause)
				s.Ports[i].Published = number
			}
		}
	}
}
