package compose

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what is planned into testdata/plan")

// Each archive in testdata/plan is a project. A section "plan ARGUMENTS" holds
// what is planned for them: the plan and its notes, or its faults and hints.
func TestPlan(t *testing.T) {
	names, err := filepath.Glob("testdata/plan/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			dir := folder(t, string(txtar.Format(archive)))
			for i, f := range archive.Files {
				args, ok := strings.CutPrefix(f.Name, "plan")
				if !ok {
					continue
				}
				got := planned(t, dir, strings.Fields(args))
				if diff := cmp.Diff(string(f.Data), got); diff != "" && !*update {
					t.Errorf("%s (-want +got):\n%s", f.Name, diff)
				}
				archive.Files[i].Data = []byte(got)
			}
			if *update {
				rewrite(t, name, txtar.Format(archive))
			}
		})
	}
}

func rewrite(t *testing.T, name string, text []byte) {
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, text) {
		return
	}
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// planned is what devenv decides for "--profile P", "--target S=T", "KEY=value"
// of the environment, and services.
func planned(t *testing.T, dir string, args []string) string {
	source := Source{ProjectDirectory: dir}
	request := Request{Targets: map[string]string{}}
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--profile":
			i++
			request.Profile = args[i]
		case args[i] == "--target":
			i++
			service, stage, _ := strings.Cut(args[i], "=")
			request.Targets[service] = stage
		case strings.Contains(args[i], "="):
			source.Environment = append(source.Environment, args[i])
		default:
			request.Services = append(request.Services, args[i])
		}
	}
	project, err := Load(t.Context(), source)
	if err != nil {
		return told(err, dir)
	}
	made, err := project.Plan(request)
	if err != nil {
		return told(err, dir)
	}
	text := made.String()
	for _, note := range made.Notes {
		text += "note: " + note + "\n"
	}
	return strings.ReplaceAll(text, dir, "DIR")
}
