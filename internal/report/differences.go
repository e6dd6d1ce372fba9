package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"devenv/internal/probe"
)

// Differences tells in what the last attempts of two or more profiles are not
// alike: cases that hold for one and fail for another, services, ports, greetings,
// ends and image sizes. They come by service, then in a fixed order.
func Differences(runs []SmokeRun) []Difference {
	var all []Difference
	for _, service := range servicesOf(runs) {
		there := present(runs, service)
		all = append(all, there...)
		all = append(all, casesApart(runs, service)...)
		if len(there) > 0 {
			continue // what one has not got is no further difference
		}
		all = append(all, portsApart(runs, service)...)
		all = append(all, greetingsApart(runs, service)...)
		all = append(all, endsApart(runs, service)...)
		all = append(all, sizesApart(runs, service)...)
	}
	return all
}

// servicesOf are the names of all services that any profile speaks of, sorted; ""
// stands for the project.
func servicesOf(runs []SmokeRun) []string {
	found := map[string]bool{}
	for _, r := range runs {
		for _, s := range r.Last().Services {
			found[s.Name] = true
		}
		for _, c := range r.Last().Cases {
			found[c.Service] = true
		}
		for _, i := range r.Last().Images {
			found[i.Service] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// apart is a difference, if at least two profiles have a value and the values are
// not all the same.
func apart(service, what string, values map[string]string) []Difference {
	distinct := map[string]bool{}
	for _, v := range values {
		distinct[v] = true
	}
	if len(distinct) < 2 {
		return nil
	}
	return []Difference{{Service: service, What: what, Values: values}}
}

// present is whether the profiles have the service, those that came far enough to
// have any.
func present(runs []SmokeRun, service string) []Difference {
	values := map[string]string{}
	for _, r := range runs {
		if services := r.Last().Services; service != "" && len(services) > 0 {
			values[r.Profile] = "is not there"
			if slices.ContainsFunc(services, func(s Service) bool { return s.Name == service }) {
				values[r.Profile] = "is there"
			}
		}
	}
	return apart(service, "service", values)
}

// portsApart is which of the ports that were asked are ready.
func portsApart(runs []SmokeRun, service string) []Difference {
	values := map[string]string{}
	for _, r := range runs {
		if ports, asked := readyPorts(r.Last(), service); asked {
			values[r.Profile] = ports
		}
	}
	return apart(service, "ports", values)
}

func readyPorts(a Attempt, service string) (ports string, asked bool) {
	var ready []uint16
	for _, p := range checkedPorts(a, service) {
		asked = true
		if p.Check.Ready() {
			ready = append(ready, p.Port)
		}
	}
	slices.Sort(ready)
	var words []string
	for _, port := range slices.Compact(ready) {
		words = append(words, strconv.Itoa(int(port)))
	}
	if len(words) == 0 {
		return "none", asked
	}
	return strings.Join(words, ", "), asked
}

func checkedPorts(a Attempt, service string) []Port {
	var ports []Port
	for _, s := range a.Services {
		for _, p := range s.Ports {
			if s.Name == service && p.Check != nil {
				ports = append(ports, p)
			}
		}
	}
	return ports
}

// greetingsApart compares what each telnet port said first, where it is ready.
func greetingsApart(runs []SmokeRun, service string) []Difference {
	said := map[uint16]map[string]string{}
	for _, r := range runs {
		for _, p := range checkedPorts(r.Last(), service) {
			if p.Check.Protocol != probe.Telnet || !p.Check.Ready() {
				continue
			}
			if said[p.Port] == nil {
				said[p.Port] = map[string]string{}
			}
			said[p.Port][r.Profile] = p.Check.Greeting
		}
	}
	var all []Difference
	for _, port := range slices.Sorted(maps.Keys(said)) {
		all = append(all, apart(service, fmt.Sprintf("greeting %d", port), firstApart(said[port]))...)
	}
	return all
}

// endsApart compares how the service ended: by the class of time, since a moment
// more or less says nothing.
func endsApart(runs []SmokeRun, service string) []Difference {
	values := map[string]string{}
	for _, r := range runs {
		var ends []string
		for _, e := range r.Last().Ends {
			if e.Service == service {
				ends = append(ends, e.String())
			}
		}
		slices.Sort(ends)
		if len(ends) > 0 {
			values[r.Profile] = strings.Join(slices.Compact(ends), "; ")
		}
	}
	return apart(service, "exit", values)
}

// String is the end in words.
func (e End) String() string {
	switch {
	case e.Killed:
		return "killed"
	case e.Took <= time.Second:
		return fmt.Sprintf("exit code %d within a second", e.ExitCode)
	}
	return fmt.Sprintf("exit code %d within its grace", e.ExitCode)
}

// sizesApart tells sizes that differ by more than a hundredth.
func sizesApart(runs []SmokeRun, service string) []Difference {
	values := map[string]string{}
	var smallest, largest int64
	for _, r := range runs {
		for _, i := range r.Last().Images {
			if i.Service != service || values[r.Profile] != "" {
				continue
			}
			if len(values) == 0 {
				smallest, largest = i.Bytes, i.Bytes
			}
			smallest, largest = min(smallest, i.Bytes), max(largest, i.Bytes)
			values[r.Profile] = size(i.Bytes)
		}
	}
	if float64(largest) <= 1.01*float64(smallest) {
		return nil
	}
	return []Difference{{Service: service, What: "image size", Values: values}}
}

// size is so many bytes for people, in the units of docker.
func size(bytes int64) string {
	n, unit := float64(bytes), 0
	units := []string{"B", "kB", "MB", "GB", "TB"}
	for n >= 999.5 && unit < len(units)-1 {
		n, unit = n/1000, unit+1
	}
	if n < 99.95 && unit > 0 {
		return fmt.Sprintf("%.1f %s", n, units[unit])
	}
	return fmt.Sprintf("%.0f %s", n, units[unit])
}
