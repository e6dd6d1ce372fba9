package compose

import (
	"cmp"
	"slices"
	"time"
)

// A Thing is anything on an engine that can have labels: observed.
type Thing struct {
	Kind    ThingKind
	Name    string
	Project string // "" is none
	Labels  map[string]string
}

// ThingKind is the kind of a thing, in Docker's words.
type ThingKind string

// The kinds of things that a project is made of.
const (
	AContainer ThingKind = "container"
	ANetwork   ThingKind = "network"
	AVolume    ThingKind = "volume"
)

// Remains are the things of one project that carry the same [LabelOwner]. Each
// list is sorted.
type Remains struct {
	Project    string    // "" belongs to none
	Owner      string    // the label as it is
	Started    time.Time // the earliest
	Deadline   time.Time // the latest; zero where none can be read
	Containers []string
	Networks   []string
	Volumes    []string
	Strangers  []string // things of the same project without an owner, such as "volume mud_world"
}

// FindRemains groups the things that have an owner by project and owner, in this
// order. Of the other things it only tells which are in a project with them.
func FindRemains(things []Thing) []Remains {
	type key struct{ project, owner string }
	groups := map[key]*Remains{}
	strangers := map[string][]string{} // by project
	for _, t := range things {
		owner, owned := t.Labels[LabelOwner]
		if !owned {
			strangers[t.Project] = append(strangers[t.Project], string(t.Kind)+" "+t.Name)
			continue
		}
		k := key{t.Project, owner}
		if groups[k] == nil {
			groups[k] = &Remains{Project: t.Project, Owner: owner}
		}
		groups[k].add(t)
	}
	var all []Remains
	for k, group := range groups {
		if k.project != "" {
			group.Strangers = slices.Sorted(slices.Values(strangers[k.project]))
		}
		for _, list := range [][]string{group.Containers, group.Networks, group.Volumes} {
			slices.Sort(list)
		}
		all = append(all, *group)
	}
	slices.SortFunc(all, func(a, b Remains) int {
		return cmp.Or(cmp.Compare(a.Project, b.Project), cmp.Compare(a.Owner, b.Owner))
	})
	return all
}

// add takes a thing in. A time that cannot be read is as none.
func (r *Remains) add(t Thing) {
	started, _ := time.Parse(time.RFC3339, t.Labels[LabelStarted])
	if r.Started.IsZero() || !started.IsZero() && started.Before(r.Started) {
		r.Started = started
	}
	deadline, _ := time.Parse(time.RFC3339, t.Labels[LabelDeadline])
	if deadline.After(r.Deadline) {
		r.Deadline = deadline
	}
	switch t.Kind {
	case AContainer:
		r.Containers = append(r.Containers, t.Name)
	case ANetwork:
		r.Networks = append(r.Networks, t.Name)
	case AVolume:
		r.Volumes = append(r.Volumes, t.Name)
	}
}
