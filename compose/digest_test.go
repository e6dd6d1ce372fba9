package compose

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const digested = `
-- compose.yaml --
services:
  game:
    build: { context: ., args: { A: "1" } }
    ports: [ { target: 4000, published: "4000", app_protocol: telnet } ]
  inline: { build: { context: ./src, dockerfile_inline: "FROM scratch\nCOPY . ." } }
-- Dockerfile --
FROM scratch AS builder
COPY src /src
CMD run
FROM scratch AS runner
COPY --from=builder /src /src
COPY only-runner /
-- src/game.ex --
one
-- only-runner --
one
`

func digestOf(t *testing.T, p *Project, r Request, service string) string {
	t.Helper()
	made := plan(t, p, r)
	s, ok := made.Service(service)
	if !ok {
		t.Fatalf("no service %s", service)
	}
	digest, err := made.Digest(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

func TestDigestOfAService(t *testing.T) {
	dir := folder(t, digested)
	read := func() *Project { return loadFrom(t, Source{ProjectDirectory: dir}) }
	first := digestOf(t, read(), Request{}, "game")
	if !strings.HasPrefix(first, "sha256:") {
		t.Fatalf("digest %q", first)
	}
	if again := digestOf(t, read(), Request{}, "game"); again != first {
		t.Error("the digest is another, and nothing has changed")
	}
	moved := filepath.Join(t.TempDir(), "mud")
	if err := os.CopyFS(moved, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if there := digestOf(t, loadFrom(t, Source{ProjectDirectory: moved}), Request{}, "game"); there != first {
		t.Error("the digest is another in another folder")
	}
	if prod := digestOf(t, read(), Request{Profile: "prod"}, "game"); prod == first {
		t.Error("two targets have one digest")
	}
	write(t, dir+"/only-runner", "two")
	if other := digestOf(t, read(), Request{}, "game"); other != first {
		t.Error("a file that another target copies counts")
	}
	write(t, dir+"/compose.yaml", strings.Replace(readFile(t, dir+"/compose.yaml"), `A: "1"`, `A: "2"`, 1))
	if args := digestOf(t, read(), Request{}, "game"); args == first {
		t.Error("a build argument does not count")
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Where only the builder can tell, the digest is empty.
func TestDigestIsUnknown(t *testing.T) {
	for name, build := range map[string]string{
		"of a remote context":        `https://github.com/mud/mud.git`,
		"with more contexts":         `{ context: ., additional_contexts: { more: ./src } }`,
		"where no cache may be used": `{ context: ., no_cache: true }`,
		"where images are pulled":    `{ context: ., pull: true }`,
	} {
		t.Run(name, func(t *testing.T) {
			p := load(t, "-- compose.yaml --\nservices: { game: { build: "+build+" }, db: { image: a } }\n-- Dockerfile --\nFROM scratch\nCMD x\n")
			if got := digestOf(t, p, Request{}, "game"); got != "" {
				t.Errorf("digest %s", got)
			}
			if got := digestOf(t, p, Request{}, "db"); got != "" {
				t.Errorf("digest %s of an image", got)
			}
		})
	}
}

func TestDigestWithoutAContext(t *testing.T) {
	dir := folder(t, digested)
	p := loadFrom(t, Source{ProjectDirectory: dir})
	if err := os.RemoveAll(dir + "/src"); err != nil {
		t.Fatal(err)
	}
	made := plan(t, p, Request{})
	s, _ := made.Service("inline")
	_, err := made.Digest(t.Context(), s)
	if err == nil || !strings.Contains(told(err, dir), `service "inline": read build context `) || !strings.Contains(told(err, dir), "hint: check build.context") {
		t.Errorf("error %v", err)
	}
}
