package compose

import (
	"cmp"
	"io/fs"
	"os"
	slashpath "path"
	"path/filepath"
	"slices"
	"strings"
)

// A found thing is what an upload has found on this machine.
type found struct {
	name      string // on this machine
	entry     string // in the tar stream
	info      fs.FileInfo
	link      string // where a symbolic link leads
	elsewhere bool   // a link that leads out of the folder, or a folder of another file system
}

// walk visits all that the upload copies, and the links that it does not.
func (u Upload) walk(visit func(found) error) error {
	root, err := filepath.EvalSymlinks(u.Source)
	if err != nil {
		return err
	}
	top, err := os.Stat(root)
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
		f := found{name: name, entry: filepath.ToSlash(rel)}
		if u.hides(slashpath.Join(u.Target, f.entry)) {
			return pass(d)
		}
		if f.info, err = d.Info(); err != nil {
			return gone(err)
		}
		if name == root && !f.info.IsDir() {
			f.entry = slashpath.Base(u.Target)
			return visit(f)
		}
		return f.visited(top, visit)
	})
}

// pass goes on behind what was found.
func pass(d fs.DirEntry) error {
	if d.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// visited visits something in a folder. Another file system is not gone into.
func (f found) visited(top fs.FileInfo, visit func(found) error) error {
	switch mode := f.info.Mode(); {
	case mode&fs.ModeSymlink != 0:
		link, err := os.Readlink(f.name)
		if err != nil {
			return gone(err)
		}
		f.link = filepath.ToSlash(link)
		f.elsewhere = leadsOut(f.entry, f.link)
	case mode.IsDir() && !sameFileSystem(f.info, top):
		f.elsewhere = true
		return cmp.Or(visit(f), fs.SkipDir)
	}
	return visit(f)
}

// leadsOut tells whether a relative link leads out of the folder that it is copied in.
func leadsOut(entry, link string) bool {
	at := slashpath.Join(slashpath.Dir(entry), link)
	return !slashpath.IsAbs(link) && (at == ".." || strings.HasPrefix(at, "../"))
}

func (u Upload) hides(at string) bool {
	return slices.ContainsFunc(u.Hidden, func(hidden string) bool { return at == hidden || isBelow(at, hidden) })
}
