package snapshot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Store is the snapshots of one project.
type Store struct {
	Dir string // need not be there
}

const (
	manifestFile = "manifest.json"
	archiveExt   = ".tar.zst"
)

// A Snapshot is one that is there.
type Snapshot struct {
	Manifest
	dir string
}

// Names are those of the snapshots, sorted.
func (s Store) Names() ([]string, error) {
	entries, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && CheckName(e.Name()) == nil {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// List is all snapshots, the oldest first. Those that cannot be read are told by the
// error, beside the others.
func (s Store) List() ([]Manifest, error) {
	names, err := s.Names()
	if err != nil {
		return nil, err
	}
	all := []Manifest{}
	var faults []error
	for _, name := range names {
		one, err := s.Open(name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		all = append(all, one.Manifest)
	}
	slices.SortStableFunc(all, func(a, b Manifest) int { return a.When.Compare(b.When) })
	return all, errors.Join(faults...)
}

// Open reads a manifest. The error is a [Fault] where there is none.
func (s Store) Open(name string) (*Snapshot, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	dir := filepath.Join(s.Dir, name)
	text, err := readBounded(filepath.Join(dir, manifestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, s.unknown(name)
	}
	if err != nil {
		return nil, err
	}
	m, err := Parse(text)
	if err == nil && m.Name != name {
		err = fmt.Errorf("manifest: is that of %q", m.Name)
	}
	if err != nil {
		return nil, fault("remove it with `devenv snapshot remove "+name+"`", "snapshot %q: %w", name, err)
	}
	return &Snapshot{Manifest: m, dir: dir}, nil
}

func (s Store) unknown(name string) error {
	have, err := s.Names()
	if err != nil {
		return err
	}
	if len(have) == 0 {
		return fault("`devenv snapshot save` makes one", "no snapshot %q: the project has none", name)
	}
	return fault("snapshots there: "+strings.Join(have, ", "), "no snapshot %q", name)
}

// Free is a [Fault] where a name cannot be given, or is given already.
func (s Store) Free(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	_, err := os.Lstat(filepath.Join(s.Dir, name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	return fault("choose another name, or remove it with `devenv snapshot remove "+name+"`", "snapshot %q exists already", name)
}

// Remove removes a snapshot, also one that cannot be read.
func (s Store) Remove(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	gone, err := os.MkdirTemp(s.Dir, draftPrefix+"removed-*")
	if errors.Is(err, fs.ErrNotExist) {
		return s.unknown(name)
	}
	if err != nil {
		return err
	}
	defer os.RemoveAll(gone)
	err = os.Rename(filepath.Join(s.Dir, name), filepath.Join(gone, name))
	if errors.Is(err, fs.ErrNotExist) {
		return s.unknown(name)
	}
	return errors.Join(err, os.RemoveAll(gone))
}

// Read is the tar stream of a volume.
func (s *Snapshot) Read(v Volume) (io.ReadCloser, error) { return unpack(s.file(v)) }

func (s *Snapshot) file(v Volume) string { return filepath.Join(s.dir, v.Key+archiveExt) }

// Verify compares each archive with its digest. The error is a [Fault] that names
// those that differ, or that of ctx.
func (s *Snapshot) Verify(ctx context.Context) error {
	var errs []error
	for _, v := range s.Volumes {
		err := verify(ctx, s.file(v), v)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			errs = append(errs, fault("it cannot be restored; `devenv snapshot remove "+s.Name+"` removes it", "snapshot %q: volume %s: %w", s.Name, v.Key, err))
		}
	}
	return errors.Join(errs...)
}

func verify(ctx context.Context, file string, v Volume) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	stop := context.AfterFunc(ctx, func() { f.Close() }) // ends the reading
	defer stop()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	if err != nil {
		return err
	}
	if n != v.Archive || hex.EncodeToString(sum.Sum(nil)) != v.SHA256 {
		return errors.New("the archive is not what was saved")
	}
	return nil
}

func readBounded(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, longestManifest+1))
}
