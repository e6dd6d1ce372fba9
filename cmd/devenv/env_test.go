package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"devenv/compose"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/google/go-cmp/cmp"
)

// odd are values that a shell or a reader of env files may take for something else.
var odd = []string{"", "dev", "my profile", "it's", `"quoted"`, "$HOME", "`id`", "$(id)", `a\b`, `a\nb`, "two\nlines", "#none", "a;b&c", "*", "~", "=", "é"}

func TestAShellReadsTheVeryValue(t *testing.T) {
	for _, value := range odd {
		out, err := exec.Command("sh", "-c", "V="+quoteForShell(value)+`; printf %s "$V"`).Output()
		if string(out) != value || err != nil {
			t.Errorf("%q: got %q, %v", value, out, err)
		}
	}
}

func TestAnEnvFileHoldsTheVeryValue(t *testing.T) {
	for _, value := range odd {
		read, err := dotenv.Parse(strings.NewReader("V=" + quoteForDotenv(value) + "\nW=w\n"))
		if read["V"] != value || read["W"] != "w" || err != nil {
			t.Errorf("%q: got %q, %v", value, read, err)
		}
	}
}

func TestWhatRunsSaysItsPortsAndThePlanTheRest(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/compose.yaml", `
services:
  game-1: { image: game, ports: [ "4000:4000", "5556", "5353:53/udp" ] }
  web: { image: web, ports: [ "8080-8089:80" ] }
  other: { image: other, ports: [ "9000:9000" ] }
`)
	project, err := compose.Load(t.Context(), compose.Source{ProjectDirectory: dir, ProjectName: "mud"})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := project.Plan(compose.Request{Services: []string{"game-1", "web"}})
	if err != nil {
		t.Fatal(err)
	}
	seen := []compose.Container{
		{Service: "game-1", Number: 1, Ports: []compose.Port{{Target: 4000, Published: 4001}, {Target: 5556, Published: 32768}, {Target: 7}}},
		{Service: "game-1", Number: 2, Ports: []compose.Port{{Target: 5556, Published: 32769}}},
		{Service: "other", Number: 1, Ports: []compose.Port{{Target: 9000, Published: 9000}}},
	}
	want := []variable{
		{"DEVENV_HOST", "10.0.0.1"}, {"DEVENV_PROFILE", "dev"}, {"DEVENV_PROJECT", "mud"},
		{"DEVENV_PORT_GAME_1_4000", "4001"}, {"DEVENV_PORT_GAME_1_53_UDP", "5353"}, {"DEVENV_PORT_GAME_1_5556", "32768"},
	}
	if diff := cmp.Diff(want, variables(plan, "10.0.0.1", seen), cmp.AllowUnexported(variable{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func writeCompose(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
