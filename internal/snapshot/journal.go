package snapshot

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// journalFile is where no snapshot can be.
const journalFile = ".restore.json"

// A Journal says that volumes are being filled from a snapshot. One that is there
// while nobody does so tells of a restore that was interrupted.
type Journal struct {
	Version  int       `json:"version"`
	Snapshot string    `json:"snapshot"`
	Backup   string    `json:"backup,omitempty"`  // the snapshot of what was there before
	Profile  string    `json:"profile,omitempty"` // as which the services ran
	When     time.Time `json:"when"`
	Volumes  []string  `json:"volumes"`            // keys
	Services []string  `json:"services,omitempty"` // that ran before
}

// Journal is that of an unfinished restore, nil where there is none.
func (s Store) Journal() (*Journal, error) {
	text, err := readBounded(s.JournalFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var j Journal
	if err := json.Unmarshal(text, &j); err != nil {
		return nil, fmt.Errorf("%s: %w", s.JournalFile(), err)
	}
	return &j, nil
}

// JournalFile is where the journal is.
func (s Store) JournalFile() string { return filepath.Join(s.Dir, journalFile) }

// Begin writes the journal, for good, before the first volume is touched.
func (s Store) Begin(j Journal) error {
	j.Version = Version
	text, err := json.MarshalIndent(j, "", "  ")
	if err != nil {
		return err
	}
	next := s.JournalFile() + ".next"
	if err := writeSynced(next, append(text, '\n')); err != nil {
		return err
	}
	if err := os.Rename(next, s.JournalFile()); err != nil {
		return err
	}
	return syncDir(s.Dir)
}

// Finish removes the journal, after the last volume is filled.
func (s Store) Finish() error {
	err := os.Remove(s.JournalFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncDir(s.Dir)
}
