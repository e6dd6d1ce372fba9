package compose

import (
	"cmp"
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

// A Volume is a named volume of a project: observed.
type Volume struct {
	Key     string // by which the compose file calls it
	Name    string // by which the engine does
	Project string
	Driver  string
	Options map[string]string
	Labels  map[string]string
	Users   []VolumeUser // containers that mount it, also those that do not run, by name
}

// A VolumeUser is a container of any project that mounts a volume.
type VolumeUser struct {
	Container string // ID
	Name      string
	Project   string // "" outside Compose
	Service   string // "" also for a one-off container
	Writes    bool   // it is not mounted for reading only
	State     State
}

// Running tells whether its processes may be at work.
func (u VolumeUser) Running() bool { return u.State == Running || u.State == Restarting }

// A DeclaredVolume is a named volume as the files say it, of any profile.
type DeclaredVolume struct {
	Key      string
	Name     string
	External bool // belongs to somebody else
}

// Volumes are the named volumes that the files declare, by key; with a profile's
// override, one may have two names.
func (p *Project) Volumes() []DeclaredVolume {
	all := map[DeclaredVolume]bool{}
	add := func(model *types.Project) {
		for key, v := range model.Volumes {
			all[DeclaredVolume{Key: key, Name: v.Name, External: bool(v.External)}] = true
		}
	}
	add(p.base.model)
	for _, variant := range p.variants {
		add(variant.model)
	}
	return slices.SortedFunc(maps.Keys(all), func(a, b DeclaredVolume) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Name, b.Name))
	})
}

// A Helper is a container that is made of an image, and never started, so that an
// engine can be asked for what is in a volume.
type Helper struct {
	Image   string            // reference or ID; must be there
	Project string            // of its own, by which it can be taken down
	Labels  map[string]string // such as [LabelOwner]
}
