package compose

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// A bindKind is what a bind mount finds on this machine.
type bindKind int

const (
	staysBound bindKind = iota // a socket, a device, what the kernel shows
	boundFile
	boundFolder
	boundMissing // Compose would make the folder
)

// A bind is one bind mount of a service.
type bind struct {
	service string
	mount   types.ServiceVolumeConfig
	source  string // where the source really is, its links followed
	kind    bindKind
	copied  bool
}

func (b bind) upload(hidden []string) Upload {
	return Upload{Service: b.service, Source: b.source, Target: b.mount.Target, Hidden: hidden}
}

// binds keeps the services from writing to this machine: a folder becomes a
// volume that is filled with a copy, one for all that mount it, and a file is
// copied into the container. What is only read stays, unless it is a folder that
// another service writes to.
func (is *isolation) binds() {
	all := is.bound()
	folders := map[string][]*bind{}
	for i := range all {
		b := &all[i]
		switch b.kind {
		case boundFolder, boundMissing:
			folders[b.source] = append(folders[b.source], b)
		case boundFile:
			is.file(b)
		}
	}
	var copied []string
	for _, source := range sortedKeys(folders) {
		if slices.ContainsFunc(folders[source], func(b *bind) bool { return !b.mount.ReadOnly || b.kind == boundMissing }) {
			is.copyFolder(folders[source])
			copied = append(copied, source)
		}
	}
	is.noteNested(copied)
	is.noteApart(all)
}

// bound lists the bind mounts of all services, in order.
func (is *isolation) bound() []bind {
	var all []bind
	for _, name := range is.model.ServiceNames() {
		for _, m := range is.model.Services[name].Volumes {
			if m.Type != types.VolumeTypeBind {
				continue
			}
			b := bind{service: name, mount: m, source: filepath.Clean(m.Source)}
			if err := b.look(); err != nil {
				is.uncopied(b, err)
			}
			all = append(all, b)
		}
	}
	return all
}

// look finds out what is mounted. The error is what hinders a copy.
func (b *bind) look() error {
	source, err := filepath.EvalSymlinks(b.source)
	if isKernels(b.source) || err == nil && isKernels(source) {
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		if b.mount.Bind == nil || b.mount.Bind.CreateHostPath {
			b.kind = boundMissing
		}
		return nil // else the engine refuses, and makes nothing
	}
	if err != nil {
		return err
	}
	if isAllOfIt(source) && !b.mount.ReadOnly {
		return errors.New("it is all of this machine")
	}
	info, err := os.Stat(source)
	if err != nil {
		return err
	}
	b.source = source
	switch {
	case info.IsDir():
		b.kind = boundFolder
	case info.Mode().IsRegular():
		b.kind = boundFile
	}
	return nil
}

// isKernels tells what the kernel shows from what is kept; files in /dev/shm are.
func isKernels(source string) bool {
	source = filepath.ToSlash(source)
	return !isBelow(source, "/dev/shm") && slices.ContainsFunc([]string{"/dev", "/proc", "/sys"}, func(folder string) bool {
		return source == folder || isBelow(source, folder)
	})
}

func isAllOfIt(source string) bool { return filepath.Dir(source) == source }

// copyFolder puts a volume in the place of a folder. It is filled through the
// mount that hides the least of it.
func (is *isolation) copyFolder(mounts []*bind) {
	key := is.newVolume(mounts[0].source)
	filler, hidden := -1, []string(nil)
	for i, b := range mounts {
		is.change(b.service, "volumes."+b.mount.Target, "bind "+b.mount.Source, "volume "+key, ownCopy)
		b.copied = true
		is.remount(*b, &types.ServiceVolumeConfig{
			Type: types.VolumeTypeVolume, Source: key, Target: b.mount.Target, ReadOnly: b.mount.ReadOnly,
			Volume: &types.ServiceVolumeVolume{NoCopy: true},
		})
		if below := is.mountedBelow(*b); !b.mount.ReadOnly && (filler < 0 || len(below) < len(hidden)) {
			filler, hidden = i, below
		}
	}
	first := mounts[0]
	if first.kind == boundMissing {
		is.note("service %q: %s does not exist; a smoke run has an empty volume instead", first.service, first.mount.Source)
		return
	}
	is.note("service %q: works on a copy of %s in a smoke run", first.service, first.mount.Source)
	is.add(*mounts[filler], hidden)
}

// unnamable is what the name of a volume cannot have.
var unnamable = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// newVolume adds an empty volume that is called after a folder.
func (is *isolation) newVolume(source string) string {
	base := "copy-" + strings.Trim(unnamable.ReplaceAllString(filepath.Base(source), "-"), "-")
	key := base
	for n := 2; ; n++ {
		if _, taken := is.model.Volumes[key]; !taken {
			break
		}
		key = fmt.Sprintf("%s-%d", base, n)
	}
	if is.model.Volumes == nil {
		is.model.Volumes = types.Volumes{}
	}
	is.model.Volumes[key] = types.VolumeConfig{
		Name:   is.universe.Project + "_" + key,
		Labels: is.labelled("", "volumes."+key+".labels", nil),
	}
	return key
}

// remount puts another mount in the place of a bind, nil: none.
func (is *isolation) remount(b bind, other *types.ServiceVolumeConfig) {
	s := is.model.Services[b.service]
	i := slices.IndexFunc(s.Volumes, func(m types.ServiceVolumeConfig) bool {
		return m.Type == types.VolumeTypeBind && m.Target == b.mount.Target && m.Source == b.mount.Source
	})
	if other == nil {
		s.Volumes = slices.Delete(s.Volumes, i, i+1)
	} else {
		s.Volumes[i] = *other
	}
	is.model.Services[b.service] = s
}

// add plans an upload, if it can be read and is not too large.
func (is *isolation) add(b bind, hidden []string) {
	u := b.upload(hidden)
	_, elsewhere, err := u.measure()
	if err != nil {
		is.uncopied(b, err)
		return
	}
	if len(elsewhere) > 0 {
		is.note("service %q: the copy of %s is without links that lead out of it and what is mounted in it: %s", b.service, b.mount.Source, someOf(elsewhere))
	}
	is.uploads = append(is.uploads, u)
}

// someOf names the first few.
func someOf(names []string) string {
	const few = 3
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}

func (is *isolation) uncopied(b bind, err error) {
	is.fault(b.service, refusal{
		path{"volumes"},
		fmt.Sprintf("a smoke run works on a copy of %s: %s", b.mount.Source, because(err)),
		"mount it read_only, mount only the part of it that the service writes to, or override volumes for the profile",
	})
}

func because(err error) string {
	if errors.Is(err, ErrUploadTooLarge) {
		return "it " + err.Error()
	}
	return err.Error()
}
