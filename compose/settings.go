package compose

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"devenv/internal/conversation"
)

const extension = "x-devenv"

// A Protocol is what a check speaks.
type Protocol string

// The protocols of a check. A tcp check needs more than a connect, which
// docker-proxy grants before anyone listens: the connection must stay open.
const (
	Telnet Protocol = "telnet"
	TCP    Protocol = "tcp"
	HTTP   Protocol = "http"
)

// MSSP says what a telnet check does about the Mud Server Status Protocol.
type MSSP string

// The values of mssp.
const (
	MSSPAuto     MSSP = "auto"     // read where the server announces it
	MSSPOff      MSSP = "off"      // never asked
	MSSPRequired MSSP = "required" // the check fails without it
	MSSPAsk      MSSP = "ask"      // likewise, and it is asked for unannounced
	MSSPPlain    MSSP = "plain"    // asked for by the line MSSP-REQUEST, which some games take for a name
)

// TLS says how a check secures its connection, and whose word it takes on the
// server's certificate.
type TLS struct {
	Verify     string // "local" (this machine's authorities, nobody's on private addresses), "system" or "none"
	CA         string // the only authorities to trust, as PEM
	Pin        string // SHA-256 of the one certificate to accept, in hex
	ServerName string // to find in the certificate
}

// settings is the x-devenv part of a compose file.
type settings struct {
	Default  string
	Ports    PortChoice
	Profiles map[string]profileSettings
	Services map[string]serviceSettings
}

// profileSettings is one entry of x-devenv.profiles at the top level.
type profileSettings struct {
	Target string
	Like   string
}

// serviceSettings is the x-devenv part of one service.
type serviceSettings struct {
	Profiles map[string]serviceProfile
	Checks   map[uint16]checkSettings
	Smoke    []conversation.Conversation
	Quiesce  Quiesce
	Prepare  []Prepare
	Farewell Farewell
	User     string // "host", "image", or ""
}

type serviceProfile struct {
	Target   string
	Override map[string]any
	Prepare  []Prepare // nil leaves it to the service
}

// checkSettings is one entry of x-devenv.checks; zero values mean "not said".
type checkSettings struct {
	Protocol  Protocol
	Expect    *regexp.Regexp
	Within    time.Duration
	TLS       *TLS // nil: plain
	MSSP      MSSP
	Variables []string // that MSSP must name
	Nudge     bool     // send an empty line to a silent server
	Path      string   // of an http check
}

// A decoder reads x-devenv strictly and collects every fault with its place.
type decoder struct {
	sources sourceMap
	dir     string // of the project, where paths start
	faults  []error
}

func (d *decoder) fault(p path, fix, format string, args ...any) {
	d.faults = append(d.faults, &FileError{
		Where: d.sources.where(p),
		Err:   fmt.Errorf("%s: %s", p, fmt.Sprintf(format, args...)),
		Fix:   fix,
	})
}

// mapping reads value as a mapping that may hold only the allowed keys.
func (d *decoder) mapping(p path, value any, allowed ...string) map[string]any {
	m := d.anyMapping(p, value)
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if !slices.Contains(allowed, key) {
			d.fault(p.key(key), "keys known here: "+strings.Join(allowed, ", "), "unknown key %q", key)
		}
	}
	return m
}

func (d *decoder) anyMapping(p path, value any) map[string]any {
	if value == nil {
		return nil
	}
	m, ok := value.(map[string]any)
	if !ok {
		d.fault(p, "", "want a mapping, have %s", describe(value))
	}
	return m
}

// text reads a string; "" when it is not there.
func (d *decoder) text(p path, m map[string]any, key string) string {
	value, there := m[key]
	if !there {
		return ""
	}
	s, ok := value.(string)
	if !ok {
		d.fault(p.key(key), "", "want a text, have %s", describe(value))
		return ""
	}
	if s == "" {
		d.fault(p.key(key), "leave the key out, or give it a value", "is empty")
	}
	return s
}

// oneOf reads a text that is one of a few words.
func (d *decoder) oneOf(p path, m map[string]any, key string, words ...string) string {
	s := d.text(p, m, key)
	if s != "" && !slices.Contains(words, s) {
		d.fault(p.key(key), "write one of: "+strings.Join(words, ", "), "%q is not known", s)
	}
	return s
}

func (d *decoder) duration(p path, m map[string]any, key string) time.Duration {
	value, there := m[key]
	if !there {
		return 0
	}
	const fix = `write a number with a unit, such as "30s" or "2m"`
	s, ok := value.(string)
	if !ok {
		d.fault(p.key(key), fix, "%s has no unit", describe(value))
		return 0
	}
	v, err := time.ParseDuration(s)
	if err != nil || v <= 0 {
		d.fault(p.key(key), fix, "%q is not a duration above zero", s)
		return 0
	}
	return v
}

func (d *decoder) pattern(p path, m map[string]any, key string) *regexp.Regexp {
	s := d.text(p, m, key)
	if s == "" {
		return nil
	}
	re, err := regexp.Compile(s)
	if err != nil {
		d.fault(p.key(key), "patterns are Go's: https://pkg.go.dev/regexp/syntax", "%v", err)
	}
	return re
}

func (d *decoder) boolean(p path, m map[string]any, key string) bool {
	value, there := m[key]
	if !there {
		return false
	}
	b, ok := value.(bool)
	if !ok {
		d.fault(p.key(key), "write true or false", "want true or false, have %s", describe(value))
	}
	return b
}

func (d *decoder) port(p path, key string) uint16 { return d.portAt(p.key(key), key) }

func (d *decoder) portAt(p path, text string) uint16 {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n == 0 || n > math.MaxUint16 || strconv.FormatUint(n, 10) != text {
		d.fault(p, "name the port inside the container, from 1 to 65535", "%q is not a port", text)
		return 0
	}
	return uint16(n)
}

func describe(value any) string {
	switch v := value.(type) {
	case nil:
		return "nothing"
	case map[string]any:
		return "a mapping"
	case []any:
		return "a list"
	default:
		return fmt.Sprintf("%v", v)
	}
}

// root reads x-devenv at the top level.
func (d *decoder) root(value any) (s settings) {
	p := path{extension}
	m := d.mapping(p, value, "default", "profiles", "ports")
	s.Default = d.text(p, m, "default")
	s.Ports = PortChoice(d.oneOf(p, m, "ports", string(AutoPorts), string(FixedPorts)))
	s.Profiles = map[string]profileSettings{}
	profiles := d.anyMapping(p.key("profiles"), m["profiles"])
	for _, name := range slices.Sorted(maps.Keys(profiles)) {
		at := p.key("profiles").key(name)
		m := d.mapping(at, profiles[name], "target", "like")
		s.Profiles[name] = profileSettings{Target: d.text(at, m, "target"), Like: d.text(at, m, "like")}
	}
	return s
}

// service reads x-devenv of one service.
func (d *decoder) service(name string, value any) (s serviceSettings) {
	p := path{"services", name, extension}
	m := d.mapping(p, value, "profiles", "checks", "smoke", "quiesce", "farewell", "user", "prepare")
	s.Profiles = map[string]serviceProfile{}
	profiles := d.anyMapping(p.key("profiles"), m["profiles"])
	for _, profile := range slices.Sorted(maps.Keys(profiles)) {
		at := p.key("profiles").key(profile)
		m := d.mapping(at, profiles[profile], "target", "override", "prepare")
		work, there := m["prepare"]
		s.Profiles[profile] = serviceProfile{
			Target:   d.text(at, m, "target"),
			Override: d.anyMapping(at.key("override"), m["override"]),
			Prepare:  d.prepares(at.key("prepare"), work, there),
		}
	}
	s.Checks = map[uint16]checkSettings{}
	checks := d.anyMapping(p.key("checks"), m["checks"])
	for _, port := range slices.Sorted(maps.Keys(checks)) {
		at := p.key("checks").key(port)
		s.Checks[d.port(p.key("checks"), port)] = d.check(at, checks[port])
	}
	delete(s.Checks, 0)
	s.Smoke = d.conversations(p.key("smoke"), m["smoke"])
	s.Quiesce = d.quiesce(p.key("quiesce"), m["quiesce"])
	s.Farewell = d.farewell(p.key("farewell"), m["farewell"])
	s.User = d.user(p, m)
	work, there := m["prepare"]
	s.Prepare = d.prepares(p.key("prepare"), work, there)
	return s
}
