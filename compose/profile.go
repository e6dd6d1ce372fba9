package compose

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The profiles that exist without being named in the file, and the stage that
// each wants.
var builtin = map[string]string{"dev": "builder", "prod": "runner"}

// Profiles lists the profiles of the project, sorted.
func (p *Project) Profiles() []string {
	names := maps.Clone(builtin)
	for name := range p.settings.Profiles {
		names[name] = ""
	}
	for _, s := range p.settings.Services {
		for name := range s.Profiles {
			names[name] = ""
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Profile decides which profile is meant: the one asked for, else
// DEVENV_PROFILE, else x-devenv.default, else dev. The error is a [UsageError]
// when the project has none of that name.
func (p *Project) Profile(asked string) (string, error) {
	for _, choice := range []struct{ name, from string }{
		{asked, "--profile"},
		{p.environment["DEVENV_PROFILE"], "DEVENV_PROFILE"},
		{p.settings.Default, extension + ".default"},
		{"dev", ""},
	} {
		if choice.name == "" {
			continue
		}
		if !slices.Contains(p.Profiles(), choice.name) {
			return "", &UsageError{
				Err: fmt.Errorf("%s: no profile %q", choice.from, choice.name),
				Fix: fmt.Sprintf("profiles here: %s; name a new one under %s.profiles, or switch on a Compose profile with COMPOSE_PROFILES",
					strings.Join(p.Profiles(), ", "), extension),
			}
		}
		return choice.name, nil
	}
	return "dev", nil
}

// Asked tells whether --profile or DEVENV_PROFILE name a profile, so that
// nothing else may choose it.
func (p *Project) Asked(flag string) bool {
	return flag != "" || p.environment["DEVENV_PROFILE"] != ""
}

// lineage is the profile and those that it is like, nearest first.
func (s settings) lineage(profile string) []string {
	var line []string
	for profile != "" && !slices.Contains(line, profile) {
		line = append(line, profile)
		profile = s.Profiles[profile].Like
	}
	return line
}

// wanted is the stage that a profile wants when a service does not say, and
// the profile of the file that names it; "" where it is devenv's own word.
func (s settings) wanted(profile string) (stage, from string) {
	for _, name := range s.lineage(profile) {
		if t := s.Profiles[name].Target; t != "" {
			return t, name
		}
		if t, ok := builtin[name]; ok {
			return t, ""
		}
	}
	return "", ""
}

// target is the stage that a service names for a profile, or for the nearest
// one that the profile is like, and which that is.
func (s settings) target(service, profile string) (stage, from string) {
	for _, name := range s.lineage(profile) {
		if t := s.Services[service].Profiles[name].Target; t != "" {
			return t, name
		}
	}
	return "", ""
}

// override is how a profile changes a service, found as target is.
func (s settings) override(service, profile string) (changes map[string]any, from string) {
	for _, name := range s.lineage(profile) {
		if o := s.Services[service].Profiles[name].Override; o != nil {
			return o, name
		}
	}
	return nil, ""
}

// overriding tells whether any profile changes the service.
func (s serviceSettings) overriding() bool {
	for _, p := range s.Profiles {
		if p.Override != nil {
			return true
		}
	}
	return false
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
