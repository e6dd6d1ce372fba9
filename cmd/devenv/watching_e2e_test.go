//go:build e2e

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// watchedGame is a small game that reads its world at each connection, its boot
// message when it starts, and its code from the image, which a build step checks.
var watchedGame = map[string]string{
	"Dockerfile": `FROM python:3.11-slim
WORKDIR /game
COPY . .
RUN python3 check.py && chown nobody boot
USER nobody
CMD [ "python3", "-u", "game.py" ]
`,
	".dockerignore": "**/*.log\n**/.git\n",
	"check.py":      "compile(open('game.py').read(), 'game.py', 'exec')\n",
	"game.py": `import os, socket
boot = open('boot/message').read()
server = socket.create_server(('', 4000))
print('listening')
while True:
    player, _ = server.accept()
    rooms = sorted(os.listdir('world'))
    player.sendall(f"version 1, {boot}, {' '.join(open('world/' + r).read() for r in rooms)}. By what name? ".encode())
    player.close()
`,
	"boot/message": "first boot",
	"world/a":      "an alley",
	"hooks/on":     "",
	"compose.yaml": `services:
  game:
    build: .
    init: true
    ports: [ { target: 4000, published: "$PORT", app_protocol: telnet } ]
    x-devenv: { checks: { "4000": { within: 5s } } }
    develop:
      watch:
        - { action: sync, path: world, target: /game/world, ignore: [ "*.tmp" ] }
        - { action: sync+restart, path: boot, target: /game/boot }
        - { action: sync+exec, path: hooks, target: /game/hooks, exec: { command: [ sh, -c, "echo reloaded; exit 3" ] } }
        - { action: rebuild, path: game.py }
`,
}

// A vigil is devenv while it watches a game, and a test changes files.
type vigil struct {
	*program
	project, port string
	process       *exec.Cmd
	lines         chan string // of the story; closed when devenv has ended
	mu            sync.Mutex
	printed       bytes.Buffer
}

func newVigil(t *testing.T) *vigil {
	t.Helper()
	e := realEngine(t)
	v := &vigil{project: uniqueProject(), port: freePorts(t, 1)[0], lines: make(chan string, 10000)}
	dir := t.TempDir()
	for name, text := range watchedGame {
		saveFile(t, filepath.Join(dir, name), text)
	}
	t.Cleanup(func() {
		remove(t, e, v.project)
		removeImages(v.project + "-game:_last")
	})
	v.program = newProgram(t, dir, "COMPOSE_PROJECT_NAME="+v.project, "PORT="+v.port)
	return v
}

// begin starts devenv, and ends it with the test.
func (v *vigil) begin(t *testing.T, args ...string) {
	t.Helper()
	v.process = exec.Command(v.path, args...)
	v.process.Dir, v.process.Env, v.process.Stdout = v.dir, v.env, v
	story, err := v.process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.process.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(v.lines)
		for lines := bufio.NewScanner(story); lines.Scan(); {
			v.lines <- lines.Text()
		}
	}()
	t.Cleanup(func() { _ = v.process.Process.Kill() })
}

// Write takes what devenv prints.
func (v *vigil) Write(p []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.printed.Write(p)
}

func (v *vigil) answer() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.printed.String()
}

// hears waits for a line of the story with these words, and returns those before.
func (v *vigil) hears(t *testing.T, words string) (before []string) {
	t.Helper()
	late := time.After(time.Minute)
	for {
		select {
		case line, open := <-v.lines:
			if !open || strings.Contains(line, words) {
				if !open {
					t.Fatalf("devenv ended before it said %q:\n%s", words, strings.Join(before, "\n"))
				}
				t.Log(line)
				return before
			}
			before = append(before, line)
		case <-late:
			t.Fatalf("devenv never said %q:\n%s", words, strings.Join(before, "\n"))
		}
	}
}

func (v *vigil) save(t *testing.T, name, text string) {
	t.Helper()
	saveFile(t, filepath.Join(v.dir, name), text)
}

// greeted wants a greeting with these words.
func (v *vigil) greeted(t *testing.T, words string) {
	t.Helper()
	if heard := greetingAt(v.port); !strings.Contains(heard, words) {
		t.Errorf("greeting is %q, want %q", heard, words)
	}
}

func (v *vigil) containerOf(t *testing.T) string {
	t.Helper()
	return docker(t, "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", v.project+"-game-1")
}

// TestWatch is an evening's work on a small game.
func TestWatch(t *testing.T) {
	v := newVigil(t)
	v.begin(t, "watch")
	v.hears(t, "watching game (world, boot, hooks, game.py)")
	v.greeted(t, "version 1, first boot, an alley.")
	before := v.containerOf(t)

	t.Run("sync changes a file that the game reads again", func(t *testing.T) {
		v.save(t, "world/a", "a market")
		v.hears(t, "sync game: 1 file (world/a) in ")
		v.greeted(t, "a market.")
	})
	t.Run("a deleted file is deleted in the container", func(t *testing.T) {
		v.save(t, "world/b", "a bank")
		v.hears(t, "sync game: 1 file (world/b) in ")
		v.greeted(t, "a market a bank.")
		if err := os.Remove(filepath.Join(v.dir, "world/b")); err != nil {
			t.Fatal(err)
		}
		v.hears(t, "sync game: 1 file (world/b, deleted) in ")
		v.greeted(t, "a market.")
	})
	t.Run("ignored files and a touch are not told, and fifty files in one line", func(t *testing.T) {
		v.save(t, "world/x.tmp", "ignored")
		v.save(t, "world/x.log", "ignored")
		v.save(t, "world/.git/index", "ignored")
		v.save(t, "world/a", "a market")
		for i := range 50 {
			v.save(t, fmt.Sprintf("world/r%02d", i), "")
		}
		if told := v.hears(t, "sync game: 50 files (world/r00, …) in "); len(told) > 0 {
			t.Errorf("also told: %q", told)
		}
	})
	t.Run("a hook runs after the copy", func(t *testing.T) {
		v.save(t, "hooks/on", "new")
		v.hears(t, "exec game: | reloaded")
		v.hears(t, "exit code 3 in ")
	})
	if now := v.containerOf(t); now != before {
		t.Error("the container was restarted or replaced so far")
	}
	t.Run("sync+restart ends when the game greets again", func(t *testing.T) {
		v.save(t, "boot/message", "second boot")
		v.hears(t, "sync game: 1 file (boot/message) in ")
		v.hears(t, "game: ready in ")
		v.greeted(t, "second boot")
	})
	if got := docker(t, "exec", v.project+"-game-1", "stat", "-c", "%U %a", "/game/boot/message"); got != "nobody 644" {
		t.Errorf("the synced file belongs to %s", got)
	}
	t.Run("a broken build leaves the game running, and the next one mends it", v.testBrokenBuild)
	t.Run("a game that does not start is shown, and the next one mends it", v.testBrokenStart)
	t.Run("the logs of the game are shown, also of later containers", func(t *testing.T) {
		if n := strings.Count(v.answer(), "| listening"); n < 3 {
			t.Errorf("listening was shown %d times:\n%s", n, v.answer())
		}
	})
	t.Run("Ctrl-C ends watching and leaves the game running", v.testInterrupt)
}

func (v *vigil) testBrokenBuild(t *testing.T) {
	before := v.containerOf(t)
	v.save(t, "game.py", "def broken(:\n")
	v.hears(t, "rebuild game: 1 file (game.py)")
	if told := v.hears(t, "SyntaxError"); len(told) > 30 {
		t.Errorf("before the fault was told: %q", told)
	}
	v.hears(t, "what ran before goes on")
	v.greeted(t, "version 1")
	if now := v.containerOf(t); now != before {
		t.Error("the container is another one")
	}
	v.save(t, "game.py", strings.Replace(watchedGame["game.py"], "version 1", "version 2", 1))
	if told := v.hears(t, "game: ready in "); len(told) > 2 {
		t.Errorf("of a build that goes well was told: %q", told)
	}
	v.greeted(t, "version 2, second boot, a market")
}

func (v *vigil) testBrokenStart(t *testing.T) {
	v.save(t, "game.py", "raise SystemExit('no world')\n")
	v.hears(t, "game failed: start: its container ended with exit code 1")
	v.hears(t, "no world")
	v.save(t, "game.py", strings.Replace(watchedGame["game.py"], "version 1", "version 3", 1))
	v.hears(t, "game: ready in ")
	v.greeted(t, "version 3")
}

func (v *vigil) testInterrupt(t *testing.T) {
	if err := v.process.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := exitOf(t, v.process.Wait()); code != interrupted {
		t.Errorf("exit code %d", code)
	}
	v.greeted(t, "version 3")
}

// TestUpWatch is up that goes on, without logs.
func TestUpWatch(t *testing.T) {
	v := newVigil(t)
	v.begin(t, "up", "--watch", "--no-logs", "--progress", "plain", "--profile", "prod")
	v.hears(t, "watching game")
	v.save(t, "boot/message", "second boot")
	v.hears(t, "game: ready in ")
	v.greeted(t, "second boot")
	if err := v.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := exitOf(t, v.process.Wait()); code != interrupted {
		t.Errorf("exit code %d", code)
	}
	if answer := v.answer(); !strings.Contains(answer, "ready") || strings.Contains(answer, "listening") {
		t.Errorf("stdout is\n%s", answer)
	}
	v.greeted(t, "second boot")
}
