package compose

import (
	"archive/tar"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
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
	size, _, err := u.measure()
	return size, err
}

// measure is the size of the upload, and what of the folder is elsewhere, by its name
// there.
func (u Upload) measure() (size int64, elsewhere []string, err error) {
	err = u.walk(func(f found) error {
		if f.elsewhere {
			elsewhere = append(elsewhere, f.entry)
		}
		if !f.info.Mode().IsRegular() {
			return nil
		}
		if size += f.info.Size(); size > MaxUpload {
			return ErrUploadTooLarge
		}
		file, err := os.Open(f.name)
		if err != nil {
			return gone(err)
		}
		return file.Close()
	})
	return size, elsewhere, err
}

// Tar writes the upload as a tar stream. The names of a folder's entries are
// relative to Target, the folder itself being "./"; a file is one entry that is
// called as Target is. Modes, owners and symbolic links are kept. Left out are
// sockets, pipes and devices, relative links that lead out of the folder (engines
// refuse them), what is in other file systems, and what vanishes meanwhile.
func (u Upload) Tar(w io.Writer) error {
	tw := tar.NewWriter(w)
	err := u.walk(func(f found) error { return addTo(tw, f) })
	return cmp.Or(err, tw.Close())
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
func addTo(tw *tar.Writer, f found) error {
	mode := f.info.Mode()
	isLink := mode&fs.ModeSymlink != 0
	if isLink && f.elsewhere || !isLink && !mode.IsDir() && !mode.IsRegular() {
		return nil
	}
	header, err := tar.FileInfoHeader(f.info, f.link)
	if err != nil {
		return err
	}
	header.Name, header.Uname, header.Gname = f.entry, "", ""
	if mode.IsDir() {
		header.Name += "/"
	}
	if !mode.IsRegular() {
		return tw.WriteHeader(header)
	}
	return addFile(tw, f.name, header)
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
