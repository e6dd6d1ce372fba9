package compose

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A Survey is what an engine knows of a service that is to run as the user: observed.
type Survey struct {
	MapsUsers bool                 // the engine itself makes root of a container somebody else
	User      string               // USER of the image
	Home      []string             // what is in root's home in the image
	Volumes   map[string]MountRoot // by target; one that is not there yet as the image would make it
}

// A MountRoot is the top of a volume.
type MountRoot struct {
	Volume string // that is there already; "" is none
	Owner  int
	Filled bool
	OfRoot bool // some of what is in it belongs to root, as far as that was looked for
}

// Hindrance tells whether a service cannot run as the user after all, and why, for
// people; "" is not worth saying. It reads the folders that the service writes to.
func (a AsUser) Hindrance(s Survey) (why string, hindered bool) {
	if s.MapsUsers {
		return "", true
	}
	if a.Said {
		return "", false
	}
	user, _, _ := strings.Cut(s.User, ":")
	if user == strconv.Itoa(a.Owner.User) {
		return "", true
	}
	if !isRoot(user) {
		return fmt.Sprintf("its image runs as %q", user), true
	}
	for _, find := range []func(Survey) string{a.foreignVolume, a.toolsOfRoot, a.fileOfRoot} {
		if why := find(s); why != "" {
			return why, true
		}
	}
	return "", false
}

func isRoot(user string) bool { return user == "" || user == "0" || user == "root" }

// foreignVolume finds a volume in which the user could not write.
func (a AsUser) foreignVolume(s Survey) string {
	for _, v := range a.Volumes {
		root, ok := s.Volumes[v.Target]
		switch {
		case !ok || root.Owner == a.Owner.User && !root.OfRoot || root.Owner == 0 && !root.Filled:
		case root.Volume == "":
			return fmt.Sprintf("its image fills the volume at %s with files that are not yours", v.Target)
		default:
			return fmt.Sprintf("volume %s has files that are not yours; `devenv down --volumes` removes it", root.Volume)
		}
	}
	return ""
}

// harmlessHome is what the home of root has in images, and nobody else needs.
var harmlessHome = []string{
	".ash_history", ".bash_history", ".bash_logout", ".bashrc", ".cache", ".cshrc", ".erlang.cookie", ".gnupg", ".lesshst", ".npm",
	".profile", ".python_history", ".tcshrc", ".viminfo", ".wget-hsts",
}

func (a AsUser) toolsOfRoot(s Survey) string {
	for _, name := range s.Home {
		if !slices.Contains(harmlessHome, name) {
			return fmt.Sprintf("its image keeps %s in the home of root, where you cannot find it", name)
		}
	}
	return ""
}

// fileOfRoot finds a file in the folders of the service that root has made, as
// containers did before.
func (a AsUser) fileOfRoot(Survey) string {
	for _, b := range a.Binds {
		if name := fileOfRoot(b); name != "" {
			return fmt.Sprintf("%s belongs to root; `sudo chown -R %d:%d %s` makes it yours", name, a.Owner.User, a.Owner.Group, b.Source)
		}
	}
	return ""
}

func fileOfRoot(b BoundFolder) (found string) {
	_ = filepath.WalkDir(b.Source, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return fs.SkipDir // nothing that we may not read is ours to judge
		}
		if slices.Contains(b.Points, name) {
			return skip(d)
		}
		info, err := d.Info()
		if err != nil {
			return nil // it has gone meanwhile
		}
		if uid, ok := ownerOf(info); ok && uid == 0 {
			found = name
			return fs.SkipAll
		}
		return nil
	})
	return found
}

func skip(d fs.DirEntry) error {
	if d.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// MakeFolders makes what would be root's if the engine had to make it: folders that
// are mounted, or that something is mounted at. Where one cannot be made, the engine
// has the last word.
func (a AsUser) MakeFolders() {
	for _, b := range a.Binds {
		for _, name := range slices.Concat([]string{b.Source}, b.Points) {
			_ = os.MkdirAll(name, 0o777)
		}
	}
}

// AsImage is the plan with services running as their images say. The plan is not
// changed.
func (p *Plan) AsImage(services []string) *Plan {
	if len(services) == 0 {
		return p
	}
	plan, model := *p, *p.Model
	model.Services = maps.Clone(p.Model.Services)
	plan.Model, plan.Services = &model, slices.Clone(p.Services)
	undone := map[Change]bool{}
	for i, service := range plan.Services {
		if service.AsUser == nil || !slices.Contains(services, service.Name) {
			continue
		}
		s := model.Services[service.Name]
		s.User = ""
		if service.AsUser.home {
			s.Environment = maps.Clone(s.Environment)
			delete(s.Environment, "HOME")
		}
		model.Services[service.Name] = s
		plan.Services[i].AsUser = nil
		undone[Change{Service: service.Name, Field: "user"}] = true
		undone[Change{Service: service.Name, Field: "environment.HOME"}] = service.AsUser.home
	}
	plan.Changes = slices.DeleteFunc(slices.Clone(p.Changes), func(c Change) bool { return undone[Change{Service: c.Service, Field: c.Field}] })
	return &plan
}

// AsUsers names the services that run as the user, in order.
func (p *Plan) AsUsers() []string {
	var names []string
	for _, s := range p.Services {
		if s.AsUser != nil {
			names = append(names, s.Name)
		}
	}
	return names
}
