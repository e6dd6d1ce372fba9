package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"devenv/internal/engine"
	"devenv/internal/stack"
	"devenv/internal/stack/stacktest"
)

// A rehearsal is the program on a fake engine, in a folder with a game.
type rehearsal struct {
	world
	dir            string
	stdout, stderr bytes.Buffer
}

func rehearse(t *testing.T, script stacktest.Script, environment ...string) *rehearsal {
	t.Helper()
	fake := stacktest.New()
	t.Cleanup(func() { fake.Close() })
	fake.Play("game", script)
	r := &rehearsal{dir: t.TempDir()}
	text := "services:\n  game:\n    image: game\n    ports: [ { target: 4000, app_protocol: telnet } ]\n"
	if err := os.WriteFile(filepath.Join(r.dir, "compose.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	r.world = world{stdin: strings.NewReader(""), stdout: &r.stdout, stderr: &r.stderr, environment: environment,
		newEngine: func(context.Context, engine.Options) (stack.Engine, error) { return fake, nil }}
	return r
}

func (r *rehearsal) run(t *testing.T, want int, args ...string) {
	t.Helper()
	args = append([]string{"devenv", args[0], "--project-directory", r.dir}, args[1:]...)
	if code := run(t.Context(), r.world, args); code != want {
		t.Errorf("exit code %d, want %d\n%s\n%s", code, want, &r.stdout, &r.stderr)
	}
}

// failsFirst crashes in its first lives, and then greets.
func failsFirst(crashes int32) stacktest.Script {
	var lives atomic.Int32
	return func(p *stacktest.Process) int {
		if lives.Add(1) <= crashes {
			return 3
		}
		return stacktest.Greets("Welcome")(p)
	}
}

func TestAFlakeIsToldAsAFlakeEverywhere(t *testing.T) {
	r := rehearse(t, failsFirst(1), "GITHUB_ACTIONS=true")
	junit, summary := filepath.Join(r.dir, "out", "junit.xml"), filepath.Join(r.dir, "summary.md")
	r.run(t, 0, "smoke", "--retries", "2", "--junit", junit, "--summary", summary)
	places := map[string]string{"text": r.stdout.String(), "annotations": r.stderr.String(), "junit": read(t, junit), "summary": read(t, summary)}
	for name, word := range map[string]string{"text": "FLAKY: passed at attempt 2 of 3", "annotations": "::warning", "junit": "flaky", "summary": "FLAKY"} {
		if !strings.Contains(places[name], word) {
			t.Errorf("%s does not say %q:\n%s", name, word, places[name])
		}
	}
}

func TestRetriesEnd(t *testing.T) {
	r := rehearse(t, failsFirst(9))
	r.run(t, 6, "smoke", "--retries", "1", "--artifacts", filepath.Join(r.dir, "out"))
	if got := r.stdout.String(); !strings.Contains(got, "FAILED at 2 attempts") {
		t.Error(got)
	}
	for _, attempt := range []string{"attempt-1", "attempt-2"} {
		read(t, filepath.Join(r.dir, "out", "dev", attempt, "attempt.json"))
	}
}

func TestConversationsOfTheCommandLineArePlayed(t *testing.T) {
	r := rehearse(t, stacktest.Greets("Welcome"))
	file := filepath.Join(r.dir, "talk.yaml")
	if err := os.WriteFile(file, []byte("name: ann comes\nsteps: [ { expect: { text: Hello, within: 50ms } } ]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r.run(t, 6, "smoke", "--conversation", file)
	if got := r.stdout.String(); !strings.Contains(got, "ann comes") || !strings.Contains(got, "talk.yaml:2") {
		t.Error(got)
	}
}

// The words of a report stay what they are: a password may be called "failed".
func TestASecretThatIsCalledLikeAResultHidesNoFailure(t *testing.T) {
	r := rehearse(t, stacktest.Exits(3))
	write(t, filepath.Join(r.dir, "compose.override.yaml"), "services:\n  game:\n    environment: { DB_PASSWORD: failed, API_TOKEN: waiting, A_SECRET: passed }\n")
	r.run(t, 6, "smoke", "--format", "json")
	if got := r.stdout.String(); !strings.Contains(got, `"passed": false`) || !strings.Contains(got, `"result": "failed"`) {
		t.Error(got)
	}
}

func TestAConversationThatOutlastsTheLimitFailsTheRun(t *testing.T) {
	r := rehearse(t, stacktest.Greets("Welcome"))
	file := filepath.Join(r.dir, "talk.yaml")
	write(t, file, "name: ann waits\nsteps: [ { expect: { text: never, within: 60s } } ]\n")
	r.run(t, 6, "smoke", "--conversation", file, "--timeout", "2s", "--artifacts", filepath.Join(r.dir, "out"))
	if got := r.stdout.String(); !strings.Contains(got, `it was still playing "ann waits"`) {
		t.Error(got)
	}
	read(t, filepath.Join(r.dir, "out", "dev", "transcripts", "game-ann-waits.txt"))
}

func TestTheSameProfileTwiceIsAMistake(t *testing.T) {
	r := rehearse(t, stacktest.Runs)
	r.run(t, 2, "smoke", "--profile", "prod", "--profile", "prod")
}

func TestWhatAGameSaysIsNoCommandToGitHub(t *testing.T) {
	r := rehearse(t, stacktest.Greets("::stop-commands::x\r\n"), "GITHUB_ACTIONS=true")
	r.run(t, 0, "smoke", "--format", "text")
	for line := range strings.Lines(r.stdout.String() + r.stderr.String()) {
		if strings.HasPrefix(strings.TrimSpace(line), "::stop-commands") {
			t.Errorf("a command: %q", line)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
