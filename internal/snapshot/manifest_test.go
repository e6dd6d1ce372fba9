package snapshot

import (
	"encoding/json"
	"strings"
	"testing"
)

const goodManifest = `{"version":1,"name":"one","project":"mud","when":"2026-11-23T12:00:00Z","engine":"e","volumes":[VOLUMES]}`

const goodVolume = `{"key":"world","name":"mud_world","files":1,"bytes":2,"archive_bytes":3,"sha256":"DIGEST"}`

func manifestOf(volumes string) string {
	text := strings.Replace(goodManifest, "VOLUMES", volumes, 1)
	return strings.ReplaceAll(text, "DIGEST", strings.Repeat("0a", 32))
}

func TestAManifestMustBeOne(t *testing.T) {
	good := manifestOf(goodVolume)
	if m, err := Parse([]byte(good)); err != nil || m.Volumes[0].Bytes != 2 {
		t.Fatalf("%+v, %v", m, err)
	}
	tests := map[string]struct{ from, to, fault string }{
		"a later version":           {`"version":1`, `"version":2`, "format version 2 is not known here, only 1 is"},
		"no version":                {`"version":1,`, ``, "format version 0"},
		"no JSON":                   {`{"version"`, `"version"`, "manifest: "},
		"a key that nobody knows":   {`"engine"`, `"engines"`, `unknown field "engines"`},
		"something after it":        {`]}`, `]} {}`, "manifest: "},
		"a name that leads out":     {`"one"`, `"../one"`, `"../one" is no name of a snapshot`},
		"a project that leads out":  {`"mud"`, `".."`, `".." is no name of a project`},
		"a volume that leads out":   {`"world"`, `"../world"`, `"../world" is no name of a volume`},
		"a volume of no name":       {`"world"`, `""`, "is no name of a volume"},
		"a digest that is none":     {strings.Repeat("0a", 32), "0a", "is no SHA-256"},
		"a negative size":           {`"bytes":2`, `"bytes":-2`, "claims 1 files of -2 bytes"},
		"a size that cannot be":     {`"archive_bytes":3`, `"archive_bytes":99999999999999`, "claims"},
		"a size past all numbers":   {`"bytes":2`, `"bytes":99999999999999999999`, "manifest: "},
		"more files than there are": {`"files":1`, `"files":99999999999`, "claims"},
		"too long":                  {`"engine":"e"`, `"engine":"` + strings.Repeat("e", longestManifest) + `"`, "longer than"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(good, tt.from, tt.to, 1)
			if text == good {
				t.Fatal("nothing is changed")
			}
			if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), tt.fault) {
				t.Errorf("fault is %v, want %q", err, tt.fault)
			}
		})
	}
	if _, err := Parse([]byte(manifestOf(goodVolume + "," + goodVolume))); err == nil || !strings.Contains(err.Error(), `volume "world" comes twice`) {
		t.Errorf("fault is %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(manifestOf(goodVolume)))
	f.Add([]byte(manifestOf("")))
	f.Add([]byte(`{"version":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := Parse(text)
		if err != nil {
			return
		}
		for _, v := range m.Volumes {
			if strings.ContainsAny(v.Key, `/\`) || v.Bytes < 0 || v.Archive < 0 || v.Files < 0 {
				t.Errorf("taken: %+v", v)
			}
		}
		again, err := m.marshal()
		if err != nil {
			t.Fatalf("what was taken is refused: %v", err)
		}
		if !json.Valid(again) {
			t.Errorf("no JSON: %s", again)
		}
	})
}
