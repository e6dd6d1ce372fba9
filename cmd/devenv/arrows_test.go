package main

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows is the picture in compose/doc.go: which packages of ours, and of
// theirs where that is a border, each room may import.
var arrows = map[string]struct{ ours, theirs []string }{
	"devenv/compose":                  {[]string{"internal/conversation", "internal/dockerfile"}, []string{"github.com/compose-spec/compose-go/v2/", "go.yaml.in/yaml/v3"}},
	"devenv/internal/dockerfile":      {nil, []string{"github.com/moby/", "github.com/tonistiigi/fsutil"}},
	"devenv/internal/telnet":          {nil, nil},
	"devenv/internal/owner":           {nil, nil},
	"devenv/internal/procnet":         {nil, nil},
	"devenv/internal/worktree":        {nil, nil},
	"devenv/internal/probe":           {[]string{"internal/telnet"}, nil},
	"devenv/internal/console":         {[]string{"internal/telnet"}, []string{"golang.org/x/text/encoding/charmap"}},
	"devenv/internal/conversation":    {[]string{"internal/telnet"}, []string{"go.yaml.in/yaml/v3"}},
	"devenv/internal/report":          {[]string{"internal/probe", "internal/telnet"}, nil},
	"devenv/internal/watch":           {nil, []string{"github.com/fsnotify/fsnotify", "github.com/moby/patternmatcher"}},
	"devenv/internal/snapshot":        {nil, []string{"github.com/klauspost/compress/zstd"}},
	"devenv/internal/stack":           {[]string{"compose", "internal/conversation", "internal/owner", "internal/probe", "internal/procnet", "internal/report", "internal/snapshot", "internal/watch"}, nil},
	"devenv/internal/stack/stacktest": {[]string{"compose", "internal/stack"}, []string{"github.com/compose-spec/compose-go/v2/"}},
	"devenv/internal/engine":          {[]string{"compose"}, []string{"github.com/compose-spec/compose-go/v2/", "github.com/containerd/errdefs", "github.com/docker/", "github.com/opencontainers/image-spec/", "github.com/sirupsen/logrus", "go.yaml.in/yaml/v3"}},
	"devenv/cmd/devenv":               {[]string{"compose", "internal/console", "internal/conversation", "internal/engine", "internal/owner", "internal/probe", "internal/report", "internal/snapshot", "internal/stack", "internal/telnet", "internal/worktree"}, []string{"github.com/urfave/cli/v2", "golang.org/x/sys/unix", "golang.org/x/term"}},
	"devenv/fixtures/engine":          {nil, nil},
}

type listed struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

func TestArrows(t *testing.T) {
	for _, pkg := range goList(t, "devenv/...") {
		allowed, known := arrows[pkg.ImportPath]
		if !known {
			t.Errorf("%s is in no room; see compose/doc.go", pkg.ImportPath)
			continue
		}
		for _, imported := range pkg.Imports {
			if !allows(allowed.ours, allowed.theirs, imported) {
				t.Errorf("%s imports %s; see compose/doc.go", pkg.ImportPath, imported)
			}
		}
	}
}

func allows(ours, theirs []string, imported string) bool {
	if own, ok := strings.CutPrefix(imported, "devenv/"); ok {
		return slices.Contains(ours, own)
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") {
		return true // the standard library
	}
	return slices.ContainsFunc(theirs, func(prefix string) bool { return strings.HasPrefix(imported, prefix) })
}

func goList(t *testing.T, pattern string) []listed {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Standard", pattern).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var pkg listed
		if err := dec.Decode(&pkg); err != nil {
			t.Fatal(err)
		}
		all = append(all, pkg)
	}
	return all
}
