// Package worktree remembers, for each folder in which a project is worked on, under
// which name the project runs there and which ports of the host it has. So two
// worktrees of one project can be up at once, each with data and ports of its own
// that stay the same.
package worktree

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The ports that are given away, the last one too.
const (
	FirstPort = 20000
	LastPort  = 29999
)

// A Book is what is remembered.
type Book struct {
	Version int     `json:"version"`
	Entries []Entry `json:"worktrees"`
}

// An Entry is a project in a folder.
type Entry struct {
	Folder  string            `json:"folder"`           // absolute, without links
	Name    string            `json:"name"`             // of the project, as its files say it
	Project string            `json:"project"`          // name under which it runs here
	Choice  string            `json:"choice,omitempty"` // what --ports last said
	Ports   map[string]uint16 `json:"ports,omitempty"`  // of the host, by SERVICE/PORT/PROTOCOL
}

// Find is the entry of a project in a folder; where there is none, a new one that is
// not known.
func (b *Book) Find(folder, name string) (entry Entry, known bool) {
	if i := b.index(folder, name); i >= 0 {
		return b.Entries[i], true
	}
	return Entry{Folder: folder, Name: name}, false
}

func (b *Book) index(folder, name string) int {
	return slices.IndexFunc(b.Entries, func(e Entry) bool { return e.Folder == folder && e.Name == name })
}

// Put remembers an entry in place of the one that there was.
func (b *Book) Put(entry Entry) {
	if i := b.index(entry.Folder, entry.Name); i >= 0 {
		b.Entries[i] = entry
		return
	}
	b.Entries = append(b.Entries, entry)
}

// forget drops what only says that a folder has a name, where the folder is gone.
func (b *Book) forget() {
	b.Entries = slices.DeleteFunc(b.Entries, func(e Entry) bool {
		_, err := os.Stat(e.Folder)
		return len(e.Ports) == 0 && os.IsNotExist(err)
	})
}

// ProjectName is the name under which a project that is not known yet is to run in a
// folder: its own, unless that belongs to another folder. It does where that is on
// record, where the holder, which is the folder whose containers run under it, is
// another one, and where the folder is a linked git worktree, since the main one is
// taken to have it. Then the name gets a suffix that only depends on the folder.
func (b *Book) ProjectName(folder, name, holder string) string {
	if !b.Named(name, folder) && (holder == folder || holder == "" && !Linked(folder)) {
		return name
	}
	sum := sha256.Sum256([]byte(folder))
	suffix := hex.EncodeToString(sum[:])
	for n := 4; n < len(suffix); n += 4 {
		if unique := name + "-" + suffix[:n]; !b.Named(unique, folder) {
			return unique
		}
	}
	return name + "-" + suffix
}

// Named tells whether a project runs under this name in another folder.
func (b *Book) Named(project, folder string) bool {
	return slices.ContainsFunc(b.Entries, func(e Entry) bool { return e.Project == project && e.Folder != folder })
}

// Assign gives each of the wanted ports a number: the one that the entry remembers,
// unless it is taken and may move, else a free one that depends on folder and port.
// What another entry remembers is never free; taken, which may be nil, knows of the
// rest. What is not wanted is remembered all the same.
func (b *Book) Assign(entry Entry, wanted []string, move bool, taken func(protocol string, port uint16) bool) (map[string]uint16, error) {
	ports := map[string]uint16{}
	given := b.given(entry)
	for key, port := range entry.Ports {
		ports[key] = port
		given[slot(key, port)] = true
	}
	isTaken := func(key string, port uint16) bool { return taken != nil && taken(protocol(key), port) }
	for _, key := range slices.Sorted(slices.Values(wanted)) {
		if port := ports[key]; port != 0 && !(move && isTaken(key, port)) {
			continue
		}
		port, err := free(entry.Folder, key, func(port uint16) bool { return given[slot(key, port)] || isTaken(key, port) })
		if err != nil {
			return nil, err
		}
		ports[key] = port
		given[slot(key, port)] = true
	}
	return ports, nil
}

// given are the ports that other entries remember.
func (b *Book) given(but Entry) map[string]bool {
	given := map[string]bool{}
	for _, e := range b.Entries {
		if e.Folder == but.Folder && e.Name == but.Name {
			continue
		}
		for key, port := range e.Ports {
			given[slot(key, port)] = true
		}
	}
	return given
}

func slot(key string, port uint16) string { return fmt.Sprint(protocol(key), port) }

// protocol is the one of SERVICE/PORT/PROTOCOL, after which there may be more.
func protocol(key string) string {
	parts := strings.Split(key, "/")
	if len(parts) < 3 {
		return "tcp"
	}
	return parts[2]
}

// free is the first port that is not taken, from one on that folder and port decide.
func free(folder, key string, taken func(uint16) bool) (uint16, error) {
	const all = LastPort - FirstPort + 1
	hash := fnv.New32a()
	fmt.Fprint(hash, folder, "\x00", strings.TrimSuffix(key, "/"+protocol(key)))
	for i := range uint32(all) {
		port := uint16(FirstPort + (hash.Sum32()%all+i)%all)
		if !taken(port) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("no port from %d to %d is free for %s", FirstPort, LastPort, key)
}

// Linked tells a git worktree that is not the main one, from a folder in it.
func Linked(folder string) bool {
	for {
		text, err := os.ReadFile(filepath.Join(folder, ".git"))
		if err == nil {
			target, isFile := strings.CutPrefix(strings.TrimSpace(string(text)), "gitdir:")
			return isFile && filepath.Base(filepath.Dir(filepath.FromSlash(strings.TrimSpace(target)))) == "worktrees"
		}
		parent := filepath.Dir(folder)
		if _, err := os.Stat(filepath.Join(folder, ".git")); err == nil || parent == folder {
			return false
		}
		folder = parent
	}
}
