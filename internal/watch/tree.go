package watch

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Change is a file that is not what it was. A folder is never one: what counts
// is the files in it.
type Change struct {
	Path string // absolute
	Gone bool
}

// A tree is what the files that count held when they were last looked at.
type tree struct {
	matchers []*Matcher
	files    map[string]string // what they held, by path
}

// hashed is the size up to which a file is compared by what it holds. Reading a
// larger one takes longer than handling a change too many.
const hashed = 16 << 20

// newTree looks at all files that count.
func newTree(matchers []*Matcher) *tree {
	t := &tree{matchers: matchers, files: map[string]string{}}
	for _, m := range matchers {
		t.changes([]string{m.path})
	}
	return t
}

// wants tells whether a file counts.
func (t *tree) wants(file string) bool {
	return slices.ContainsFunc(t.matchers, func(m *Matcher) bool { return m.Matches(file) })
}

// leaves tells whether nothing in a folder counts.
func (t *tree) leaves(folder string) bool {
	return !slices.ContainsFunc(t.matchers, func(m *Matcher) bool { return !m.Leaves(folder) })
}

// changes looks at paths, and at all in those that are or were folders, and tells what is
// not as it was, in order.
func (t *tree) changes(paths []string) []Change {
	found := map[string]bool{}
	for _, path := range paths {
		t.known(path, found)
		t.walk(path, nil, func(file string) { found[file] = true })
	}
	var changes []Change
	for file := range found {
		now, was := stateOf(file), t.files[file]
		if now == was {
			continue
		}
		changes = append(changes, Change{Path: file, Gone: now == ""})
		t.files[file] = now
		if now == "" {
			delete(t.files, file)
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	return changes
}

// known adds the files at or below a path that there were.
func (t *tree) known(path string, found map[string]bool) {
	if _, is := t.files[path]; is {
		found[path] = true
		return // nothing is below a file
	}
	below := strings.TrimSuffix(path, string(filepath.Separator)) + string(filepath.Separator)
	for file := range t.files {
		if strings.HasPrefix(file, below) {
			found[file] = true
		}
	}
}

// walk visits the folders at or below a path that may hold something that counts,
// and the files that count. What vanishes meanwhile is passed over.
func (t *tree) walk(path string, folder, file func(string)) {
	_ = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		switch {
		case d == nil:
			return nil
		case d.IsDir() && (t.leaves(name) || err != nil):
			return fs.SkipDir
		case d.IsDir() && folder != nil:
			folder(name)
		case !d.IsDir() && file != nil && t.wants(name):
			file(name)
		}
		return nil
	})
}

// stateOf is what a file holds, with its kind and permissions; "" is nothing that
// counts.
func stateOf(file string) string {
	info, err := os.Lstat(file)
	if err != nil {
		return ""
	}
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		link, _ := os.Readlink(file)
		return "link " + link
	case !info.Mode().IsRegular():
		return ""
	case info.Size() > hashed:
		return fmt.Sprint(info.Mode(), info.Size(), info.ModTime().UnixNano())
	}
	return hashOf(file, info)
}

func hashOf(file string, info fs.FileInfo) string {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Sprint(info.Mode(), " unreadable")
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return fmt.Sprint(info.Mode(), " unreadable")
	}
	return fmt.Sprintf("%v %x", info.Mode(), h.Sum(nil))
}

func isFolder(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}

func isFile(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && !info.IsDir()
}
