package snapshot

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// exported is a snapshot as a file, taken apart.
func exported(t testing.TB, data []byte) []piece {
	t.Helper()
	snap, err := saved(t, "one", data).Open("one")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := snap.Export(&b); err != nil {
		t.Fatal(err)
	}
	var all []piece
	for in := tar.NewReader(&b); ; {
		h, err := in.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, piece{name: h.Name, text: string(text)})
	}
}

// together is a file of pieces.
func together(t testing.TB, pieces []piece) []byte {
	t.Helper()
	whole := packed(t, pieces...)
	return whole[512:] // without the folder of a volume
}

func TestWhatIsExportedIsImported(t *testing.T) {
	data := packed(t, piece{name: "volume/room", text: "a dark room"})
	pieces := exported(t, data)
	s := Store{Dir: filepath.Join(t.TempDir(), "tavern")}
	m, err := s.Import(bytes.NewReader(together(t, pieces)), "", "tavern", "m/b/1/2/3")
	if err != nil || m.Name != "one" || m.Project != "tavern" {
		t.Fatalf("%+v, %v", m, err)
	}
	if _, err := s.Import(bytes.NewReader(together(t, pieces)), "two", "tavern", "m/b/1/2/3"); err != nil {
		t.Fatal(err)
	}
	snap, err := s.Open("two")
	if err != nil {
		t.Fatal(err)
	}
	if err := snap.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	var f *Fault
	if _, err := s.Import(bytes.NewReader(together(t, pieces)), "two", "tavern", "m/b/1/2/3"); !errors.As(err, &f) || !strings.Contains(err.Error(), "exists already") {
		t.Errorf("fault is %v", err)
	}
}

// edit replaces words of the manifest.
func edit(from, to string) func([]piece) []piece {
	return func(all []piece) []piece {
		all[0].text = strings.Replace(all[0].text, from, to, 1)
		return all
	}
}

func TestForeignFilesAreRefusedAndLeaveNothing(t *testing.T) {
	room := piece{name: "volume/room", text: "a dark room"}
	tests := map[string]struct {
		holds []piece
		spoil func([]piece) []piece
		fault string
	}{
		"an unknown version":         {spoil: edit(`"version": 1`, `"version": 7`), fault: "format version 7 is not known here"},
		"no manifest":                {spoil: func(all []piece) []piece { return all[1:] }, fault: `want the file manifest.json, have "world.tar.zst"`},
		"nothing":                    {spoil: func([]piece) []piece { return nil }, fault: "there is no manifest.json"},
		"a lost volume":              {spoil: func(all []piece) []piece { return all[:1] }, fault: "there is no world.tar.zst"},
		"one volume too many":        {spoil: func(all []piece) []piece { return append(all, piece{name: "more.tar.zst"}) }, fault: "something follows the last volume"},
		"another digest":             {spoil: func(all []piece) []piece { all[1].text = "x" + all[1].text[1:]; return all }, fault: "has another digest than in the manifest"},
		"another size":               {spoil: func(all []piece) []piece { all[1].text += "x"; return all }, fault: "in the manifest"},
		"more bytes than it claims":  {spoil: edit(`"bytes": 11`, `"bytes": 10`), fault: "holds more than its manifest says"},
		"fewer bytes than it claims": {spoil: edit(`"bytes": 11`, `"bytes": 12`), fault: "and the manifest says 1 of 12"},
		"fewer files than it claims": {spoil: edit(`"files": 1`, `"files": 2`), fault: "the manifest says 2 of 11"},
		"a device":                   {holds: []piece{{name: "volume/sda", kind: tar.TypeBlock}}, fault: "holds devices"},
		"a path that leaves": {spoil: func(all []piece) []piece {
			all[1].name = "../world.tar.zst"
			return all
		}, fault: `have "../world.tar.zst"`},
		"a link in place of a volume": {spoil: func(all []piece) []piece {
			all[1] = piece{name: "world.tar.zst", kind: tar.TypeSymlink}
			return all
		}, fault: "want the file world.tar.zst"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.holds == nil {
				tt.holds = []piece{room}
			}
			pieces := exported(t, packed(t, tt.holds...))
			if tt.spoil != nil {
				pieces = tt.spoil(pieces)
			}
			s := Store{Dir: filepath.Join(t.TempDir(), "mud")}
			var f *Fault
			if _, err := s.Import(bytes.NewReader(together(t, pieces)), "", "mud", "m/b/1/2/3"); !errors.As(err, &f) || !strings.Contains(err.Error(), tt.fault) {
				t.Errorf("fault is %v, want %q", err, tt.fault)
			}
			if left, _ := os.ReadDir(s.Dir); len(left) > 0 {
				t.Errorf("left are %v", left)
			}
		})
	}
}

func TestAFileThatBreaksOffIsRefused(t *testing.T) {
	whole := together(t, exported(t, packed(t, piece{name: "volume/room", text: strings.Repeat("a dark room", 100)})))
	for _, n := range []int{0, 100, 512, 700, 1100, 1540, 1600} {
		s := Store{Dir: filepath.Join(t.TempDir(), "mud")}
		if _, err := s.Import(bytes.NewReader(whole[:n]), "", "mud", "m/b/1/2/3"); err == nil {
			t.Errorf("%d of %d bytes are taken", n, len(whole))
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add(together(f, exported(f, packed(f, piece{name: "volume/room", text: "a dark room"}))))
	f.Fuzz(func(t *testing.T, file []byte) {
		dir := t.TempDir()
		s := Store{Dir: filepath.Join(dir, "mud")}
		m, err := s.Import(bytes.NewReader(file), "", "mud", "m/b/1/2/3")
		if beside, _ := os.ReadDir(dir); len(beside) > 1 {
			t.Errorf("there is %v", beside)
		}
		if err != nil {
			return
		}
		snap, err := s.Open(m.Name)
		if err != nil {
			t.Fatalf("what was taken cannot be read: %v", err)
		}
		if err := snap.Verify(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
