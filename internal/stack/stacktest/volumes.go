package stacktest

import (
	"archive/tar"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"devenv/compose"
	"devenv/internal/stack"
)

var _ stack.Vault = (*Engine)(nil)

// PutFile writes a file of a volume that is there.
func (e *Engine) PutFile(volume, file, text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.volumes[volume].files[file] = text
}

// Files are those of a volume, by path; nil where there is none of the name.
func (e *Engine) Files(volume string) map[string]string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.volumes[volume].files)
}

// NamedVolumes lists the volumes of a project and the containers that mount them.
func (e *Engine) NamedVolumes(_ context.Context, project string) ([]compose.Volume, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []compose.Volume
	for name, v := range e.volumes {
		if v.project == project && v.labels[compose.LabelPrepared] == "" {
			all = append(all, compose.Volume{Key: strings.TrimPrefix(name, project+"_"), Name: name, Project: project, Labels: v.labels, Users: e.usersOf(name)})
		}
	}
	slices.SortFunc(all, func(a, b compose.Volume) int { return cmp.Compare(a.Name, b.Name) })
	return all, e.reachable()
}

// usersOf is called while the engine is locked.
func (e *Engine) usersOf(volume string) []compose.VolumeUser {
	var users []compose.VolumeUser
	for _, c := range e.containers {
		for _, m := range c.model.Volumes {
			if m.Type == "volume" && c.project+"_"+m.Source == volume {
				users = append(users, compose.VolumeUser{Container: c.ID, Name: c.Name, Project: c.project, Service: c.Service, Writes: !m.ReadOnly, State: c.State})
			}
		}
	}
	return users
}

// ReadVolume packs the files of a volume.
func (e *Engine) ReadVolume(ctx context.Context, v compose.Volume, _ compose.Helper, w io.Writer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e.mu.Lock()
	e.calls = append(e.calls, "read "+v.Key)
	files := maps.Clone(e.volumes[v.Name].files)
	err := e.reachable()
	e.mu.Unlock()
	if err != nil {
		return err
	}
	out := tar.NewWriter(w)
	if err := out.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "volume/", Mode: 0o700}); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := out.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "volume/" + name, Size: int64(len(files[name])), Mode: 0o600}); err != nil {
			return err
		}
		if _, err := io.WriteString(out, files[name]); err != nil {
			return err
		}
	}
	return out.Close()
}

// WriteVolume unpacks files into an empty volume; what came before an error stays.
func (e *Engine) WriteVolume(ctx context.Context, v compose.Volume, _ compose.Helper, r io.Reader) error {
	e.mu.Lock()
	e.calls = append(e.calls, "write "+v.Key)
	files := e.volumes[v.Name].files
	err := e.reachable()
	e.mu.Unlock()
	if err == nil && (files == nil || len(files) > 0) {
		err = fmt.Errorf("volume %s is not empty", v.Name)
	}
	if err != nil {
		return err
	}
	for in := tar.NewReader(r); ; {
		h, err := in.Next()
		if err == io.EOF {
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		text, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		if h.Typeflag == tar.TypeReg {
			e.PutFile(v.Name, strings.TrimPrefix(h.Name, "volume/"), string(text))
		}
	}
}

// RenewVolume makes a volume, or empties it.
func (e *Engine) RenewVolume(ctx context.Context, v compose.Volume) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls = append(e.calls, "renew "+v.Key)
	there, ok := e.volumes[v.Name]
	switch {
	case ok && there.project != v.Project:
		return fmt.Errorf("volume %s: belongs to another project", v.Name)
	case len(e.usersOf(v.Name)) > 0:
		return fmt.Errorf("volume %s is in use", v.Name)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	e.volumes[v.Name] = owned{v.Project, v.Labels, map[string]string{}}
	return e.reachable()
}
