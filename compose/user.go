package compose

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// The values of x-devenv.user.
const (
	userHost  = "host"  // the user of this machine
	userImage = "image" // whom the image says
)

// An AsUser is a service that runs as the user of this machine, so that the files it
// makes are theirs.
type AsUser struct {
	Owner   Owner
	Said    bool            // by x-devenv.user, and so under all conditions
	Binds   []BoundFolder   // of the user, to which it writes
	Volumes []MountedVolume // to which it writes

	home bool // HOME is devenv's
}

// A BoundFolder is a folder of this machine that a container has.
type BoundFolder struct {
	Source string
	Target string
	Points []string // folders of this machine below it, at which something else is mounted
}

// A MountedVolume is a volume that a container has.
type MountedVolume struct {
	Name   string // by which the engine calls it; "" for an anonymous one
	Target string
}

// For is the project as this user of the machine works on it. The zero value is root,
// for whom nothing changes. It shares all else with the project.
func (p *Project) For(user Owner) *Project {
	mine := *p
	mine.user = user
	return &mine
}

// user reads x-devenv.user of a service.
func (d *decoder) user(p path, m map[string]any) string {
	return d.oneOf(p, m, "user", userHost, userImage)
}

// foldersOf reads who owns the folders of the project that are mounted, by number. Of one that
// is not there it is the owner of the folder in which it would be made.
func foldersOf(model *types.Project) map[string]int {
	owners := map[string]int{}
	for _, s := range model.AllServices() {
		for _, m := range s.Volumes {
			if m.Type != types.VolumeTypeBind || !isWithin(m.Source, model.WorkingDir) {
				continue
			}
			if owner, ok := folderOwner(m.Source); ok {
				owners[filepath.Clean(m.Source)] = owner
			}
		}
	}
	return owners
}

func isWithin(name, folder string) bool {
	name, folder = filepath.ToSlash(filepath.Clean(name)), filepath.ToSlash(filepath.Clean(folder))
	return name == folder || isBelow(name, folder)
}

// folderOwner is not ok for what is no folder.
func folderOwner(name string) (owner int, ok bool) {
	info, err := os.Stat(name)
	if os.IsNotExist(err) && filepath.Dir(name) != name {
		return folderOwner(filepath.Dir(name))
	}
	if err != nil || !info.IsDir() {
		return 0, false
	}
	return ownerOf(info)
}

// runAsUser has services run as the user. That they can is for the engine to say,
// which knows image and volumes; see [AsUser.Hindrance].
func (pl *planner) runAsUser() {
	pl.users = map[string]*AsUser{}
	owner := pl.project.user
	if owner.User == 0 {
		return
	}
	for _, name := range pl.model.ServiceNames() {
		s := pl.model.Services[name]
		a := &AsUser{Owner: owner, Said: pl.project.settings.Services[name].User == userHost}
		a.Binds = pl.writtenFolders(s, owner)
		if s.User != "" || !a.Said && !pl.mayRunAsUser(s, a.Binds) {
			continue
		}
		a.Volumes = pl.writtenVolumes(s)
		cause := "what it makes in folders of yours is yours, if its image and volumes allow it"
		if a.Said {
			cause = extension + ".user of the service"
		}
		s.User = fmt.Sprintf("%d:%d", owner.User, owner.Group)
		pl.change(name, "user", "", s.User, cause)
		pl.setHome(&s, a)
		pl.users[name] = a
		pl.model.Services[name] = s
	}
}

// mayRunAsUser tells whether a service whose author says nothing is to run as the
// user.
func (pl *planner) mayRunAsUser(s types.ServiceConfig, folders []BoundFolder) bool {
	return pl.project.settings.Services[s.Name].User != userImage &&
		slices.Contains(pl.project.settings.lineage(pl.profile), "dev") &&
		s.Labels[LabelProfile] != "" && !s.ReadOnly && len(folders) > 0
}

// setHome gives a user whom the image does not know a home to write to.
func (pl *planner) setHome(s *types.ServiceConfig, a *AsUser) {
	if _, said := s.Environment["HOME"]; said {
		return
	}
	home := "/tmp"
	s.Environment = maps.Clone(s.Environment)
	if s.Environment == nil {
		s.Environment = types.MappingWithEquals{}
	}
	s.Environment["HOME"], a.home = &home, true
	pl.change(s.Name, "environment.HOME", "", home, "the image has no home for you")
}

// writtenFolders are the folders of the user to which a service writes.
func (pl *planner) writtenFolders(s types.ServiceConfig, owner Owner) []BoundFolder {
	var all []BoundFolder
	for _, m := range s.Volumes {
		if uid, ok := pl.variant.folders[filepath.Clean(m.Source)]; m.Type == types.VolumeTypeBind && !m.ReadOnly && ok && uid == owner.User {
			all = append(all, BoundFolder{Source: filepath.Clean(m.Source), Target: m.Target, Points: pl.pointsBelow(s, m)})
		}
	}
	return all
}

// pointsBelow lists the folders of this machine at which something is mounted below
// a bind mount.
func (pl *planner) pointsBelow(s types.ServiceConfig, bind types.ServiceVolumeConfig) []string {
	var targets []string
	for _, m := range s.Volumes {
		_, folder := pl.variant.folders[filepath.Clean(m.Source)]
		if m.Type != types.VolumeTypeBind || folder {
			targets = append(targets, m.Target)
		}
	}
	for _, t := range s.Tmpfs {
		target, _, _ := strings.Cut(t, ":")
		targets = append(targets, target)
	}
	var points []string
	for _, t := range targets {
		if isBelow(t, bind.Target) {
			points = append(points, filepath.Join(bind.Source, filepath.FromSlash(strings.TrimPrefix(t, bind.Target))))
		}
	}
	slices.Sort(points)
	return points
}

// writtenVolumes are the volumes to which a service writes.
func (pl *planner) writtenVolumes(s types.ServiceConfig) []MountedVolume {
	var all []MountedVolume
	for _, m := range s.Volumes {
		if m.Type == types.VolumeTypeVolume && !m.ReadOnly {
			all = append(all, MountedVolume{Name: pl.model.Volumes[m.Source].Name, Target: m.Target})
		}
	}
	return all
}
