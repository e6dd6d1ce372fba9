package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// A refusal is something of a service that reaches out of a universe.
type refusal struct {
	at        path // below the service
	what, fix string
}

// refusals are the rules of what a smoke run can be made of.
var refusals = []func(types.ServiceConfig) []refusal{
	refuseProvider, refuseNetworkMode, refuseNamespaces, refuseVolumesFrom, refuseExternalLinks, refuseAddresses,
}

// refuse tells all that cannot be isolated, in a fixed order.
func (is *isolation) refuse() {
	for _, name := range is.model.ServiceNames() {
		for _, rule := range refusals {
			for _, r := range rule(is.model.Services[name]) {
				is.fault(name, r)
			}
		}
	}
	for _, name := range sortedKeys(is.model.Secrets) {
		is.refuseExternal("secret", name, bool(is.model.Secrets[name].External))
	}
	for _, name := range sortedKeys(is.model.Configs) {
		is.refuseExternal("config", name, bool(is.model.Configs[name].External))
	}
}

func (is *isolation) fault(service string, r refusal) {
	is.faults = append(is.faults, &FileError{
		Where: is.plan.where(service, r.at),
		Err:   fmt.Errorf("service %q: %s", service, r.what),
		Fix:   r.fix,
	})
}

// where is the place of something of a service: in the override of the profile,
// else in the service.
func (p *Plan) where(service string, at path) string {
	override := slices.Concat(overridePath(service, p.Profile), at)
	if p.sources.has(override) {
		return p.sources.where(override)
	}
	return p.sources.where(slices.Concat(path{"services", service}, at))
}

func (is *isolation) refuseExternal(kind, name string, external bool) {
	if !external {
		return
	}
	is.faults = append(is.faults, &FileError{
		Where: is.plan.sources.where(path{kind + "s", name}),
		Err:   fmt.Errorf("%s %q is external: a smoke run cannot know what it holds", kind, name),
		Fix:   "give it a file or an environment variable instead",
	})
}

func refuseProvider(s types.ServiceConfig) []refusal {
	if s.Provider == nil {
		return nil
	}
	return []refusal{{
		path{"provider"},
		fmt.Sprintf("it is made by provider %s: a smoke run cannot have one of its own", s.Provider.Type),
		"name the services to run, without this one and those that depend on it",
	}}
}

func refuseNetworkMode(s types.ServiceConfig) []refusal {
	mode := s.NetworkMode
	if slices.Contains([]string{"", "none", "bridge", "default"}, mode) || strings.HasPrefix(mode, types.ServicePrefix) {
		return nil
	}
	return []refusal{{
		path{"network_mode"},
		fmt.Sprintf("network_mode %s is a network that others are in: a smoke run has one of its own", mode),
		"take network_mode out and publish ports; name another service of the project as service:NAME; or override it for the profile with network_mode: !reset null",
	}}
}

func refuseNamespaces(s types.ServiceConfig) []refusal {
	var all []refusal
	for _, shared := range []struct{ key, value string }{{"pid", s.Pid}, {"ipc", s.Ipc}} {
		if strings.HasPrefix(shared.value, types.ContainerPrefix) {
			all = append(all, refusal{
				path{shared.key},
				fmt.Sprintf("%s %s is a container that is no part of a smoke run", shared.key, shared.value),
				"name a service of the project as service:NAME",
			})
		}
	}
	return all
}

func refuseVolumesFrom(s types.ServiceConfig) []refusal {
	var all []refusal
	for _, from := range s.VolumesFrom {
		if strings.HasPrefix(from, types.ContainerPrefix) {
			all = append(all, refusal{
				path{"volumes_from"},
				fmt.Sprintf("volumes_from %s is a container that is no part of a smoke run", from),
				"name a service of the project, or share a named volume",
			})
		}
	}
	return all
}

func refuseExternalLinks(s types.ServiceConfig) []refusal {
	if len(s.ExternalLinks) == 0 {
		return nil
	}
	return []refusal{{
		path{"external_links"},
		fmt.Sprintf("external_links %s: a smoke run sees no container of others", strings.Join(s.ExternalLinks, ", ")),
		"make what it needs a service of the project",
	}}
}

// refuseAddresses tells of addresses that only a fixed subnet could give.
func refuseAddresses(s types.ServiceConfig) []refusal {
	var all []refusal
	for _, key := range sortedKeys(s.Networks) {
		n := s.Networks[key]
		if n == nil {
			continue
		}
		for _, fixed := range []struct{ key, value string }{
			{"ipv4_address", n.Ipv4Address},
			{"ipv6_address", n.Ipv6Address},
			{"link_local_ips", strings.Join(n.LinkLocalIPs, ", ")},
		} {
			if fixed.value != "" {
				all = append(all, refusal{
					path{"networks", key, fixed.key},
					fmt.Sprintf("network %q: %s %s is fixed: in a smoke run the engine chooses the addresses", key, fixed.key, fixed.value),
					"take it out and use the name " + s.Name + " instead of the address, or override networks for the profile",
				})
			}
		}
	}
	return all
}
