package compose

import (
	"cmp"
	"slices"
	"time"
)

// An Item is a container or a volume of a project, of any on an engine.
type Item struct {
	Kind    ThingKind // AContainer or AVolume
	Project string
	Labels  map[string]string
	State   State // of a container
	Created time.Time
	Ports   []Port
	Size    int64 // in bytes: of what a container has written, or of a volume; -1 is not known
}

// An Environment is a project on an engine, as its containers and volumes show it.
type Environment struct {
	Project string
	Profile string // "" is not known
	Folder  string // that it was made from; "" where it has no containers
	Devenv  bool   // devenv has put a label on it that only it puts
	Smoke   bool   // it is a smoke run's
	Running int
	Total   int       // containers
	Created time.Time // of the first container; zero where there is none
	Ports   []Port    // that are published, once each
	Size    int64     // in bytes; -1 is not known
}

// Environments groups items by project, sorted by its name.
func Environments(items []Item) []Environment {
	found := map[string]*Environment{}
	for _, item := range items {
		e := found[item.Project]
		if e == nil {
			e = &Environment{Project: item.Project}
			found[item.Project] = e
		}
		e.add(item)
	}
	var all []Environment
	for _, project := range sortedKeys(found) {
		e := *found[project]
		slices.SortFunc(e.Ports, func(a, b Port) int { return cmp.Compare(a.Published, b.Published) })
		e.Ports = slices.CompactFunc(e.Ports, func(a, b Port) bool { return a.Published == b.Published })
		all = append(all, e)
	}
	return all
}

func (e *Environment) add(item Item) {
	for _, label := range []string{LabelProfile, LabelTarget, LabelOwner} { // others come with images
		e.Devenv = e.Devenv || item.Labels[label] != ""
	}
	e.Smoke = e.Smoke || item.Labels[LabelOwner] != ""
	e.Profile = cmp.Or(e.Profile, item.Labels[LabelProfile])
	if e.Size >= 0 && item.Size >= 0 {
		e.Size += item.Size
	} else {
		e.Size = -1
	}
	if item.Kind != AContainer {
		return
	}
	e.Folder = cmp.Or(e.Folder, item.Labels[LabelFolder])
	e.Total++
	if item.State == Running {
		e.Running++
	}
	if e.Created.IsZero() || item.Created.Before(e.Created) {
		e.Created = item.Created
	}
	for _, p := range item.Ports {
		if p.Published != 0 {
			e.Ports = append(e.Ports, p)
		}
	}
}
