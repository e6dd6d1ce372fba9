// Package snapshot keeps the data of volumes on this machine: a folder for each
// snapshot, with a manifest and one archive for each volume.
//
// It knows no engine: what is in a volume comes and goes as a tar stream. A snapshot
// is whole or not there; what an interrupt has left is a folder with a dot, which
// [Store.Sweep] removes.
package snapshot

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"time"
)

// Version is that of the format that is written.
const Version = 1

// A Manifest says what is in a snapshot.
type Manifest struct {
	Version  int               `json:"version"`
	Name     string            `json:"name"`
	Project  string            `json:"project"`
	Profile  string            `json:"profile,omitempty"`
	Services map[string]Target `json:"services,omitempty"` // that had a container
	Commit   string            `json:"commit,omitempty"`   // of git, in the project's folder
	Dirty    bool              `json:"dirty,omitempty"`    // something there was not committed
	When     time.Time         `json:"when"`
	Engine   string            `json:"engine"`
	Volumes  []Volume          `json:"volumes"`
}

// A Target is what a service ran as.
type Target struct {
	Profile string `json:"profile,omitempty"`
	Target  string `json:"target,omitempty"`
}

// A Volume is one volume of a snapshot. Sizes are in bytes.
type Volume struct {
	Key     string `json:"key"`   // by which the compose file calls it
	Name    string `json:"name"`  // by which the engine did
	Files   int64  `json:"files"` // folders, links and all else, too
	Bytes   int64  `json:"bytes"` // of what is in the files
	Archive int64  `json:"archive_bytes"`
	SHA256  string `json:"sha256"` // of the archive, in hex
}

// Bytes are those of all volumes.
func (m Manifest) Bytes() int64 {
	sum := int64(0)
	for _, v := range m.Volumes {
		sum += v.Bytes
	}
	return sum
}

// Fault is a snapshot that cannot be used as the user wants to, or a name that
// cannot be meant.
type Fault struct {
	Err error
	Fix string
}

func (f *Fault) Error() string { return f.Err.Error() }

func (f *Fault) Unwrap() error { return f.Err }

// Hint says what to do about it.
func (f *Fault) Hint() string { return f.Fix }

func fault(fix, format string, args ...any) *Fault {
	return &Fault{Err: fmt.Errorf(format, args...), Fix: fix}
}

var (
	validName    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	validKey     = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)
	validProject = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,127}$`)
)

// CheckName is a [Fault] for what cannot be the name of a snapshot.
func CheckName(name string) error {
	if validName.MatchString(name) {
		return nil
	}
	return fault("use letters, digits, dots, dashes and underscores, at most 64, a letter or digit first", "%q is no name of a snapshot", name)
}

// What a manifest may claim.
const (
	longestManifest = 1 << 20
	mostVolumes     = 1000
	mostBytes       = 1 << 44 // of a volume
	mostFiles       = 1 << 32
)

// Parse reads a manifest, which may be foreign.
func Parse(text []byte) (Manifest, error) {
	var version struct {
		Version int `json:"version"`
	}
	if len(text) > longestManifest {
		return Manifest{}, fmt.Errorf("manifest: longer than %d bytes", longestManifest)
	}
	if err := json.Unmarshal(text, &version); err != nil {
		return Manifest{}, fmt.Errorf("manifest: %w", err)
	}
	if version.Version != Version {
		return Manifest{}, fmt.Errorf("manifest: format version %d is not known here, only %d is", version.Version, Version)
	}
	var m Manifest
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return Manifest{}, fmt.Errorf("manifest: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return Manifest{}, errors.New("manifest: something follows it")
	}
	if err := m.check(); err != nil {
		return Manifest{}, fmt.Errorf("manifest: %w", err)
	}
	return m, nil
}

func (m Manifest) check() error {
	if err := CheckName(m.Name); err != nil {
		return err
	}
	if !validProject.MatchString(m.Project) {
		return fmt.Errorf("%q is no name of a project", m.Project)
	}
	if len(m.Volumes) > mostVolumes {
		return fmt.Errorf("%d volumes", len(m.Volumes))
	}
	seen := map[string]bool{}
	for _, v := range m.Volumes {
		if seen[v.Key] {
			return fmt.Errorf("volume %q comes twice", v.Key)
		}
		seen[v.Key] = true
		if err := v.check(); err != nil {
			return err
		}
	}
	return nil
}

func (v Volume) check() error {
	digest, err := hex.DecodeString(v.SHA256)
	switch {
	case !validKey.MatchString(v.Key):
		return fmt.Errorf("%q is no name of a volume", v.Key)
	case err != nil || len(digest) != 32:
		return fmt.Errorf("volume %q: %q is no SHA-256", v.Key, v.SHA256)
	case v.Files < 0 || v.Files > mostFiles || v.Bytes < 0 || v.Bytes > mostBytes || v.Archive < 0 || v.Archive > mostBytes:
		return fmt.Errorf("volume %q: claims %d files of %d bytes in %d", v.Key, v.Files, v.Bytes, v.Archive)
	}
	return nil
}

// marshal is the manifest as it is kept.
func (m Manifest) marshal() ([]byte, error) {
	if m.Volumes == nil {
		m.Volumes = []Volume{}
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	return append(text, '\n'), err
}

// anything is no bound for [inspect].
var anything = Volume{Files: math.MaxInt64, Bytes: math.MaxInt64}
