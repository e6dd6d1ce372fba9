package compose

import (
	"archive/tar"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	slashpath "path"
	"path/filepath"
	"slices"
	"strings"
)

// An Upload is a file or folder of this machine of which a container gets a copy
// before it starts.
type Upload struct {
	Service string
	Source  string   // on this machine, absolute
	Target  string   // in the container
	Hidden  []string // paths in the container, below Target, at which something else is mounted: not copied
}

// MaxUpload is how many bytes an upload may have.
const MaxUpload = 1 << 30

// ErrUploadTooLarge is an upload of more than [MaxUpload] bytes.
var ErrUploadTooLarge = errors.New("holds more than 1 GiB")

// Size is the sum of the sizes of the files in bytes. The error names a file that
// cannot be read, or is [ErrUploadTooLarge] as soon as that is known.
func (u Upload) Size() (int64, error) {
	var size int64
	err := u.walk(func(name, _ string, info fs.FileInfo) error {
		if !info.Mode().IsRegular() {
			return nil
		}
		if size += info.Size(); size > MaxUpload {
			return ErrUploadTooLarge
		}
		file, err := os.Open(name)
		if err != nil {
			return gone(err)
		}
		return file.Close()
	})
	return size, err
}

// Tar writes the upload as a tar stream. The names of a folder's entries are
// relative to Target, the folder itself being "./"; a file is one entry that is
// called as Target is. Modes, owners and symbolic links are kept; sockets, pipes
// and devices are left out, and so is what vanishes meanwhile.
func (u Upload) Tar(w io.Writer) error {
	tw := tar.NewWriter(w)
	err := u.walk(func(name, entry string, info fs.FileInfo) error { return addTo(tw, name, entry, info) })
	return cmp.Or(err, tw.Close())
}

// walk visits all that the upload copies: name on this machine and name in the
// tar stream.
func (u Upload) walk(visit func(name, entry string, info fs.FileInfo) error) error {
	root, err := filepath.EvalSymlinks(u.Source)
	if err != nil {
		return err
	}
	return filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return gone(err)
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		if at := slashpath.Join(u.Target, filepath.ToSlash(rel)); u.hides(at) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return gone(err)
		}
		if name == root && !info.IsDir() {
			return visit(name, slashpath.Base(u.Target), info)
		}
		return visit(name, filepath.ToSlash(rel), info)
	})
}

func (u Upload) hides(at string) bool {
	return slices.ContainsFunc(u.Hidden, func(hidden string) bool { return at == hidden || isBelow(at, hidden) })
}

// gone takes a file that somebody has removed meanwhile for no error.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// addTo writes one entry. Names of users are left out: those of this machine are
// none of the container's.
func addTo(tw *tar.Writer, name, entry string, info fs.FileInfo) error {
	link := ""
	switch mode := info.Mode(); {
	case mode&fs.ModeSymlink != 0:
		target, err := os.Readlink(name)
		if err != nil {
			return gone(err)
		}
		link = filepath.ToSlash(target)
	case !mode.IsDir() && !mode.IsRegular():
		return nil
	}
	header, err := tar.FileInfoHeader(info, link)
	if err != nil {
		return err
	}
	header.Name, header.Uname, header.Gname = entry, "", ""
	if info.IsDir() {
		header.Name += "/"
	}
	if !info.Mode().IsRegular() {
		return tw.WriteHeader(header)
	}
	return addFile(tw, name, header)
}

// addFile writes a file with the size that it had when it was found, whatever
// becomes of it meanwhile.
func addFile(tw *tar.Writer, name string, header *tar.Header) error {
	file, err := os.Open(name)
	if err != nil {
		return gone(err)
	}
	defer file.Close()
	if err := tw.WriteHeader(header); err != nil {
		return err
	}
	n, err := io.Copy(tw, io.LimitReader(file, header.Size))
	if err != nil {
		return err
	}
	_, err = io.CopyN(tw, zeros{}, header.Size-n)
	return err
}

// zeros is what a file has that has become shorter.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// isBelow tells whether a path in a container is within a folder there.
func isBelow(name, folder string) bool {
	return name != folder && strings.HasPrefix(name, strings.TrimSuffix(folder, "/")+"/")
}

func sortedUploads(uploads []Upload) []Upload {
	slices.SortFunc(uploads, func(a, b Upload) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Target, b.Target))
	})
	return uploads
}
