package snapshot

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// draftPrefix begins the name of a folder that is no snapshot (yet).
const draftPrefix = ".draft-"

// A Draft is a snapshot that is being written.
type Draft struct {
	store Store
	dir   string // "" when it is over
}

// Draft begins a snapshot. Owner is the process to which it belongs, as one line.
func (s Store) Draft(owner string) (*Draft, error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, err
	}
	// The owner is in the name, as that is there at once.
	dir, err := os.MkdirTemp(s.Dir, draftPrefix+strings.ReplaceAll(owner, "/", "=")+"@*")
	return &Draft{store: s, dir: dir}, err
}

// Archive begins the archive of a volume.
func (d *Draft) Archive(key, name string) (*Archive, error) {
	v := Volume{Key: key, Name: name}
	if !validKey.MatchString(key) {
		return nil, fault("", "volume %q: its name cannot be one of a file", key)
	}
	return newArchive(filepath.Join(d.dir, key+archiveExt), v)
}

// Commit makes the draft a snapshot. The name must be free.
func (d *Draft) Commit(m Manifest) error {
	m.Version = Version
	if err := d.store.Free(m.Name); err != nil {
		return err
	}
	text, err := m.marshal()
	if err != nil {
		return err
	}
	if err := writeSynced(filepath.Join(d.dir, manifestFile), text); err != nil {
		return err
	}
	if err := syncDir(d.dir); err != nil {
		return err
	}
	if err := os.Rename(d.dir, filepath.Join(d.store.Dir, m.Name)); err != nil {
		return err
	}
	d.dir = ""
	return syncDir(d.store.Dir)
}

// Discard removes a draft that was not committed.
func (d *Draft) Discard() error {
	if d.dir == "" {
		return nil
	}
	err := os.RemoveAll(d.dir)
	d.dir = ""
	return err
}

// Sweep removes the drafts whose owner is dead, and tells how many there were.
func (s Store) Sweep(dead func(owner string) bool) (int, error) {
	entries, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	errs := []error{err}
	swept := 0
	for _, e := range entries {
		rest, ours := strings.CutPrefix(e.Name(), draftPrefix)
		owner, _, owned := strings.Cut(rest, "@")
		if !ours || owned && !dead(strings.ReplaceAll(owner, "=", "/")) {
			continue
		}
		swept++
		errs = append(errs, os.RemoveAll(filepath.Join(s.Dir, e.Name())))
	}
	return swept, errors.Join(errs...)
}

// writeSynced writes a file that is on the disk for good.
func writeSynced(file string, text []byte) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// syncDir puts the names in a folder on the disk for good. Systems that cannot do
// that say so, and have done what they can.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}
