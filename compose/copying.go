package compose

import (
	"archive/tar"
	"io"
	"io/fs"
	"os"
	slashpath "path"
	"path/filepath"
)

// A Copying is what a container gets of files of this machine that have changed.
type Copying struct {
	Target string       // where the files belong: a folder, or the only file
	Files  []CopiedFile // to be there
	Gone   []string     // paths in the container, of files and folders, to be there no more
}

// A CopiedFile is one file, or symbolic link.
type CopiedFile struct {
	Source string // on this machine
	Path   string // in the container
}

// Folder is the deepest one of the container that holds the files: that in which
// the entries of Tar lie.
func (c Copying) Folder() string {
	for _, f := range c.Files {
		if f.Path == c.Target {
			return slashpath.Dir(c.Target)
		}
	}
	return c.Target
}

// An Owner is who owns files in a container, by number.
type Owner struct{ User, Group int }

// Tar writes the files as a tar stream, relative to Folder. They keep their modes
// and get an owner; what vanishes meanwhile is left out.
func (c Copying) Tar(w io.Writer, owner Owner) error {
	tw := tar.NewWriter(w)
	for _, f := range c.Files {
		entry, err := filepath.Rel(c.Folder(), f.Path)
		if err != nil {
			return err
		}
		if err := f.addTo(tw, filepath.ToSlash(entry), owner); err != nil {
			return err
		}
	}
	return tw.Close()
}

func (f CopiedFile) addTo(tw *tar.Writer, entry string, owner Owner) error {
	info, err := os.Lstat(f.Source)
	if err != nil {
		return gone(err)
	}
	link := ""
	if info.Mode()&fs.ModeSymlink != 0 {
		if link, err = os.Readlink(f.Source); err != nil {
			return gone(err)
		}
	}
	header, err := tar.FileInfoHeader(info, filepath.ToSlash(link))
	if err != nil {
		return err
	}
	header.Name, header.Uname, header.Gname, header.Uid, header.Gid = entry, "", "", owner.User, owner.Group
	if info.Mode().IsRegular() {
		return addFile(tw, f.Source, header)
	}
	return tw.WriteHeader(header)
}
