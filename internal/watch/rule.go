// Package watch tells which files of this machine have changed, in bursts.
//
// A [Rule] says which paths count, a [Tree] remembers what the files hold, and a
// [Watcher] listens to the disk. What a change is good for is not known here, nor
// are services and engines.
package watch

import (
	"fmt"
	slashpath "path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/moby/patternmatcher"
)

// Patterns are those of a .dockerignore file: relative to a folder, the last one
// that matches decides, and with "!" it makes an exception.
type Patterns struct {
	Folder string // absolute
	List   []string
}

// A Rule says which files count: a file or what is in a folder, at any depth.
type Rule struct {
	Path    string   // absolute
	Include []string // patterns relative to Path; none is all
	Ignore  []string // patterns relative to Path
	Beside  Patterns // .dockerignore of a build; a file that Path itself names counts all the same
}

// A Matcher is a rule that has been read.
type Matcher struct {
	path    string
	include *patterns // nil is all
	ignore  *patterns
	always  *patterns
	beside  *patterns
	folder  string // of beside
}

// Read patterns may be asked side by side, which the library's own may not. What they
// say of folders is kept, since each file in one is asked about.
type patterns struct {
	*patternmatcher.PatternMatcher
	mu      sync.Mutex
	folders map[string]verdict
}

// A verdict is what patterns say of one path.
type verdict struct {
	matched bool
	info    patternmatcher.MatchInfo // for what is below
}

// alwaysIgnored is what no rule ever means: the records of version control, and
// what editors write beside a file while they save it. The latter is the list of
// docker compose.
var alwaysIgnored = []string{
	"**/.git", "**/.hg", "**/.svn", "**/.bzr", "**/.jj",
	"**/*___jb_old___", "**/*___jb_tmp___", "**/.idea", // JetBrains
	"**/.#*", "**/#*#", // Emacs
	"**/4913", "**/*~", "**/.*.swp", "**/.*.swx", "**/.*.swo", "**/.*.swn", // Vim
	"**/.*.kate-swp",
	"**/*-go-tmp-umask", // Go's tools
}

// Compile reads the patterns of a rule.
func Compile(r Rule) (*Matcher, error) {
	m := &Matcher{path: filepath.Clean(r.Path), folder: r.Beside.Folder}
	var err error
	read := func(list []string) *patterns {
		pm, fault := patternmatcher.New(slices.Clone(list))
		if fault != nil && err == nil {
			err = fmt.Errorf("patterns %q: %w", list, fault)
		}
		return &patterns{PatternMatcher: pm, folders: map[string]verdict{}}
	}
	if len(r.Include) > 0 {
		m.include = read(r.Include)
	}
	m.ignore, m.always, m.beside = read(r.Ignore), read(alwaysIgnored), read(r.Beside.List)
	return m, err
}

// Path is the file or folder of the rule.
func (m *Matcher) Path() string { return m.path }

// Matches tells whether a file counts.
func (m *Matcher) Matches(file string) bool {
	rel, below := relative(m.path, file)
	if !below || m.ignores(file, rel) {
		return false
	}
	return m.include == nil || m.include.match(rel)
}

// ignores tells whether a path is left out, whatever is included.
func (m *Matcher) ignores(file, rel string) bool {
	if m.always.match(rel) || m.ignore.match(rel) {
		return true
	}
	beside, below := relative(m.folder, file)
	return below && file != m.path && m.beside.match(beside)
}

// Leaves tells whether nothing in a folder counts, so that it need not be looked
// into.
func (m *Matcher) Leaves(folder string) bool {
	if _, above := relative(folder, m.path); above {
		return false
	}
	rel, below := relative(m.path, folder)
	if !below || m.always.match(rel) {
		return true
	}
	return m.ignores(folder, rel) && !m.ignore.Exclusions() && !m.beside.Exclusions()
}

// relative is a path as seen from a folder; it is not below where it lies elsewhere.
func relative(folder, path string) (rel string, below bool) {
	if folder == "" {
		return "", false
	}
	rel, err := filepath.Rel(folder, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

// match asks the patterns about a path as a walk from the top would, so that an
// exception below an ignored folder holds.
func (p *patterns) match(rel string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.judge(rel).matched
}

func (p *patterns) judge(rel string) verdict {
	if rel == "." {
		return verdict{}
	}
	folder := slashpath.Dir(rel)
	above, known := p.folders[folder]
	if !known {
		above = p.judge(folder)
		p.folders[folder] = above
	}
	matched, info, err := p.MatchesUsingParentResults(filepath.FromSlash(rel), above.info)
	return verdict{matched && err == nil, info}
}
