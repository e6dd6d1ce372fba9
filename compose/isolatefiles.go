package compose

import (
	slashpath "path"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// file copies a file that a service may write to, where a copy can be put; else the
// file stays, for reading.
func (is *isolation) file(b *bind) {
	if b.mount.ReadOnly {
		return
	}
	if cause := is.closed(*b); cause != "" {
		is.change(b.service, "volumes."+b.mount.Target+".read_only", "false", "true", cause)
		is.note("service %q: reads %s and cannot write to it in a smoke run, since no copy of it can be made: %s", b.service, b.mount.Source, cause)
		only := b.mount
		only.ReadOnly = true
		is.remount(*b, &only)
		return
	}
	is.change(b.service, "volumes."+b.mount.Target, "bind "+b.mount.Source, "", ownCopy)
	is.note("service %q: writes to a copy of %s in a smoke run", b.service, b.mount.Source)
	is.add(*b, nil)
	is.remount(*b, nil)
	b.copied = true
}

// closed tells why a container that has not started takes no file where the bind is
// mounted, "" where it does.
func (is *isolation) closed(b bind) string {
	at, cause := "/", ""
	if is.model.Services[b.service].ReadOnly {
		cause = "the container is read_only"
	}
	for _, m := range is.covers(b.service) {
		if isBelow(b.mount.Target, m.target) && len(m.target) >= len(at) {
			at, cause = m.target, m.closed
		}
	}
	return cause
}

// A cover is what lies over a folder of a container.
type cover struct{ target, closed string }

// covers are the mounts of a service, as the author wrote them.
func (is *isolation) covers(service string) []cover {
	const memory, reading, here = "its folder is in memory", "its folder is only read", "its folder is one of this machine"
	all := []cover{{"/dev", memory}, {"/proc", memory}, {"/sys", memory}}
	s := is.plan.Model.Services[service]
	for _, t := range s.Tmpfs {
		target, _, _ := strings.Cut(t, ":")
		all = append(all, cover{slashpath.Clean(target), memory})
	}
	for _, m := range s.Volumes {
		c := cover{target: slashpath.Clean(m.Target)}
		b := bind{mount: m, source: m.Source}
		switch {
		case m.Type == types.VolumeTypeTmpfs:
			c.closed = memory
		case m.ReadOnly || m.Type == types.VolumeTypeImage:
			c.closed = reading
		case m.Type == types.VolumeTypeBind && (b.look() != nil || b.kind == staysBound):
			c.closed = here
		}
		all = append(all, c)
	}
	return all
}

// mountedBelow lists the paths below a mount at which the author has something
// else mounted, files that are copied too.
func (is *isolation) mountedBelow(b bind) []string {
	s := is.plan.Model.Services[b.service]
	var targets []string
	for _, m := range s.Volumes {
		targets = append(targets, m.Target)
	}
	for _, t := range s.Tmpfs {
		target, _, _ := strings.Cut(t, ":")
		targets = append(targets, target)
	}
	for _, secret := range s.Secrets {
		targets = append(targets, fileTarget("/run/secrets", secret.Target, secret.Source))
	}
	for _, config := range s.Configs {
		targets = append(targets, fileTarget("/", config.Target, config.Source))
	}
	for i := range targets {
		targets[i] = slashpath.Clean(targets[i])
	}
	targets = slices.DeleteFunc(targets, func(t string) bool { return !isBelow(t, b.mount.Target) })
	slices.Sort(targets)
	return slices.Compact(targets)
}

// fileTarget is where Compose puts a secret or config.
func fileTarget(folder, target, source string) string {
	if target == "" {
		target = source
	}
	if slashpath.IsAbs(target) {
		return target
	}
	return slashpath.Join(folder, target)
}
