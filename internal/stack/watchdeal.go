package stack

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	slashpath "path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"devenv/compose"
	"devenv/internal/watch"
)

// A duty is what the changes of a burst mean for one service.
type duty struct {
	service string
	rebuild []watch.Change
	copies  []copying // in the order of the triggers
	restart []watch.Change
	hooks   []compose.Command
}

// A copying is what one trigger wants copied.
type copying struct {
	compose.Copying
	changes []watch.Change
}

// deal gives each service what it has to do, in the order of their names. A file for
// which a service is rebuilt is in its new image, and nothing else is done about it.
func deal(rules []rule, changes []watch.Change) []*duty {
	duties := map[string]*duty{}
	for _, r := range rules {
		if duties[r.Service] == nil {
			duties[r.Service] = &duty{service: r.Service}
		}
		if r.Rebuild {
			d := duties[r.Service]
			d.rebuild = union(d.rebuild, matching(r, changes))
		}
	}
	for _, r := range rules {
		d := duties[r.Service]
		left := slices.DeleteFunc(matching(r, changes), func(c watch.Change) bool { return slices.Contains(d.rebuild, c) })
		if !r.Rebuild && len(left) > 0 {
			d.add(r, left)
		}
	}
	var all []*duty
	for _, name := range slices.Sorted(maps.Keys(duties)) {
		if d := duties[name]; len(d.rebuild)+len(d.copies)+len(d.restart)+len(d.hooks) > 0 {
			all = append(all, d)
		}
	}
	return all
}

func (d *duty) add(r rule, changes []watch.Change) {
	if r.Target != "" {
		d.copies = append(d.copies, copyingOf(r.Trigger, changes))
	}
	if r.Restart {
		d.restart = union(d.restart, changes)
	}
	if len(r.Hook.Args) > 0 {
		d.hooks = append(d.hooks, r.Hook)
	}
}

func matching(r rule, changes []watch.Change) []watch.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c watch.Change) bool { return !r.Matches(c.Path) })
}

func union(a, b []watch.Change) []watch.Change {
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(a, b watch.Change) int { return cmp.Compare(a.Path, b.Path) })
	return slices.Compact(all)
}

// copyingOf says where in the container the changes belong.
func copyingOf(t compose.Trigger, changes []watch.Change) copying {
	c := copying{Copying: compose.Copying{Target: t.Target}, changes: changes}
	for _, change := range changes {
		if !change.Gone {
			c.Files = append(c.Files, compose.CopiedFile{Source: change.Path, Path: within(t, change.Path)})
			continue
		}
		if top := within(t, gone(t.Path, change.Path)); !slices.Contains(c.Gone, top) {
			c.Gone = append(c.Gone, top)
		}
	}
	return c
}

// within is where in the container a file belongs.
func within(t compose.Trigger, file string) string {
	rel, err := filepath.Rel(t.Path, file)
	if err != nil {
		return t.Target
	}
	return slashpath.Join(t.Target, filepath.ToSlash(rel))
}

// gone is the topmost folder that has gone with a file, below the watched one.
func gone(root, file string) string {
	for folder := filepath.Dir(file); len(folder) > len(root); folder = filepath.Dir(folder) {
		if _, err := os.Lstat(folder); err == nil {
			break
		}
		file = folder
	}
	return file
}

// describe names changes in few words: how many, the first one, and how many of them are
// deletions.
func (w *watching) describe(changes []watch.Change) string {
	name := w.shown(changes[0].Path)
	deleted := 0
	for _, c := range changes {
		if c.Gone {
			deleted++
		}
	}
	switch {
	case len(changes) == 1 && deleted == 1:
		return fmt.Sprintf("1 file (%s, deleted)", name)
	case len(changes) == 1:
		return fmt.Sprintf("1 file (%s)", name)
	case deleted > 0:
		return fmt.Sprintf("%d files (%s, …), %d deleted", len(changes), name, deleted)
	}
	return fmt.Sprintf("%d files (%s, …)", len(changes), name)
}

// shown is a path as people know it.
func (w *watching) shown(file string) string {
	if rel, err := filepath.Rel(w.options.Folder, file); err == nil && !strings.HasPrefix(rel, "..") {
		file = filepath.ToSlash(rel)
	}
	return readable(file)
}

// readable puts text in quotes that could not be read else.
func readable(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}

// watched lists the services that are watched, and the paths.
func (w *watching) watched() string {
	paths := map[string][]string{}
	for _, r := range w.rules {
		if path := w.shown(r.Trigger.Path); !slices.Contains(paths[r.Service], path) {
			paths[r.Service] = append(paths[r.Service], path)
		}
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		all = append(all, fmt.Sprintf("%s (%s)", name, strings.Join(paths[name], ", ")))
	}
	return strings.Join(all, ", ")
}
