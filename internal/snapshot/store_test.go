package snapshot

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A piece is an entry of a volume.
type piece struct {
	name, text string
	kind       byte // 0 is a file
}

// packed is a volume as an engine packs it.
func packed(t testing.TB, pieces ...piece) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, p := range append([]piece{{name: "volume/", kind: tar.TypeDir}}, pieces...) {
		h := &tar.Header{Name: p.name, Typeflag: p.kind, Size: int64(len(p.text)), Mode: 0o600}
		if p.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, p.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func archived(d *Draft, key string, data []byte) (Volume, error) {
	a, err := d.Archive(key, "mud_"+key)
	if err != nil {
		return Volume{}, err
	}
	_, err = a.Write(data)
	v, closing := a.Close()
	return v, errors.Join(err, closing)
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// saved is a store with one snapshot of a volume "world".
func saved(t testing.TB, name string, data []byte) Store {
	t.Helper()
	s := Store{Dir: filepath.Join(t.TempDir(), "mud")}
	save(t, s, name, data)
	return s
}

func save(t testing.TB, s Store, name string, data []byte) {
	t.Helper()
	d, err := s.Draft("m/b/1/2/3")
	if err != nil {
		t.Fatal(err)
	}
	v, err := archived(d, "world", data)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Commit(Manifest{Name: name, Project: "mud", When: noon, Volumes: []Volume{v}}); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsSavedIsReadAgain(t *testing.T) {
	data := packed(t, piece{name: "volume/room", text: "a dark room"}, piece{name: "volume/deep/", kind: tar.TypeDir})
	s := saved(t, "one", data)
	snap, err := s.Open("one")
	if err != nil {
		t.Fatal(err)
	}
	v := snap.Volumes[0]
	if v.Files != 2 || v.Bytes != 11 || v.Key != "world" || v.Name != "mud_world" || snap.Version != Version || snap.Bytes() != 11 {
		t.Errorf("it is %+v", snap.Manifest)
	}
	r, err := snap.Read(v)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(got, data) {
		t.Errorf("read %d bytes of %d, %v", len(got), len(data), err)
	}
	if err := snap.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAnArchiveMustBeWholeAndInItsVolume(t *testing.T) {
	whole := packed(t, piece{name: "volume/room", text: "a dark room"})
	tests := map[string]struct {
		data  []byte
		fault string
	}{
		"nothing at all":              {nil, "breaks off"},
		"without its end":             {whole[:len(whole)-1024], "breaks off"},
		"with half of its end":        {whole[:len(whole)-512], "breaks off"},
		"in the middle of a file":     {whole[:512+512+5], "unexpected EOF"},
		"no archive":                  {bytes.Repeat([]byte("x"), 1024), "invalid tar header"},
		"a name beside the volume":    {packed(t, piece{name: "room"}), `"room" is not in the volume`},
		"a name that leads out":       {packed(t, piece{name: "volume/../room"}), "is not in the volume"},
		"a name from the root":        {packed(t, piece{name: "/volume/room"}), "is not in the volume"},
		"a name that only begins so":  {packed(t, piece{name: "volumes/room"}), "is not in the volume"},
		"a volume that is not folder": {packed(t, piece{name: "volume", text: "x"}), "is not in the volume"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := Store{Dir: t.TempDir()}
			d, err := s.Draft("m/b/1/2/3")
			if err != nil {
				t.Fatal(err)
			}
			defer d.Discard()
			if _, err := archived(d, "world", tt.data); err == nil || !strings.Contains(err.Error(), tt.fault) {
				t.Errorf("fault is %v, want %q", err, tt.fault)
			}
		})
	}
}

func TestADraftIsNoSnapshot(t *testing.T) {
	s := Store{Dir: filepath.Join(t.TempDir(), "mud")}
	if names, err := s.Names(); names != nil || err != nil {
		t.Errorf("before there is a folder: %v, %v", names, err)
	}
	living, err := s.Draft("m/b/1/2/3")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Draft("m/b/1/99/3"); err != nil {
		t.Fatal(err)
	}
	if names, err := s.Names(); len(names) > 0 || err != nil {
		t.Errorf("names are %v, %v", names, err)
	}
	swept, err := s.Sweep(func(owner string) bool { return owner == "m/b/1/99/3" })
	if swept != 1 || err != nil {
		t.Errorf("swept %d, %v", swept, err)
	}
	if _, err := os.Stat(living.dir); err != nil {
		t.Errorf("that of a living owner: %v", err)
	}
	if err := living.Discard(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(s.Dir); len(left) > 0 || err != nil {
		t.Errorf("left are %v, %v", left, err)
	}
}

func TestNamesAreGivenOnce(t *testing.T) {
	s := saved(t, "one", packed(t))
	var f *Fault
	if err := s.Free("one"); !errors.As(err, &f) || !strings.Contains(f.Hint(), "remove one") {
		t.Errorf("fault is %v", err)
	}
	d, err := s.Draft("m/b/1/2/3")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Discard()
	if err := d.Commit(Manifest{Name: "one", Project: "mud"}); !errors.As(err, &f) {
		t.Errorf("fault is %v", err)
	}
	if err := s.Remove("one"); err != nil {
		t.Fatal(err)
	}
	if err := s.Free("one"); err != nil {
		t.Error(err)
	}
	if err := s.Remove("one"); !errors.As(err, &f) || !strings.Contains(f.Error(), `no snapshot "one"`) {
		t.Errorf("fault is %v", err)
	}
	if left, err := os.ReadDir(s.Dir); len(left) != 1 || err != nil {
		t.Errorf("left are %v, %v", left, err)
	}
}

func TestNamesThatCannotBe(t *testing.T) {
	for _, name := range []string{"", ".", "..", ".restore.json", "-a", "a/b", `a\b`, "a b", "ä", strings.Repeat("a", 65), "a\n"} {
		if err := CheckName(name); err == nil {
			t.Errorf("%q is taken for a name", name)
		}
	}
	for _, name := range []string{"a", "2026-11-23-1504", "A_b.c-d", strings.Repeat("a", 64)} {
		if err := CheckName(name); err != nil {
			t.Error(err)
		}
	}
}

func TestDamageIsTold(t *testing.T) {
	s := saved(t, "one", packed(t))
	snap, err := s.Open("one")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(s.Dir, "one", "world.tar.zst")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := snap.Verify(t.Context()); err == nil || err.Error() != `snapshot "one": volume world: the archive is not what was saved` {
		t.Errorf("fault is %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := snap.Verify(ended); err != context.Canceled {
		t.Errorf("an interrupt is told as %v", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := snap.Verify(t.Context()); err == nil {
		t.Error("a lost archive is not told")
	}
}

func TestAListTellsWhatItCannotRead(t *testing.T) {
	s := saved(t, "one", packed(t))
	save(t, s, "two", packed(t))
	if err := os.WriteFile(filepath.Join(s.Dir, "one", "manifest.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := s.List()
	if len(all) != 1 || all[0].Name != "two" || err == nil || !strings.Contains(err.Error(), `snapshot "one": manifest`) {
		t.Errorf("list is %+v, %v", all, err)
	}
	if err := s.Remove("one"); err != nil {
		t.Errorf("it cannot be removed: %v", err)
	}
}

func TestAJournalIsThereUntilItIsFinished(t *testing.T) {
	s := saved(t, "one", packed(t))
	if j, err := s.Journal(); j != nil || err != nil {
		t.Errorf("journal is %v, %v", j, err)
	}
	want := Journal{Version: Version, Snapshot: "one", Backup: "two", Profile: "dev", When: noon, Volumes: []string{"world"}, Services: []string{"game"}}
	if err := s.Begin(want); err != nil {
		t.Fatal(err)
	}
	got, err := s.Journal()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Error(diff)
	}
	for range 2 {
		if err := s.Finish(); err != nil {
			t.Fatal(err)
		}
	}
	if j, err := s.Journal(); j != nil || err != nil {
		t.Errorf("journal is %v, %v", j, err)
	}
}
