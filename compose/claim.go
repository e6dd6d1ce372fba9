package compose

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// LabelFolder is the label in which docker compose keeps the folder of the project
// that a container was made from.
const LabelFolder = "com.docker.compose.project.working_dir"

// LabelProject is the label by which docker compose finds what is of a project.
const LabelProject = "com.docker.compose.project"

// LabelImage is the label in which docker compose keeps the ID of the image that a
// container was made from.
const LabelImage = "com.docker.compose.image"

// A Claim is a port of the host that a service wants, or a range of them of which it
// needs some.
type Claim struct {
	Service  string
	Shared   bool   // the service listens there itself: it has the host's network
	Protocol string // "tcp" or "udp"
	Host     string // address of the host; "" is every one
	From, To uint16
	Needs    int
}

// Claims lists the ports of the host that the plan wants under numbers of its own
// choice; one that is left to the engine is none. Of a service in the host's network
// they are those of its checks.
func (p *Plan) Claims() []Claim {
	var all []Claim
	for _, service := range p.Services {
		s := p.Model.Services[service.Name]
		if s.NetworkMode == "host" {
			for _, check := range service.Checks {
				all = append(all, Claim{Service: service.Name, Shared: true, Protocol: "tcp", From: check.Port, To: check.Port, Needs: 1})
			}
			continue
		}
		for _, port := range s.Ports {
			if c, ok := newClaim(port); ok {
				c.Service, c.Needs = service.Name, s.GetScale()
				all = append(all, c)
			}
		}
	}
	return all
}

// A Published port is one that the plan publishes under a number of its own choice.
type Published struct {
	Service  string
	Target   uint16
	Protocol string // "tcp" or "udp"
	Number   uint16 // on the host
}

// Published lists the ports that the plan publishes, in the order of services and of
// their files. One of a range, or one that is left to the engine, is not among them.
func (p *Plan) Published() []Published {
	var all []Published
	for _, service := range p.Services {
		for _, port := range p.Model.Services[service.Name].Ports {
			if c, ok := newClaim(port); ok && c.From == c.To {
				all = append(all, Published{Service: service.Name, Target: uint16(port.Target), Protocol: c.Protocol, Number: c.From})
			}
		}
	}
	return all
}

// newClaim is not ok for a port whose number is the engine's to choose.
func newClaim(p types.ServicePortConfig) (Claim, bool) {
	first, last, isRange := strings.Cut(p.Published, "-")
	if !isRange {
		last = first
	}
	from, err := strconv.ParseUint(first, 10, 16)
	to, also := strconv.ParseUint(last, 10, 16)
	c := Claim{Protocol: cmp.Or(p.Protocol, "tcp"), Host: p.HostIP, From: uint16(from), To: uint16(to)}
	return c, err == nil && also == nil && 0 < from && from <= to
}

// Name is one of the ports as people write it.
func (c Claim) Name(port uint16) string {
	name := strconv.Itoa(int(port))
	if c.Protocol != "tcp" {
		name += "/" + c.Protocol
	}
	return name
}
