//go:build e2e

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A game is fixtures/ex_mud, copied, with ports and a project of its own.
type game struct {
	*program
	dir, project             string
	port, admin, metricsPort string
}

func newGame(t *testing.T) *game {
	e := realEngine(t)
	g := &game{dir: copyFixture(t, "ex_mud"), project: uniqueProject()}
	ports := freePorts(t, 3)
	g.port, g.admin, g.metricsPort = ports[0], ports[1], ports[2]
	t.Cleanup(func() {
		remove(t, e, g.project)
		removeImages(g.project+"-game:builder", g.project+"-game:runner")
	})
	g.program = newProgram(t, g.dir, "COMPOSE_PROJECT_NAME="+g.project, "DOCKER_CONFIG="+composePlugin(t),
		"EX_MUD_PORT="+g.port, "EX_MUD_ADMIN_PORT="+g.admin, "EX_MUD_METRICS_PORT="+g.metricsPort)
	return g
}

func (g *game) container(service string) string { return g.project + "-" + service + "-1" }

// TestGame is the main job, as a user lives it: dev, an edit, prod, and back.
func TestGame(t *testing.T) {
	g := newGame(t)
	var database string

	t.Run("up in dev ends when both telnet ports greet", func(t *testing.T) {
		up := g.run(0, "up")
		for _, want := range []string{"dev/builder", "127.0.0.1:" + g.port, "127.0.0.1:" + g.admin, "name", "admin password"} {
			if !strings.Contains(up.stdout, want) {
				t.Errorf("the table does not say %q:\n%s", want, up.stdout)
			}
		}
		database = docker(t, "inspect", "--format", "{{.Id}}", g.container("postgres"))
	})
	t.Run("a player logs in by name and looks around", func(t *testing.T) {
		p := connect(t, g.port)
		p.hear("name")
		p.say("Ann")
		p.say("look")
		p.say("say hello")
		p.hear("hello")
		p.say("who")
		p.hear("Ann")
		p.say("quit")
	})
	t.Run("an edit of the banner shows on the next connection, without a rebuild", func(t *testing.T) {
		before := docker(t, "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", g.container("game"))
		g.editBanner(t, "Welcome to the edited realm")
		g.untilGreeted(t, "Welcome to the edited realm")
		if after := docker(t, "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", g.container("game")); after != before {
			t.Error("the container is another one")
		}
	})
	t.Run("up --profile prod ends with the release of the runner stage", func(t *testing.T) {
		up := g.run(0, "up", "--profile", "prod")
		if !strings.Contains(up.stdout, "prod/runner") {
			t.Errorf("the table does not say prod/runner:\n%s", up.stdout)
		}
		got := docker(t, "inspect", "--format", `{{.Config.Image}} {{index .Config.Labels "devenv.profile"}} {{index .Config.Labels "devenv.target"}} {{.Config.Entrypoint}}`, g.container("game"))
		if want := g.project + "-game:runner prod runner [/app/bin/ex_mud]"; got != want {
			t.Errorf("the container is %q, want %q", got, want)
		}
		if digest := docker(t, "inspect", "--format", `{{index .Config.Labels "devenv.digest"}}`, g.container("game")); !strings.HasPrefix(digest, "sha256:") {
			t.Errorf("the container's digest of its sources is %q", digest)
		}
	})
	t.Run("the runner is small", func(t *testing.T) {
		size, err := strconv.Atoi(docker(t, "image", "inspect", "--format", "{{.Size}}", g.project+"-game:runner"))
		if err != nil || size > 40<<20 {
			t.Errorf("the runner image has %d bytes (%v), want 40 MB at most", size, err)
		}
	})
	t.Run("the character made in dev still exists, and the database was not touched", func(t *testing.T) {
		p := connect(t, g.port)
		p.hear("name")
		p.say("Ann")
		p.hear("Welcome back, Ann")
		p.say("quit")
		if now := docker(t, "inspect", "--format", "{{.Id}}", g.container("postgres")); now != database {
			t.Error("PostgreSQL's container is another one")
		}
	})
	t.Run("a player plays with telnet", g.testTelnet)
	t.Run("a player plays with tintin++", g.testTinTin)
	t.Run("a conversation is played", g.testConversation)
	t.Run("going back takes no build", func(t *testing.T) {
		up := g.run(0, "up")
		if strings.Contains(up.stderr, "building") {
			t.Errorf("something was built:\n%s", up.stderr)
		}
		if image := docker(t, "inspect", "--format", "{{.Config.Image}}", g.container("game")); image != g.project+"-game:builder" {
			t.Errorf("the container is of %s", image)
		}
		g.untilGreeted(t, "Welcome to the edited realm")
	})
	t.Run("an up with nothing to do leaves the container alone", func(t *testing.T) {
		before := docker(t, "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", g.container("game"))
		g.run(0, "up")
		if after := docker(t, "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", g.container("game")); after != before {
			t.Error("the container is another one")
		}
	})
	t.Run("check fails when the listener stops behind a port that still accepts", g.testStoppedListener)
	t.Run("down keeps the volumes, down --volumes removes them", g.testDown)
}

func (g *game) testStoppedListener(t *testing.T) {
	g.run(0, "check")
	a := connect(t, g.admin)
	a.hear("admin password")
	a.say("wizard")
	a.say("listener stop")
	a.hear("stopped")
	check := g.run(6, "check")
	if !strings.Contains(check.stdout, "accepted then closed") && !strings.Contains(check.stdout, "silent") {
		t.Errorf("check does not tell what the port does:\n%s", check.stdout)
	}
	var told struct {
		Ready    bool
		Services []struct{ Service, State string }
	}
	if err := json.Unmarshal([]byte(g.run(6, "check", "--format", "json").stdout), &told); err != nil || told.Ready {
		t.Errorf("check --format json: ready %v, %v", told.Ready, err)
	}
	a.say("listener start")
	a.hear("started")
	g.run(0, "check")
}

// testConversation plays what x-devenv.smoke of the game names.
func (g *game) testConversation(t *testing.T) {
	played := g.run(0, "check", "--smoke")
	if !strings.Contains(played.stdout, "a new player looks around: 11 steps held") {
		t.Errorf("%s", played.stdout)
	}
	g.run(0, "connect", "--replay", filepath.Join(g.dir, "smoke", "login.yaml"))
}

func (g *game) testDown(t *testing.T) {
	label := "label=com.docker.compose.project=" + g.project
	g.run(0, "down")
	if left := docker(t, "ps", "-aq", "--filter", label) + docker(t, "network", "ls", "-q", "--filter", label); left != "" {
		t.Errorf("left behind: %s", left)
	}
	if docker(t, "volume", "ls", "-q", "--filter", label) == "" {
		t.Error("down removed the volumes")
	}
	g.run(0, "down", "--volumes")
	if left := docker(t, "volume", "ls", "-q", "--filter", label); left != "" {
		t.Errorf("volumes left behind: %s", left)
	}
}

// TestGameThatCrashesAtStart fails up within seconds, with the last log lines.
func TestGameThatCrashesAtStart(t *testing.T) {
	g := newGame(t)
	g.env = append(g.env, "EX_MUD_CRASH=1")
	up := g.run(6, "up", "--profile", "prod")
	for _, want := range []string{"game failed: start", "exit code:", "last log lines:", "next: docker logs " + g.container("game")} {
		if !strings.Contains(up.stdout, want) {
			t.Errorf("the failure page does not say %q:\n%s", want, up.stdout)
		}
	}
}

// TestEditedSourceRebuildsNeitherTheFetchNorTheCompilationOfDependencies looks
// at the builder's own word for it.
func TestEditedSourceRebuildsNeitherTheFetchNorTheCompilationOfDependencies(t *testing.T) {
	g := newGame(t)
	g.run(0, "up", "--profile", "prod")
	realm := "Welcome to the realm of " + g.project // never built before
	g.editBanner(t, realm)
	if status := g.run(0, "status"); !strings.Contains(status.stdout, "stale") {
		t.Errorf("status does not say stale after the edit:\n%s", status.stdout)
	}
	up := g.run(0, "up", "--profile", "prod")
	for _, step := range []string{"mix deps.get", "mix deps.compile"} {
		if !cached(up.stderr, step) {
			t.Errorf("%q was not cached:\n%s", step, up.stderr)
		}
	}
	if cached(up.stderr, "mix release") {
		t.Error("the release was not built anew")
	}
	g.untilGreeted(t, realm)
}

// cached finds a step in BuildKit's plain log: "#9 [stage] RUN step", "#9 CACHED".
func cached(log, step string) bool {
	for line := range strings.Lines(log) {
		number, text, ok := strings.Cut(line, " ")
		if ok && strings.HasPrefix(number, "#") && strings.Contains(text, step) {
			return strings.Contains(log, number+" CACHED")
		}
	}
	return false
}

// editBanner changes the game's greeting in its source.
func (g *game) editBanner(t *testing.T, words string) {
	t.Helper()
	file := filepath.Join(g.dir, "apps", "gateway", "lib", "gateway", "banner.ex")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(text, []byte("Welcome to"))
	if at < 0 {
		t.Fatalf("no welcome in %s", file)
	}
	end := at + bytes.IndexAny(text[at:], ".!,\"\n")
	edited := string(text[:at]) + words + string(text[end:])
	if err := os.WriteFile(file, []byte(edited), 0o644); err != nil {
		t.Fatal(err)
	}
}

// untilGreeted connects until the greeting holds the words.
func (g *game) untilGreeted(t *testing.T, words string) {
	t.Helper()
	heard := ""
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); {
		p := connect(t, g.port)
		heard, _ = p.listen("name")
		p.leave()
		if strings.Contains(heard, words) {
			return
		}
	}
	t.Fatalf("the greeting never held %q; it is %q", words, heard)
}
