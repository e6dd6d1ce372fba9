package compose

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// folder unpacks a txtar archive to a new folder, called "mud" so that the
// project has a name.
func folder(t testing.TB, archive string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "mud")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		write(t, filepath.Join(dir, f.Name), string(f.Data))
	}
	return dir
}

func write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// load reads the project in an archive.
func load(t testing.TB, archive string) *Project {
	t.Helper()
	return loadFrom(t, Source{ProjectDirectory: folder(t, archive)})
}

// loadFrom reads a project that has no fault.
func loadFrom(t testing.TB, source Source) *Project {
	t.Helper()
	p, err := Load(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// plan makes a plan that has no fault.
func plan(t testing.TB, p *Project, r Request) *Plan {
	t.Helper()
	made, err := p.Plan(r)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// told is an error as a user reads it: each fault a line, with its hint, and
// without the folder of the test.
func told(err error, dir string) string {
	var b strings.Builder
	for _, fault := range flat(err) {
		b.WriteString(strings.ReplaceAll(fault.Error(), dir+"/", "") + "\n")
		var hinter interface{ Hint() string }
		if errors.As(fault, &hinter) && hinter.Hint() != "" {
			b.WriteString("  hint: " + strings.ReplaceAll(hinter.Hint(), dir+"/", "") + "\n")
		}
	}
	return b.String()
}

// flat takes joined errors apart.
func flat(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, flat(e)...)
	}
	return all
}
