package dockerfile

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const gameDockerfile = `ARG BASE=scratch
FROM $BASE AS builder
COPY mix.* /app/
COPY --exclude=*.md apps /app/apps
COPY link /app/
RUN <<DONE
echo one
DONE
COPY <<EOF /app/motd
welcome
EOF
FROM scratch AS other
COPY other /
FROM scratch AS docs
COPY docs /docs
RUN --mount=type=bind,source=tools,target=/tools true
FROM scratch AS runner
COPY --from=builder /app /app
COPY --from=1 /other /other
`

// contextDir is a build context of many files; each test changes one thing.
func contextDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"Dockerfile": gameDockerfile, "mix.exs": "1", "mix.lock": "2", "apps/a/mix.exs": "3", "apps/b/deep/er.ex": "4",
		"other": "5", "docs/index.md": "6", "tools/x": "7", "unused": "8", "linked": "9", "ignored/secret": "0",
		".dockerignore": "ignored\napps/**/*.tmp\n!apps/a/keep.tmp\n", "apps/a/x.tmp": "t", "apps/a/keep.tmp": "k",
	} {
		put(t, dir, name, text)
	}
	link(t, dir, "linked")
	return dir
}

// digest reads the Dockerfile of a context and the digest of a target.
func digest(t *testing.T, dir, target string) string {
	t.Helper()
	f, err := Read(filepath.Join(dir, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := f.Digest(t.Context(), dir, target, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The digest of a target is another exactly when something that goes into the
// target has changed.
func TestDigest(t *testing.T) {
	tests := map[string]struct {
		change func(t *testing.T, dir string)
		other  bool
	}{
		"nothing":                       {func(*testing.T, string) {}, false},
		"a time of modification":        {touch, false},
		"an ignored file":               {file("ignored/secret", "new"), false},
		"an ignored file in a folder":   {file("apps/a/x.tmp", "new"), false},
		"a file nobody copies":          {file("unused", "new"), false},
		"a file of another stage":       {file("docs/index.md", "new"), false},
		"a mounted file of another":     {file("tools/x", "new"), false},
		"the text of another stage":     {edit("RUN --mount", "RUN echo\nRUN --mount"), false},
		"a comment":                     {edit("FROM scratch AS docs", "# why\nFROM scratch AS docs"), false},
		"a copied file":                 {file("mix.exs", "new"), true},
		"a copied file, of one size":    {file("mix.exs", "0"), true},
		"a file that a pattern finds":   {file("mix.new", ""), true},
		"a file deep in a folder":       {file("apps/b/deep/er.ex", "new"), true},
		"a new file in a folder":        {file("apps/c", ""), true},
		"an empty folder in a folder":   {func(t *testing.T, dir string) { ok(t, os.Mkdir(dir+"/apps/empty", 0o755)) }, true},
		"an exception of the ignored":   {file("apps/a/keep.tmp", "new"), true},
		"a file of a stage copied from": {file("other", "new"), true},
		"what a link leads to":          {file("linked", "new"), true},
		"where a link leads":            {func(t *testing.T, dir string) { remove(t, dir, "link"); link(t, dir, "unused") }, true},
		"the mode of a file":            {func(t *testing.T, dir string) { ok(t, os.Chmod(dir+"/mix.exs", 0o755)) }, true},
		"a file is gone":                {func(t *testing.T, dir string) { remove(t, dir, "apps/a/mix.exs") }, true},
		"what is ignored":               {file(".dockerignore", "ignored\napps/b\n"), true},
		"the Dockerfile's own ignore":   {file("Dockerfile.dockerignore", "apps\n"), true},
		"the text of a needed stage":    {edit("COPY link /app/", "COPY link /app/\nRUN true"), true},
		"the text of a heredoc":         {edit("welcome", "go away"), true},
		"the text of a script":          {edit("echo one", "echo two"), true},
		"a default of an argument":      {edit("BASE=scratch", "BASE=alpine"), true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := contextDir(t)
			before := digest(t, dir, "runner")
			test.change(t, dir)
			if other := digest(t, dir, "runner") != before; other != test.other {
				t.Errorf("another digest: %v, want %v", other, test.other)
			}
		})
	}
}

// file is a change of one file, edit one of the Dockerfile.
func file(name, text string) func(*testing.T, string) {
	return func(t *testing.T, dir string) { put(t, dir, name, text) }
}

func edit(old, text string) func(*testing.T, string) {
	return file("Dockerfile", strings.Replace(gameDockerfile, old, text, 1))
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, name)
	ok(t, os.MkdirAll(filepath.Dir(name), 0o755))
	ok(t, os.WriteFile(name, []byte(text), 0o644))
}

func link(t *testing.T, dir, to string) {
	t.Helper()
	ok(t, os.Symlink(to, filepath.Join(dir, "link")))
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	ok(t, os.Remove(filepath.Join(dir, name)))
}

func touch(t *testing.T, dir string) {
	then := time.Unix(1e9, 0)
	for _, name := range []string{"mix.exs", "apps", "apps/a/mix.exs"} {
		ok(t, os.Chtimes(filepath.Join(dir, name), then, then))
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestDigestOfTheWholeContext(t *testing.T) {
	dir := contextDir(t)
	put(t, dir, "Dockerfile", "FROM scratch\nCOPY . /\n")
	before := digest(t, dir, "")
	put(t, dir, "ignored/secret", "new")
	if digest(t, dir, "") != before {
		t.Error("an ignored file counts")
	}
	put(t, dir, "unused", "new")
	if digest(t, dir, "") == before {
		t.Error("a file does not count")
	}
}

// Build arguments and what the caller adds count; a copied thing that is not
// there is for the builder to tell.
func TestDigestOfWhatIsGiven(t *testing.T) {
	f := parse(t, "ARG BASE=a\nFROM a AS a\nCOPY missing /\nFROM b AS b\nFROM $BASE\n")
	b := "b"
	seen := map[string]string{}
	for name, given := range map[string]struct {
		args map[string]*string
		salt string
	}{
		"nothing": {}, "a salt": {salt: "x"}, "an argument": {args: map[string]*string{"BASE": &b}},
	} {
		d, err := f.Digest(t.Context(), t.TempDir(), "", given.args, []byte(given.salt))
		ok(t, err)
		if other, is := seen[d]; is {
			t.Errorf("%s is like %s", name, other)
		}
		seen[d] = name
	}
}

// What a newer syntax copies is not known, so all of the context counts, and
// the text of the instruction too.
func TestDigestOfANewerSyntax(t *testing.T) {
	dir := contextDir(t)
	seen := map[string]bool{}
	for _, text := range []string{"COPY --new mix.exs /", "COPY --new mix.lock /", "COPY --new <<DONE /\n1\nDONE", "COPY --new <<DONE /\n2\nDONE"} {
		put(t, dir, "Dockerfile", "# syntax=docker/dockerfile:1-labs\nFROM scratch\n"+text+"\n")
		seen[digest(t, dir, "")] = true
	}
	put(t, dir, "unused", "new")
	seen[digest(t, dir, "")] = true
	if len(seen) != 5 {
		t.Errorf("%d digests of 5 images", len(seen))
	}
}

func TestDigestFaults(t *testing.T) {
	f := parse(t, "FROM a\nCOPY mix.exs /\n")
	gone := filepath.Join(t.TempDir(), "gone")
	if _, err := f.Digest(t.Context(), gone, "", nil, nil); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), gone) {
		t.Errorf("a context that is gone: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := contextDir(t)
	if _, err := f.Digest(ctx, dir, "", nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: %v", err)
	}
	put(t, dir, ".dockerignore", "[")
	if _, err := f.Digest(t.Context(), dir, "", nil, nil); err == nil {
		t.Error("a bad pattern is no fault")
	}
}
