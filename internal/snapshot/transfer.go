package snapshot

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Export writes the snapshot as one tar: the manifest, and then the archives in
// its order.
func (s *Snapshot) Export(w io.Writer) error {
	text, err := s.marshal()
	if err != nil {
		return err
	}
	out := tar.NewWriter(w)
	if err := s.put(out, manifestFile, int64(len(text)), bytes.NewReader(text)); err != nil {
		return err
	}
	for _, v := range s.Volumes {
		f, err := os.Open(s.file(v))
		if err != nil {
			return err
		}
		err = s.put(out, v.Key+archiveExt, v.Archive, f)
		f.Close()
		if err != nil {
			return fmt.Errorf("volume %s: %w", v.Key, err)
		}
	}
	return out.Close()
}

func (s *Snapshot) put(out *tar.Writer, name string, size int64, r io.Reader) error {
	err := out.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: s.When, Format: tar.FormatPAX})
	if err != nil {
		return err
	}
	_, err = io.CopyN(out, r, size)
	return err
}

// Import reads what Export wrote, which is foreign, as a snapshot of this project;
// an empty name leaves it its own. All of it is checked before it is one.
func (s Store) Import(r io.Reader, name, project, owner string) (Manifest, error) {
	in := tar.NewReader(r)
	m, err := importManifest(in)
	if err != nil {
		return m, fault(notExported, "import: %w", err)
	}
	if name != "" {
		m.Name = name
	}
	if err := s.Free(m.Name); err != nil {
		return m, err
	}
	m.Project = project
	draft, err := s.Draft(owner)
	if err != nil {
		return m, err
	}
	defer draft.Discard()
	for _, v := range m.Volumes {
		if err := draft.importVolume(in, v); err != nil {
			return m, fault(notExported, "import: volume %s: %w", v.Key, err)
		}
	}
	if _, err := in.Next(); err != io.EOF {
		return m, fault(notExported, "import: something follows the last volume")
	}
	return m, draft.Commit(m)
}

const notExported = "want a whole file that `devenv snapshot export` has written"

func importManifest(in *tar.Reader) (Manifest, error) {
	h, err := next(in, manifestFile)
	if err != nil {
		return Manifest{}, err
	}
	if h.Size > longestManifest {
		return Manifest{}, fmt.Errorf("manifest: %d bytes", h.Size)
	}
	text, err := io.ReadAll(io.LimitReader(in, longestManifest+1))
	if err != nil {
		return Manifest{}, err
	}
	return Parse(text)
}

// next is the next file, which must be of that name. No other name is used for
// anything, so that none can lead out of the folder.
func next(in *tar.Reader, name string) (*tar.Header, error) {
	h, err := in.Next()
	if err == io.EOF {
		return nil, fmt.Errorf("there is no %s", name)
	}
	if err != nil {
		return nil, err
	}
	if h.Typeflag != tar.TypeReg || h.Name != name {
		return nil, fmt.Errorf("want the file %s, have %q", name, h.Name)
	}
	return h, nil
}

func (d *Draft) importVolume(in *tar.Reader, v Volume) error {
	h, err := next(in, v.Key+archiveExt)
	if err != nil {
		return err
	}
	if h.Size != v.Archive {
		return fmt.Errorf("is %d bytes, and %d in the manifest", h.Size, v.Archive)
	}
	file := filepath.Join(d.dir, v.Key+archiveExt)
	if err := copyVerified(file, in, v); err != nil {
		return err
	}
	return inspectForeign(file, v)
}

// copyVerified writes a file and compares its digest.
func copyVerified(file string, r io.Reader, v Volume) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, sum), r)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != v.SHA256 {
		return errors.New("has another digest than in the manifest")
	}
	return nil
}

// inspectForeign looks into an archive that somebody else has made.
func inspectForeign(file string, v Volume) error {
	r, err := unpack(file)
	if err != nil {
		return err
	}
	defer r.Close()
	found, err := inspect(r, v)
	switch {
	case err != nil:
		return err
	case found.devices > 0:
		return errors.New("archive: holds devices")
	case found.files != v.Files || found.bytes != v.Bytes:
		return fmt.Errorf("archive: holds %d files of %d bytes, and the manifest says %d of %d", found.files, found.bytes, v.Files, v.Bytes)
	}
	return nil
}
