package compose

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// entries reads a tar stream: name, mode, link and content of each entry.
func entries(t *testing.T, u Upload) []string {
	t.Helper()
	var stream bytes.Buffer
	if err := u.Tar(&stream); err != nil {
		t.Fatal(err)
	}
	var all []string
	for r := tar.NewReader(&stream); ; {
		h, err := r.Next()
		if err == io.EOF {
			return all
		}
		text, readErr := io.ReadAll(r)
		if err != nil || readErr != nil || h.Uname+h.Gname != "" || h.Uid != os.Getuid() {
			t.Fatalf("%+v: %v %v", h, err, readErr)
		}
		all = append(all, fmt.Sprintf("%s %o %s%s", h.Name, h.Mode, h.Linkname, text))
	}
}

func TestAFolderIsUploadedWithModesAndLinksAndWithoutWhatIsHidden(t *testing.T) {
	dir := folder(t, "-- a --\nA\n-- lib/b --\nB\n-- lib/x/c --\nC\n-- _build/d --\nD\n-- secret --\nS\n")
	t.Chdir(dir)
	l, err := net.Listen("unix", "socket")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := errors.Join(os.Symlink("/nowhere", "link"), os.Chmod("a", 0o750), os.Chmod("lib", 0o700)); err != nil {
		t.Fatal(err)
	}
	u := Upload{Source: dir, Target: "/app", Hidden: []string{"/app/_build", "/app/lib/x", "/app/secret"}}
	want := []string{"./ 755 ", "a 750 A\n", "lib/ 700 ", "lib/b 644 B\n", "link 777 /nowhere"}
	if diff := cmp.Diff(want, entries(t, u)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if size, err := u.Size(); size != 4 || err != nil {
		t.Errorf("%d bytes, %v", size, err)
	}
}

func TestALinkThatLeadsOutOfItsFolderIsNotUploaded(t *testing.T) {
	dir := folder(t, "-- lib/a --\nA\n")
	for name, link := range map[string]string{
		"up": "..", "lib/far": "../../lib/a", "lib/long": "x/../../../a", "odd": "..a", "lib/root": "..", "lib/b": "../lib/a", "whole": "/etc/a", "self": ".",
	} {
		if err := os.Symlink(link, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	u := Upload{Source: dir, Target: "/app"}
	want := []string{"./ 755 ", "lib/ 755 ", "lib/a 644 A\n", "lib/b 777 ../lib/a", "lib/root 777 ..", "odd 777 ..a", "self 777 .", "whole 777 /etc/a"}
	if diff := cmp.Diff(want, entries(t, u)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, elsewhere, err := u.measure(); err != nil || cmp.Diff([]string{"lib/far", "lib/long", "up"}, elsewhere) != "" {
		t.Errorf("elsewhere: %v, %v", elsewhere, err)
	}
}

func TestAFileIsUploadedUnderTheNameOfItsTarget(t *testing.T) {
	dir := folder(t, "-- a --\nA\n")
	if err := os.Symlink("a", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	u := Upload{Source: filepath.Join(dir, "link"), Target: "/etc/game.conf"}
	if diff := cmp.Diff([]string{"game.conf 644 A\n"}, entries(t, u)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A shrinking is a file that loses its end while it is written.
type shrinking struct {
	bytes.Buffer
	name string
}

func (s *shrinking) Write(p []byte) (int, error) {
	if s.name != "" {
		if err := os.Truncate(s.name, 10); err != nil {
			return 0, err
		}
		s.name = ""
	}
	return s.Buffer.Write(p)
}

func TestAFileThatShrinksMeanwhileIsFilledUp(t *testing.T) {
	dir := folder(t, "")
	name := filepath.Join(dir, "log")
	write(t, name, string(bytes.Repeat([]byte("x"), 100)))
	w := &shrinking{name: name}
	if err := (Upload{Source: name, Target: "/log"}).Tar(w); err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(&w.Buffer)
	if h, err := r.Next(); err != nil || h.Size != 100 {
		t.Fatalf("%+v, %v", h, err)
	}
	if text, err := io.ReadAll(r); err != nil || string(text[:11]) != "xxxxxxxxxx\x00" || len(text) != 100 {
		t.Errorf("%q, %v", text, err)
	}
}

func TestAnUploadThatIsNotThereIsAnError(t *testing.T) {
	u := Upload{Source: filepath.Join(t.TempDir(), "nowhere"), Target: "/a"}
	if _, err := u.Size(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("size: %v", err)
	}
	if err := u.Tar(io.Discard); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("tar: %v", err)
	}
}
