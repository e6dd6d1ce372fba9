package stack_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"devenv/compose"
	"devenv/internal/stack"
	"devenv/internal/stack/stacktest"
)

// planOfUser plans for a user who is not root a game that writes to a folder of theirs.
func planOfUser(t *testing.T, settings string) *compose.Plan {
	t.Helper()
	dir, user := t.TempDir(), compose.Owner{User: os.Getuid(), Group: os.Getgid()}
	if user.User == 0 {
		user = compose.Owner{User: 1000, Group: 1000}
	}
	write(t, filepath.Join(dir, "compose.yaml"), `
services:
  game:
    image: game
    ports: [ { target: 4000, app_protocol: telnet } ]
    x-devenv: { `+settings+` profiles: { dev: { override: { volumes: [ ".:/app", "data:/data" ] } } } }
volumes: { data: }
`)
	for _, name := range []string{dir, filepath.Join(dir, "compose.yaml")} {
		if err := os.Chown(name, user.User, user.Group); err != nil {
			t.Fatal(err)
		}
	}
	project, err := compose.Load(t.Context(), compose.Source{ProjectDirectory: dir, ProjectName: "mud"})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := project.For(user).Plan(compose.Request{})
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.AsUsers()) != 1 {
		t.Fatalf("the plan is not for the user: %s", plan)
	}
	return plan
}

// madeAs is as whom the only container was made to run.
func madeAs(t *testing.T, b *bed, plan *compose.Plan) string {
	t.Helper()
	all := containers(t, b)
	if len(all) != 1 {
		t.Fatalf("containers: %+v", all)
	}
	for as, p := range map[string]*compose.Plan{"user": plan, "image": plan.AsImage(plan.AsUsers())} {
		hashes, err := b.fake.Hashes(p)
		if err != nil {
			t.Fatal(err)
		}
		if hashes["game"] == all[0].Hash {
			return as
		}
	}
	return "neither"
}

func told(b *bed, words string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.told, func(line string) bool { return strings.Contains(line, words) })
}

func TestAServiceRunsAsTheUserUnlessSomethingHinders(t *testing.T) {
	tests := map[string]struct {
		settings string
		found    compose.Survey
		as       string
		told     string // "" is no note
	}{
		"nothing hinders":                  {as: "user"},
		"the image has a user":             {found: compose.Survey{User: "app"}, as: "image", told: `its image runs as "app"; `},
		"the engine maps users":            {found: compose.Survey{MapsUsers: true}, as: "image"},
		"the author wants it all the same": {settings: "user: host,", found: compose.Survey{User: "app"}, as: "user"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			b.fake.Play("game", stacktest.Greets("Welcome"))
			b.fake.Finds("game", tt.found)
			plan := planOfUser(t, tt.settings)
			mustBeReady(t, b.up(t, plan))
			if as := madeAs(t, b, plan); as != tt.as {
				t.Errorf("runs as the %s says, want %s", as, tt.as)
			}
			if told(b, "note:") != (tt.told != "") || !told(b, tt.told) {
				t.Errorf("told: %q", b.told)
			}
		})
	}
}

func TestAContainerThatFitsEitherWayStaysAndIsNotSurveyed(t *testing.T) {
	for name, found := range map[string]compose.Survey{"as the user": {}, "as its image says": {User: "app"}} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			b.fake.Play("game", stacktest.Greets("Welcome"))
			b.fake.Finds("game", found)
			plan := planOfUser(t, "")
			mustBeReady(t, b.up(t, plan))
			first := containers(t, b)[0].ID
			b.fake.Finds("game", compose.Survey{User: "root"})
			mustBeReady(t, b.up(t, plan))
			if again := containers(t, b)[0].ID; again != first {
				t.Error("the container is another one")
			}
			surveys := slices.DeleteFunc(b.fake.Calls(), func(call string) bool { return call != "survey game" })
			if len(surveys) != 1 {
				t.Errorf("calls: %q", b.fake.Calls())
			}
			rep, err := b.Status(t.Context(), plan)
			if err != nil || service(t, rep, "game").Stale != "" {
				t.Errorf("status: %+v, %v", rep, err)
			}
		})
	}
}

func TestAnAuthorWhoWantsTheUserGetsAnotherContainer(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	plan := planOfUser(t, "user: host,")
	mustBeReady(t, b.up(t, plan.AsImage(plan.AsUsers())))
	mustBeReady(t, b.up(t, plan))
	if as := madeAs(t, b, plan); as != "user" {
		t.Errorf("runs as the %s says", as)
	}
}

func TestAFailureForWantOfRightsTellsAsWhomTheServiceRuns(t *testing.T) {
	tests := map[string]struct {
		says string
		as   compose.Survey
		tip  bool
	}{
		"permission denied":   {says: "open /var/log/game: Permission denied", tip: true},
		"a word of node":      {says: "Error: EACCES, mkdir", tip: true},
		"another fault":       {says: "syntax error"},
		"as the image has it": {says: "permission denied", as: compose.Survey{User: "app"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			b.fake.Play("game", func(p *stacktest.Process) int { p.Print(tt.says); return 1 })
			b.fake.Finds("game", tt.as)
			rep, err := b.Up(t.Context(), planOfUser(t, ""), stack.UpOptions{Timeout: 20 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			f := failure(t, rep, "game", "exit code 1")
			if strings.Contains(f.Next, "x-devenv: { user: image }") != tt.tip {
				t.Errorf("next: %q", f.Next)
			}
		})
	}
}
