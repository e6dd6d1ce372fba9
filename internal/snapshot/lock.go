package snapshot

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// lockFile holds the owner of what is under way.
const lockFile = ".lock"

// Busy is a [Fault] while somebody who is not dead saves or restores.
func (s Store) Busy(dead func(owner string) bool) error {
	holder, err := readBounded(filepath.Join(s.Dir, lockFile))
	if errors.Is(err, fs.ErrNotExist) || err == nil && dead(string(holder)) {
		return nil
	}
	if err != nil {
		return err
	}
	return fault("wait until it has ended", "a snapshot of this project is being saved or restored, so nothing may write to its volumes")
}

// Lock keeps others from saving and restoring at the same time. One that a dead owner
// has left is taken over; that of a living one is a [Fault].
func (s Store) Lock(owner string, dead func(owner string) bool) (unlock func() error, err error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, err
	}
	// A link puts the file there with its text, at once, or not at all.
	mine, err := os.CreateTemp(s.Dir, draftPrefix+"lock-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(mine.Name())
	_, err = mine.WriteString(owner)
	if err := errors.Join(err, mine.Close()); err != nil {
		return nil, err
	}
	lock := filepath.Join(s.Dir, lockFile)
	for range 2 {
		err = os.Link(mine.Name(), lock)
		if !errors.Is(err, fs.ErrExist) {
			break
		}
		if holder, reading := readBounded(lock); reading == nil && dead(string(holder)) {
			os.Remove(lock)
		}
	}
	if errors.Is(err, fs.ErrExist) {
		return nil, fault("wait until it has ended", "another devenv snapshot is at work on this project")
	}
	return func() error { return os.Remove(lock) }, err
}
