package compose

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// maxWithin is the longest that a check may be waited for; more is a slip.
const maxWithin = 24 * time.Hour

// misfits are the keys that mean something to some protocols only.
var misfits = []struct {
	key   string
	needs []Protocol
	said  func(checkSettings) bool
}{
	{"expect", []Protocol{Telnet, HTTP}, func(c checkSettings) bool { return c.Expect != nil }},
	{"mssp", []Protocol{Telnet}, func(c checkSettings) bool { return c.MSSP != "" && c.MSSP != MSSPOff }},
	{"variables", []Protocol{Telnet}, func(c checkSettings) bool { return len(c.Variables) > 0 }},
	{"nudge", []Protocol{Telnet}, func(c checkSettings) bool { return c.Nudge }},
	{"path", []Protocol{HTTP}, func(c checkSettings) bool { return c.Path != "" }},
}

// misfit tells the keys of a check that its protocol has no use for.
func (m sourceMap) misfit(at path, protocol Protocol, said checkSettings) []error {
	var faults []error
	for _, rule := range misfits {
		if !rule.said(said) || slices.Contains(rule.needs, protocol) {
			continue
		}
		var write []string
		for _, p := range rule.needs {
			write = append(write, "`protocol: "+string(p)+"`")
		}
		fix := "take it out, or write " + strings.Join(write, " or ")
		if protocol == TCP {
			fix = "a tcp check only asks whether the port stays open: " + fix
		}
		faults = append(faults, &FileError{
			Where: m.where(at.key(rule.key)),
			Err:   fmt.Errorf("%s: means nothing to a check by %s", at.key(rule.key), protocol),
			Fix:   fix,
		})
	}
	return faults
}

// checkRules are the rules between the keys of one check. Where the check does
// not say its protocol, the ports do, which only a plan knows for certain.
func (d *decoder) checkRules(p path, c checkSettings) {
	if c.Within > maxWithin {
		d.fault(p.key("within"), "a check has to hold within 24h of the start of the container", "%s is more than a day", c.Within)
	}
	if c.TLS != nil && c.TLS.Pin != "" && !isFingerprint(c.TLS.Pin) {
		d.fault(p.key("tls").key("pin"), "write the 64 hex digits that `openssl x509 -noout -fingerprint -sha256 -in CERT` prints", "%q is no SHA-256 in hex", c.TLS.Pin)
	}
	if (c.Protocol == "" || c.Protocol == Telnet) && len(c.Variables) > 0 && slices.Contains([]MSSP{"", MSSPAuto, MSSPOff}, c.MSSP) {
		d.fault(p.key("variables"), "write `mssp: required`, or take variables out", "are only asked of a game that must speak MSSP")
	}
	if slices.Contains([]Protocol{Telnet, TCP, HTTP}, c.Protocol) {
		d.faults = append(d.faults, d.sources.misfit(p, c.Protocol, c)...)
	}
}

// fitting is misfit for a check whose protocol is that of its port.
func (pl *planner) fitting(service string, number uint16, check Check) error {
	said := pl.project.settings.Services[service].Checks[number]
	if said.Protocol != "" {
		return nil // told when it was read
	}
	return errors.Join(pl.project.sources.misfit(checkPath(service, number), check.Protocol, said)...)
}

func checkPath(service string, number uint16) path {
	return path{"services", service, extension, "checks", fmt.Sprint(number)}
}

// isFingerprint tells whether a text is a SHA-256 in hex, with colons or without.
func isFingerprint(text string) bool {
	sum, err := hex.DecodeString(strings.ReplaceAll(text, ":", ""))
	return err == nil && len(sum) == 32
}
