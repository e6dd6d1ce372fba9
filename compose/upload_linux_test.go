package compose

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// unprivileged takes the rights of root over files from the test.
func unprivileged(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	t.Cleanup(func() { syscall.Setfsuid(0) })
	if err := syscall.Setfsuid(65534); err != nil {
		t.Fatal(err)
	}
}

func TestWhatCannotBeReadIsRefusedByName(t *testing.T) {
	dir := folder(t, "-- data/a --\n1\n-- data/pgdata/b --\n2\n-- compose.yaml --\nservices: { game: { image: a, volumes: [ \"./data:/data\" ] } }\n")
	for at := dir; at != os.TempDir(); at = filepath.Dir(at) {
		if err := os.Chmod(at, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p := plan(t, loadFrom(t, Source{ProjectDirectory: dir}), Request{})
	for name, open := range map[string]fs.FileMode{"data/a": 0o644, "data/pgdata": 0o755} {
		closed := filepath.Join(dir, name)
		if err := os.Chmod(closed, 0); err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			unprivileged(t)
			_, err := p.Isolate(universe)
			var fault *FileError
			if !errors.As(err, &fault) || !strings.Contains(err.Error(), closed+": permission denied") || fault.Fix == "" {
				t.Errorf("%v", err)
			}
		})
		if err := os.Chmod(closed, open); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnotherFileSystemIsNotGoneInto(t *testing.T) {
	top, err := os.Stat(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	proc, err := os.Stat("/proc")
	if err != nil {
		t.Skip("there is none here")
	}
	f := found{name: "/x/proc", entry: "proc", info: proc}
	err = f.visited(top, func(f found) error {
		if !f.elsewhere {
			t.Error("it is here")
		}
		return nil
	})
	if err != fs.SkipDir {
		t.Errorf("%v", err)
	}
}
