package compose

import (
	slashpath "path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// noteNested tells of folders that were one within the other and are no longer.
func (is *isolation) noteNested(sources []string) {
	for _, outer := range sources {
		for _, inner := range sources {
			if isBelow(filepath.ToSlash(inner), filepath.ToSlash(outer)) {
				is.note("%s and %s are copied apart: what a smoke run writes to one is not seen in the other", outer, inner)
			}
		}
	}
}

// noteApart tells of services that do not see any more what another one writes:
// they read what is on this machine, or have a copy of their own.
func (is *isolation) noteApart(all []bind) {
	told := map[[2]string]bool{}
	for _, w := range all {
		if !w.copied || w.mount.ReadOnly {
			continue
		}
		for _, r := range all {
			pair := [2]string{w.service + " " + w.source, r.service + " " + r.source}
			if !parted(w, r) || told[pair] || told[[2]string{pair[1], pair[0]}] {
				continue
			}
			told[pair] = true
			reads := "reads " + r.mount.Source + " of this machine"
			if r.copied {
				reads = "has a copy of " + r.mount.Source + " of its own"
			}
			is.note("service %q: %s in a smoke run, without what service %q writes to its copy of %s", r.service, reads, w.service, w.mount.Source)
		}
	}
}

// parted tells whether one service would read what another one writes, and does not.
// Of folders that are both copied, either is one volume, or noteNested tells.
func parted(w, r bind) bool {
	if w.service == r.service || r.kind == staysBound || isAllOfIt(r.source) {
		return false
	}
	if w.copied && r.copied && w.kind != boundFile && r.kind != boundFile {
		return false
	}
	one, other := filepath.ToSlash(w.source), filepath.ToSlash(r.source)
	return one == other || isBelow(one, other) || isBelow(other, one)
}

// noteReach tells by what services reach out of every universe.
func (is *isolation) noteReach() {
	for _, name := range is.model.ServiceNames() {
		s := is.model.Services[name]
		var reach []string
		for _, shared := range []struct{ key, value string }{
			{"pid", s.Pid}, {"ipc", s.Ipc}, {"uts", s.Uts}, {"userns_mode", s.UserNSMode}, {"cgroup", s.Cgroup},
		} {
			if shared.value == "host" {
				reach = append(reach, shared.key+": host")
			}
		}
		if s.Privileged {
			reach = append(reach, "privileged: true")
		}
		if s.UseAPISocket {
			reach = append(reach, "use_api_socket: true")
		}
		for _, m := range s.Volumes {
			if isEngineSocket(m) {
				reach = append(reach, "the engine by "+m.Source)
			}
		}
		if len(reach) > 0 {
			is.note("service %q: reaches outside of its universe: %s", name, strings.Join(reach, ", "))
		}
	}
}

// isEngineSocket tells whether an engine can be asked through a mount.
func isEngineSocket(m types.ServiceVolumeConfig) bool {
	sockets := []string{"docker.sock", "podman.sock", "containerd.sock"}
	at := []string{filepath.Base(m.Source), slashpath.Base(m.Target)}
	return m.Type == types.VolumeTypeBind && slices.ContainsFunc(at, func(name string) bool { return slices.Contains(sockets, name) })
}
