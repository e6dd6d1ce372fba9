package compose

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
)

// defaultWithin is how long a check may take to hold, counted from the start
// of the container. A dev container compiles first.
const defaultWithin = 60 * time.Second

// A Check is one question to one port of a service.
type Check struct {
	Port     uint16 // inside the container
	Protocol Protocol
	TLS      *TLS           // nil: plain
	Expect   *regexp.Regexp // nil: any greeting will do
	MSSP     MSSP
	// Variables are what MSSP must name where it is required; Nudge sends an empty
	// line to a server that says nothing.
	Variables []string
	Nudge     bool
	Path      string // of an http check
	AnyPage   bool   // of an http check: nobody has said which page there is
	Within    time.Duration
	Cause     string // what asks for it
}

// String says the check in one line.
func (c Check) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s", c.Port, c.Protocol)
	if c.TLS != nil {
		b.WriteString(" over tls")
	}
	if c.Path != "" {
		fmt.Fprintf(&b, " %s", c.Path)
	}
	if c.Expect != nil {
		fmt.Fprintf(&b, " expecting %q", c.Expect)
	}
	if c.MSSP != MSSPAuto && c.MSSP != MSSPOff {
		b.WriteString(" with mssp")
	}
	fmt.Fprintf(&b, " within %s (%s)", c.Within, c.Cause)
	return b.String()
}

// checks decides what to ask of each service: what x-devenv names, and every
// port that Compose's app_protocol says is telnet. In a project with neither,
// the published ports of the service that the profile builds must stay open.
func (pl *planner) checks() (map[string][]Check, error) {
	all := map[string][]Check{}
	var errs []error
	for _, name := range pl.model.ServiceNames() {
		checks, err := pl.declared(pl.model.Services[name])
		errs = append(errs, err)
		if len(checks) > 0 {
			all[name] = checks
		}
	}
	if len(all) == 0 {
		for name := range pl.targets {
			all[name] = openPorts(pl.model.Services[name])
		}
	}
	return all, errors.Join(errs...)
}

func (pl *planner) declared(s types.ServiceConfig) ([]Check, error) {
	settings := pl.project.settings.Services[s.Name].Checks
	checks := map[uint16]Check{}
	for _, port := range s.Ports {
		if isTCP(port) && port.AppProtocol == string(Telnet) {
			number := uint16(port.Target)
			checks[number] = newCheck(s, number, settings[number], "app_protocol telnet")
		}
	}
	var errs []error
	for _, number := range slices.Sorted(maps.Keys(settings)) {
		checks[number] = newCheck(s, number, settings[number], extension+".checks")
		errs = append(errs, pl.reachable(s, number), pl.fitting(s.Name, number, checks[number]))
	}
	return sortedChecks(checks), errors.Join(errs...)
}

// CheckOf is the check of a port of a service that is asked for by its number:
// the one of the plan, else one that asks what the port is said to speak.
func (p *Plan) CheckOf(service string, port uint16) Check {
	s, _ := p.Service(service)
	for _, c := range s.Checks {
		if c.Port == port {
			return c
		}
	}
	return newCheck(p.Model.Services[service], port, checkSettings{}, "asked for")
}

// AskHTTP is the plan with a check of every http port, also those that nobody has
// asked for.
func (p *Plan) AskHTTP() *Plan {
	asking := *p
	asking.Services = slices.Clone(p.Services)
	for i, s := range asking.Services {
		declared := p.Model.Services[s.Name]
		for _, port := range declared.Ports {
			number := uint16(port.Target)
			asked := slices.ContainsFunc(s.Checks, func(c Check) bool { return c.Port == number })
			if isTCP(port) && port.AppProtocol == string(HTTP) && !asked {
				c := newCheck(declared, number, checkSettings{}, "app_protocol http")
				c.AnyPage = true
				s.Checks = append(slices.Clone(s.Checks), c)
			}
		}
		asking.Services[i] = s
	}
	return &asking
}

// Where is "file:line" of what the files say of a port of a service, or of the
// service; 0 is no port.
func (p *Plan) Where(service string, port uint16) string {
	return p.where(service, path{extension, "checks", strconv.Itoa(int(port))})
}

// Seat finds where a player connects: the port of the service, else its first
// telnet port; without a service, the first telnet port of all. A port that no check
// asks is taken as it is.
func (p *Plan) Seat(service string, port uint16) (name string, check Check, ok bool) {
	for _, s := range p.Services {
		if service != "" && s.Name != service {
			continue
		}
		for _, c := range s.Checks {
			if port == c.Port || port == 0 && c.Protocol == Telnet {
				return s.Name, c, true
			}
		}
	}
	return service, Check{Port: port}, service != "" && port != 0
}

func newCheck(s types.ServiceConfig, number uint16, said checkSettings, cause string) Check {
	c := Check{
		Port:      number,
		Protocol:  protocolOf(s, number, said),
		TLS:       said.TLS,
		Expect:    said.Expect,
		MSSP:      said.MSSP,
		Variables: said.Variables,
		Nudge:     said.Nudge,
		Path:      said.Path,
		Within:    said.Within,
		Cause:     cause,
	}
	if c.Within == 0 {
		c.Within = defaultWithin
	}
	if c.MSSP == "" {
		c.MSSP = MSSPAuto
	}
	if c.Protocol == HTTP && c.Path == "" {
		c.Path = "/"
	}
	return c
}

// protocolOf is what the check says, else what the port says, else telnet.
func protocolOf(s types.ServiceConfig, number uint16, said checkSettings) Protocol {
	if said.Protocol != "" {
		return said.Protocol
	}
	for _, port := range s.Ports {
		if uint16(port.Target) == number && port.AppProtocol == string(HTTP) {
			return HTTP
		}
	}
	return Telnet
}

// reachable is the rule that a checked port is published or exposed.
func (pl *planner) reachable(s types.ServiceConfig, number uint16) error {
	var have []string
	for _, port := range s.Ports {
		if isTCP(port) {
			have = append(have, strconv.Itoa(int(port.Target)))
		}
	}
	for _, port := range s.Expose {
		have = append(have, strings.TrimSuffix(port, "/tcp"))
	}
	within := func(ports string) bool { return inRange(number, ports) }
	if slices.ContainsFunc(have, within) || s.NetworkMode == "host" {
		return nil
	}
	at := checkPath(s.Name, number)
	return &FileError{
		Where: pl.project.sources.where(at),
		Err:   fmt.Errorf("%s: service %q neither publishes nor exposes port %d", at, s.Name, number),
		Fix:   fmt.Sprintf("ports of the service: %s; add `%d` under ports, or under expose if only other services use it", strings.Join(append(have, "none")[:max(1, len(have))], ", "), number),
	}
}

func isTCP(port types.ServicePortConfig) bool { return port.Protocol == "" || port.Protocol == "tcp" }

// inRange tells whether ports, such as "4000" or "4000-4010", has a number in it.
func inRange(number uint16, ports string) bool {
	first, last, isRange := strings.Cut(ports, "-")
	if !isRange {
		last = first
	}
	from, err := strconv.Atoi(first)
	if err != nil {
		return false
	}
	to, err := strconv.Atoi(last)
	return err == nil && from <= int(number) && int(number) <= to
}

// openPorts asks of each published port no more than that someone listens.
func openPorts(s types.ServiceConfig) []Check {
	checks := map[uint16]Check{}
	for _, port := range s.Ports {
		if isTCP(port) {
			number := uint16(port.Target)
			checks[number] = newCheck(s, number, checkSettings{Protocol: TCP}, "published")
		}
	}
	return sortedChecks(checks)
}

func sortedChecks(checks map[uint16]Check) []Check {
	return slices.SortedFunc(maps.Values(checks), func(a, b Check) int { return int(a.Port) - int(b.Port) })
}
