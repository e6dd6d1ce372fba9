package worktree_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"devenv/internal/worktree"

	"github.com/google/go-cmp/cmp"
)

const game = "game/5556/tcp"

func assign(t *testing.T, b worktree.Book, e worktree.Entry, taken func(string, uint16) bool, move bool, wanted ...string) map[string]uint16 {
	t.Helper()
	ports, err := b.Assign(e, wanted, move, taken)
	if err != nil {
		t.Fatal(err)
	}
	return ports
}

func only(protocol string, port uint16) func(string, uint16) bool {
	return func(p string, n uint16) bool { return p == protocol && n == port }
}

func TestPortsDependOnFolderServiceAndPort(t *testing.T) {
	var b worktree.Book
	here, there := worktree.Entry{Folder: "/src/mud", Name: "mud"}, worktree.Entry{Folder: "/src/mud2", Name: "mud"}
	first := assign(t, b, here, nil, false, game, "game/5559/tcp", "web/5556/tcp")
	if diff := cmp.Diff(first, assign(t, b, here, nil, false, "web/5556/tcp", "game/5559/tcp", game)); diff != "" {
		t.Errorf("another time, others:\n%s", diff)
	}
	seen := map[uint16]bool{}
	for key, port := range first {
		if port < worktree.FirstPort || port > worktree.LastPort || seen[port] {
			t.Errorf("%s has %d", key, port)
		}
		seen[port] = true
	}
	if second := assign(t, b, there, nil, false, game); second[game] == first[game] {
		t.Errorf("two folders have %d", second[game])
	}
}

func TestAPortThatIsTakenIsPassedOver(t *testing.T) {
	here := worktree.Entry{Folder: "/src/mud", Name: "mud"}
	port := assign(t, worktree.Book{}, here, nil, false, game)[game]
	next := port + 1
	if port == worktree.LastPort {
		next = worktree.FirstPort
	}
	remembered := here
	remembered.Ports = map[string]uint16{game: port}
	other := worktree.Book{Entries: []worktree.Entry{{Folder: "/src/other", Name: "mud", Ports: map[string]uint16{"bot/1/tcp": port}}}}
	tests := map[string]struct {
		book  worktree.Book
		entry worktree.Entry
		taken func(string, uint16) bool
		move  bool
		want  uint16
	}{
		"by a program":                                  {entry: here, taken: only("tcp", port), want: next},
		"by another worktree that may not be up":        {book: other, entry: here, want: next},
		"but not by another protocol":                   {entry: here, taken: only("udp", port), want: port},
		"but not where it is remembered":                {entry: remembered, taken: only("tcp", port), want: port},
		"also where it is remembered and may move":      {entry: remembered, taken: only("tcp", port), move: true, want: next},
		"what is remembered does not move without need": {entry: remembered, move: true, want: port},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := assign(t, test.book, test.entry, test.taken, test.move, game)[game]; got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
	if got := assign(t, worktree.Book{}, remembered, nil, false, "web/80/tcp"); got[game] != port {
		t.Errorf("what is not wanted now is forgotten: %v", got)
	}
	if _, err := other.Assign(here, []string{game}, false, func(string, uint16) bool { return true }); err == nil {
		t.Error("found a port where none is free")
	}
}

func TestTheNameOfAProject(t *testing.T) {
	dir := t.TempDir()
	main, linked := filepath.Join(dir, "mud"), filepath.Join(dir, "feature")
	write(t, filepath.Join(main, ".git", "HEAD"), "")
	write(t, filepath.Join(linked, ".git"), "gitdir: "+main+"/.git/worktrees/feature\n")
	write(t, filepath.Join(linked, "game", "compose.yaml"), "")
	write(t, filepath.Join(dir, "module", ".git"), "gitdir: "+main+"/.git/modules/module\n")
	held := worktree.Book{Entries: []worktree.Entry{{Folder: main, Name: "mud", Project: "mud"}}}
	tests := map[string]struct {
		book           worktree.Book
		folder, holder string
		want           string
	}{
		"is its own where nobody has it":                     {folder: main, want: "mud"},
		"stays that of containers made from here":            {folder: linked, holder: linked, want: "mud"},
		"has a suffix in a linked git worktree":              {folder: linked, want: "mud-"},
		"and in a folder of one":                             {folder: filepath.Join(linked, "game"), want: "mud-"},
		"has none in a submodule":                            {folder: filepath.Join(dir, "module"), want: "mud"},
		"has a suffix where another folder is on record":     {book: held, folder: filepath.Join(dir, "copy"), want: "mud-"},
		"also where containers were made from here":          {book: held, folder: filepath.Join(dir, "copy"), holder: filepath.Join(dir, "copy"), want: "mud-"},
		"has a suffix where another folder's containers run": {folder: main, holder: "/elsewhere", want: "mud-"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := test.book.ProjectName(test.folder, "mud", test.holder)
			if suffix, ok := strings.CutPrefix(got, test.want); !ok || len(suffix) != map[string]int{"mud-": 4}[test.want] {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTwoFoldersOfTheSameSuffixGetALongerOne(t *testing.T) {
	var b worktree.Book
	short := b.ProjectName("/src/copy", "mud", "/src/mud")
	b.Put(worktree.Entry{Folder: "/src/other", Name: "mud", Project: short})
	if got := b.ProjectName("/src/copy", "mud", "/src/mud"); len(got) != len(short)+4 || !strings.HasPrefix(got, short) {
		t.Errorf("got %q beside %q", got, short)
	}
}

func TestAFileRemembers(t *testing.T) {
	file := worktree.File(filepath.Join(t.TempDir(), "devenv", "ports.json"))
	here := worktree.Entry{Folder: "/src/mud", Name: "mud", Project: "mud-1a2b", Choice: "auto", Ports: map[string]uint16{game: 20001}}
	change(t, file, func(b *worktree.Book) { b.Put(worktree.Entry{Folder: here.Folder, Name: here.Name}); b.Put(here) })
	change(t, file, func(b *worktree.Book) { b.Put(worktree.Entry{Folder: "/gone", Name: "mud", Project: "mud"}) })
	book, err := file.Read()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]worktree.Entry{here}, book.Entries); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := file.Change(func(b *worktree.Book) error { b.Entries = nil; return errors.New("no") }); err == nil {
		t.Error("an error was lost")
	}
	if book, _ := file.Read(); len(book.Entries) != 1 {
		t.Errorf("changed after an error: %+v", book)
	}
	if left, _ := filepath.Glob(string(file) + ".*"); len(left) != 1 {
		t.Errorf("left beside it: %q", left)
	}
}

func TestABrokenFileIsNamedAndLeftAsItIs(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":           "{",
		"no port":           `{"version":1,"worktrees":[{"ports":{"game/1/tcp":70000}}]}`,
		"a later version":   `{"version":2}`,
		"nothing in a file": "",
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "ports.json")
			write(t, file, text)
			err := worktree.File(file).Change(func(*worktree.Book) error { return nil })
			var broken *worktree.BrokenError
			if !errors.As(err, &broken) || !strings.Contains(err.Error(), file) || broken.Hint() == "" {
				t.Errorf("got %v", err)
			}
			if after, _ := os.ReadFile(file); string(after) != text {
				t.Errorf("is now %q", after)
			}
		})
	}
}

func TestChangesAtTheSameMomentAreAllKept(t *testing.T) {
	file := worktree.File(filepath.Join(t.TempDir(), "ports.json"))
	const many = 20
	done := make(chan error, many)
	for i := range many {
		go func() {
			done <- file.Change(func(b *worktree.Book) error {
				ports, err := b.Assign(worktree.Entry{Folder: "/src/mud"}, []string{game}, false, nil)
				b.Put(worktree.Entry{Folder: "/src", Name: strings.Repeat("m", i+1), Ports: ports})
				return err
			})
		}()
	}
	for range many {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	book, err := file.Read()
	seen := map[uint16]bool{}
	for _, e := range book.Entries {
		seen[e.Ports[game]] = true
	}
	if len(book.Entries) != many || len(seen) != many || err != nil {
		t.Errorf("%d entries with %d ports, %v", len(book.Entries), len(seen), err)
	}
}

func change(t *testing.T, file worktree.File, do func(*worktree.Book)) {
	t.Helper()
	if err := file.Change(func(b *worktree.Book) error { do(b); return nil }); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}
