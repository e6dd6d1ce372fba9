package watch

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A disk is a folder that is watched.
type disk struct {
	*testing.T
	*Watcher
	root string
}

func watched(t *testing.T, rule Rule, files ...string) *disk {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &disk{T: t, root: root}
	for _, f := range append(files, "app/a", "app/deep/b") {
		d.save(f, "old")
	}
	rule.Path = filepath.Join(root, rule.Path)
	m, err := Compile(rule)
	if err != nil {
		t.Fatal(err)
	}
	if d.Watcher, err = Open([]*Matcher{m}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d *disk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *disk) path(name string) string { return filepath.Join(d.root, name) }

func (d *disk) save(name, text string) {
	d.Helper()
	d.must(os.MkdirAll(filepath.Dir(d.path(name)), 0o755))
	d.must(os.WriteFile(d.path(name), []byte(text), 0o644))
}

func (d *disk) rename(from, to string) { d.Helper(); d.must(os.Rename(d.path(from), d.path(to))) }

// tells wants the next burst to be these changes; "-" before a name is one that is gone.
func (d *disk) tells(want ...string) {
	d.Helper()
	ctx, cancel := context.WithTimeout(d.Context(), 10*time.Second)
	defer cancel()
	changes, err := d.Next(ctx)
	var got []string
	for _, c := range changes {
		name, _ := filepath.Rel(d.root, c.Path)
		if c.Gone {
			name = "-" + name
		}
		got = append(got, name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		d.Fatalf("%v\n%s", err, diff)
	}
}

func TestChangesOnTheDisk(t *testing.T) {
	app := Rule{Path: "app"}
	tests := map[string]struct {
		rule Rule
		do   func(d *disk)
		want []string
	}{
		"a file is written":         {app, func(d *disk) { d.save("app/a", "new") }, []string{"app/a"}},
		"a file is made":            {app, func(d *disk) { d.save("app/c", "new") }, []string{"app/c"}},
		"a file is deleted":         {app, func(d *disk) { d.must(os.Remove(d.path("app/deep/b"))) }, []string{"-app/deep/b"}},
		"a file gets another mode":  {app, func(d *disk) { d.must(os.Chmod(d.path("app/a"), 0o755)) }, []string{"app/a"}},
		"a file is renamed":         {app, func(d *disk) { d.rename("app/a", "app/z") }, []string{"-app/a", "app/z"}},
		"a folder is deleted":       {app, func(d *disk) { d.must(os.RemoveAll(d.path("app/deep"))) }, []string{"-app/deep/b"}},
		"a folder is renamed":       {app, func(d *disk) { d.rename("app/deep", "app/low") }, []string{"-app/deep/b", "app/low/b"}},
		"folders are made in depth": {app, func(d *disk) { d.save("app/n/e/w/c", "new") }, []string{"app/n/e/w/c"}},
		"a link is made":            {app, func(d *disk) { d.must(os.Symlink("a", d.path("app/link"))) }, []string{"app/link"}},
		"a file is saved by way of another": {app, func(d *disk) {
			d.save("app/.a.swp", "new")
			d.save("app/a~", "new")
			d.must(os.Remove(d.path("app/a~")))
			d.rename("app/.a.swp", "app/a")
		}, []string{"app/a"}},
		"a file that is named itself is replaced": {Rule{Path: "app/a"}, func(d *disk) {
			d.save("app/a.tmp", "new")
			d.rename("app/a.tmp", "app/a")
		}, []string{"app/a"}},
		"a touch is followed by a change": {app, func(d *disk) {
			d.must(os.Chtimes(d.path("app/deep/b"), time.Now(), time.Now()))
			d.save("app/a", "old")
			d.save("app/c", "new")
		}, []string{"app/c"}},
		"an ignored file is followed by a change": {Rule{Path: "app", Ignore: []string{"*.log"}}, func(d *disk) {
			d.save("app/x.log", "new")
			d.save("app/c", "new")
		}, []string{"app/c"}},
		"a file comes and goes before anybody looks": {app, func(d *disk) {
			d.save("app/x", "new")
			d.must(os.Remove(d.path("app/x")))
			d.save("app/c", "new")
		}, []string{"app/c"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := watched(t, tt.rule)
			tt.do(d)
			d.tells(tt.want...)
		})
	}
}

func TestWatchingOutlivesAFolder(t *testing.T) {
	tests := map[string]func(d *disk){
		"that is renamed": func(d *disk) {
			d.rename("app/deep", "app/low")
			d.tells("-app/deep/b", "app/low/b")
			d.save("app/low/b", "new")
			d.tells("app/low/b")
		},
		"whose parent is renamed": func(d *disk) {
			d.save("app/x/y/z", "old")
			d.tells("app/x/y/z")
			d.rename("app/x", "app/z")
			d.tells("-app/x/y/z", "app/z/y/z")
			d.save("app/z/y/z", "new")
			d.tells("app/z/y/z")
		},
		"that comes again": func(d *disk) {
			d.must(os.RemoveAll(d.path("app/deep")))
			d.tells("-app/deep/b")
			d.save("app/deep/b", "new")
			d.tells("app/deep/b")
			d.save("app/deep/b", "newer")
			d.tells("app/deep/b")
		},
		"that is the watched one": func(d *disk) {
			d.must(os.RemoveAll(d.path("app")))
			d.tells("-app/a", "-app/deep/b")
			d.save("app/deep/b", "new")
			d.tells("app/deep/b")
			d.save("app/deep/b", "newer")
			d.tells("app/deep/b")
		},
		"that is swapped for another": func(d *disk) {
			d.save("new/deep/b", "new")
			d.save("new/a", "old")
			d.rename("app", "was")
			d.rename("new", "app")
			d.tells("app/deep/b")
			d.save("app/a", "new")
			d.tells("app/a")
		},
	}
	for name, do := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			do(watched(t, Rule{Path: "app"}))
		})
	}
}

func TestManyFilesAreOneBurst(t *testing.T) {
	d := watched(t, Rule{Path: "app"})
	var want []string
	for i := range 50 {
		name := "app/many/" + string(rune('A'+i))
		d.save(name, "new")
		want = append(want, name)
	}
	d.tells(want...)
}

func TestNextEndsWithItsContext(t *testing.T) {
	d := watched(t, Rule{Path: "app"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Next(ctx); err == nil {
		t.Error("no error")
	}
}
