package compose

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// watchedPlan plans a game in a folder with some files, whose develop.watch is given.
func watchedPlan(t *testing.T, text string) (plan *Plan, dir string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"compose.yaml": text, "Dockerfile": "FROM scratch\n", ".dockerignore": "tmp\n# no comment\n*.log\n", "app": "",
	} {
		write(t, filepath.Join(dir, name), text)
	}
	project, err := Load(t.Context(), Source{ProjectDirectory: dir, ProjectName: "mud"})
	if err != nil {
		t.Fatal(err)
	}
	if plan, err = project.Plan(Request{}); err != nil {
		t.Fatal(err)
	}
	return plan, dir
}

func TestTriggers(t *testing.T) {
	const built, image = "    build: .\n", "    image: game\n"
	tests := map[string]struct {
		service, watch string
		want           []Trigger // paths relative to the folder
		notes, fault   string
	}{
		"sync":         {image, "{ action: sync, path: app, target: /app, ignore: [ x ], include: y }", []Trigger{{Path: "app", Target: "/app", Ignore: []string{"x"}, Include: []string{"y"}}}, "", ""},
		"sync+restart": {image, "{ action: sync+restart, path: app, target: /app/, initial_sync: true }", []Trigger{{Path: "app", Target: "/app/app", Initial: true, Restart: true}}, "", ""},
		"sync+exec": {image, "{ action: sync+exec, path: app, target: app, exec: { command: make, user: me, working_dir: /src, environment: [ A=b ] } }",
			[]Trigger{{Path: "app", Target: "/app", Hook: Command{Args: []string{"make"}, User: "me", Dir: "/src", Env: []string{"A=b"}}}}, "", ""},
		"restart": {image, "{ action: restart, path: app }", []Trigger{{Path: "app", Restart: true}}, "", ""},
		"rebuild honours .dockerignore": {built, "{ action: rebuild, path: . }",
			[]Trigger{{Path: ".", Rebuild: true, Context: ".", Excluded: []string{"tmp", "*.log"}}}, "", ""},
		"a bind mount of the files leaves sync out": {image + "    volumes: [ '.:/app' ]\n", "{ action: sync, path: app, target: /app }, { action: restart, path: app }",
			[]Trigger{{Path: "app", Restart: true}}, "compose.yaml:5: service \"game\": the bind mount of DIR shows what changes in DIR/app already", ""},
		"a bind mount over the target leaves the copy out": {image + "    volumes: [ '/tmp:/app' ]\n", "{ action: sync+restart, path: app, target: /app/x }",
			[]Trigger{{Path: "app", Restart: true}}, "the bind mount of /tmp", ""},
		"a volume over the target does not": {image + "    volumes: [ '/app' ]\n", "{ action: sync, path: app, target: /app }", []Trigger{{Path: "app", Target: "/app"}}, "", ""},

		"a path that is not there": {image, "{ action: restart, path: app }, { action: restart, path: nowhere }", nil, "", "compose.yaml:4: service \"game\": develop.watch: path DIR/nowhere is not there"},
		"rebuild of an image":      {image, "{ action: rebuild, path: app }", nil, "", "rebuild of a service that is not built"},
		"exec of nothing":          {image, "{ action: sync+exec, path: app, target: /app }", nil, "", "sync+exec of no command"},
		"nothing is left":          {image + "    volumes: [ '.:/app' ]\n", "{ action: sync, path: app, target: /app }", nil, "", "nothing is left to watch"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			plan, dir := watchedPlan(t, "services:\n  game:\n"+tt.service+"    develop: { watch: [ "+tt.watch+" ] }\n")
			got, notes, err := plan.Triggers(nil)
			if tt.fault != "" {
				var fault *FileError
				if text := strings.ReplaceAll(errorText(err), dir, "DIR"); !errors.As(err, &fault) || !strings.Contains(text, tt.fault) {
					t.Fatalf("fault is %q", text)
				}
				return
			}
			for i, want := range tt.want {
				tt.want[i].Service, tt.want[i].Path = "game", filepath.Join(dir, want.Path)
				if want.Context != "" {
					tt.want[i].Context = dir
				}
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(Trigger{}, "Where"), cmpopts.EquateEmpty()); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
			if text := strings.ReplaceAll(strings.Join(notes, "\n"), dir, "DIR"); !strings.Contains(text, tt.notes) || tt.notes == "" && text != "" {
				t.Errorf("notes are %q", text)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestNothingToWatchIsToldWithAnExample(t *testing.T) {
	const text = "services:\n  bot: { image: bot }\n  game:\n    build: .\n"
	plan, _ := watchedPlan(t, text)
	_, _, err := plan.Triggers(nil)
	var none *NoTriggerError
	if !errors.As(err, &none) || !strings.Contains(none.Hint(), "    game:\n      develop:\n        watch:\n") {
		t.Fatalf("error is %v", err)
	}
	plan, _ = watchedPlan(t, text+"    develop: { watch: [ { action: rebuild, path: app } ] }\n")
	if _, _, err = plan.Triggers([]string{"bot", "game"}); !errors.As(err, &none) || none.Service != "bot" {
		t.Errorf("error is %v", err)
	}
	if triggers, _, err := plan.Triggers([]string{"game"}); len(triggers) != 1 || err != nil {
		t.Errorf("%+v, %v", triggers, err)
	}
}
