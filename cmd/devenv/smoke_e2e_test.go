//go:build e2e

package main

import (
	"bufio"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// smallGame greets, is slow to do so, and needs a database with a healthcheck.
const smallGame = `
services:
  game:
    build: .
    ports: [ { target: 4000, published: "${PORT}", app_protocol: telnet } ]
    volumes: [ "world:/world", ".:/src" ]
    depends_on: { db: { condition: service_healthy } }
    x-devenv: { smoke: [ { name: ann comes, steps: [ { expect: By what name }, { send: ann }, { expect: Hello }, close ] } ] }
  db:
    image: python:3.11-slim
    init: true
    command: sleep 600
    volumes: [ /data ]
    healthcheck: { test: "true", interval: 1s }
volumes: { world: }
`

// smallProject is a folder with the small game.
func smallProject(t *testing.T) (p *program, project string) {
	t.Helper()
	e := realEngine(t)
	project = uniqueProject()
	dir := copyFixture(t, "wild/other-language")
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(smallGame), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		remove(t, e, project)
		removeImages(project+"-game:runner", project+"-game:builder")
	})
	return newProgram(t, dir, "COMPOSE_PROJECT_NAME="+project, "PORT="+freePorts(t, 1)[0]), project
}

// leftOfSmoke is what the smoke runs of a project have left, of any kind.
func leftOfSmoke(t *testing.T, project string) string {
	t.Helper()
	name := "name=" + project + "-smoke-"
	return docker(t, "ps", "-aq", "--filter", name) + docker(t, "network", "ls", "-q", "--filter", name) + docker(t, "volume", "ls", "-q", "--filter", name)
}

// anonymous lists the volumes that have no name, and so no label.
func anonymous(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, name := range strings.Fields(docker(t, "volume", "ls", "-q")) {
		if len(name) == 64 {
			list = append(list, name)
		}
	}
	return list
}

// TestSmokeRunsInARowLeaveNothing runs many, kills some at random moments, and
// sweeps once. DEVENV_SMOKE_RUNS says how many (8), one in twenty of which, and two at
// least, is killed.
func TestSmokeRunsInARowLeaveNothing(t *testing.T) {
	runs := 8
	if n, err := strconv.Atoi(os.Getenv("DEVENV_SMOKE_RUNS")); err == nil {
		runs = n
	}
	p, project := smallProject(t)
	whole := p.run(0, "smoke", "--profile", "prod", "--progress", "quiet").took
	deaths := max(2, runs/20)
	for n := range runs {
		if n%(runs/deaths) == 0 {
			p.kill(time.Duration(rand.Int64N(int64(whole))), "smoke", "--profile", "prod")
			continue
		}
		p.run(0, "smoke", "--profile", "prod", "--progress", "quiet")
	}
	p.kill(whole/2, "smoke", "--profile", "prod")
	if leftOfSmoke(t, project) == "" {
		t.Log("the last run was killed before it had made anything")
	}
	p.run(0, "gc")
	if left := leftOfSmoke(t, project); left != "" {
		t.Errorf("left after gc: %s", left)
	}
}

// kill runs devenv and kills it after some time, if it still runs then.
func (p *program) kill(after time.Duration, args ...string) {
	p.t.Helper()
	cmd := exec.Command(p.path, args...)
	cmd.Dir, cmd.Env = p.dir, p.env
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	death := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	_ = cmd.Wait()
	death.Stop()
}

func TestFourSmokeRunsAtOnceDisturbNeitherEachOtherNorADeveloper(t *testing.T) {
	p, project := smallProject(t)
	p.run(0, "up", "--profile", "prod")
	developer := docker(t, "inspect", "-f", "{{.Id}} {{.State.StartedAt}}", project+"-game-1", project+"-db-1")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			cmd := exec.Command(p.path, "smoke", "--profile", "prod")
			cmd.Dir, cmd.Env = p.dir, p.env
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	wg.Wait()
	if now := docker(t, "inspect", "-f", "{{.Id}} {{.State.StartedAt}}", project+"-game-1", project+"-db-1"); now != developer {
		t.Errorf("the developer's containers were\n%s\nand are\n%s", developer, now)
	}
	p.run(0, "check")
	if left := leftOfSmoke(t, project); left != "" {
		t.Errorf("left: %s", left)
	}
}

func TestAnInterruptedSmokeRunTakesAllDown(t *testing.T) {
	p, project := smallProject(t)
	before := anonymous(t)
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		for _, step := range []string{"starting ", "db: running", "game: ready"} {
			ended := p.interrupt(signal, []string{step}, "smoke", "--profile", "prod", "--artifacts", "out")
			if ended.code != 130 {
				t.Errorf("%v at %q: exit code %d, want 130\n%s", signal, step, ended.code, ended.stderr)
			}
			if left := leftOfSmoke(t, project); left != "" {
				t.Errorf("%v at %q: left: %s", signal, step, left)
			}
		}
	}
	read(t, filepath.Join(p.dir, "out", "prod", "inspect", "db-1.json"))
	for _, name := range anonymous(t) {
		if !strings.Contains(strings.Join(before, " "), name) && strings.Contains(docker(t, "volume", "inspect", name), project) {
			t.Errorf("an anonymous volume is left: %s", name)
		}
	}
}

// TestASmokeRunWhoseReaderHasGone is that of `devenv smoke | head`: its story meets a
// closed pipe, and it takes all down nevertheless.
func TestASmokeRunWhoseReaderHasGoneLeavesNothing(t *testing.T) {
	p, project := smallProject(t)
	cmd := exec.Command(p.path, "smoke", "--profile", "prod")
	cmd.Dir, cmd.Env = p.dir, p.env
	reader, story, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = story, story
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	story.Close()
	for lines := bufio.NewScanner(reader); lines.Scan() && !strings.Contains(lines.Text(), "Created"); {
	}
	reader.Close()
	_ = cmd.Wait()
	if left := leftOfSmoke(t, project); left != "" {
		t.Errorf("left: %s", left)
	}
}

func TestABuildThatFailsKeepsWhatThereIsToKnow(t *testing.T) {
	p, project := smallProject(t)
	write(t, filepath.Join(p.dir, "Dockerfile"), "FROM python:3.11-slim AS runner\nRUN echo the world is flat && exit 3\n")
	p.run(5, "smoke", "--profile", "prod", "--artifacts", "out")
	kept := read(t, filepath.Join(p.dir, "out", "prod", "attempt.json"))
	if !strings.Contains(kept, "the world is flat") {
		t.Errorf("%s", kept)
	}
	if left := leftOfSmoke(t, project); left != "" {
		t.Errorf("left: %s", left)
	}
}

// TestASmokeRunOnAnEngineElsewhere reaches the engine through TCP, as in a pipeline
// with Docker-in-Docker: no path is shared with it.
func TestASmokeRunOnAnEngineElsewhere(t *testing.T) {
	p, project := smallProject(t)
	p.env = append(p.env, "DOCKER_HOST="+newTCPProxy(t))
	if ended := p.run(0, "smoke", "--profile", "prod"); !strings.Contains(ended.stdout, "prod passed") {
		t.Errorf("%s", ended.stdout)
	}
	if left := leftOfSmoke(t, project); left != "" {
		t.Errorf("left: %s", left)
	}
}

// newTCPProxy is the engine behind a port of this machine.
func newTCPProxy(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, conns: make(chan net.Conn, 1000)}
	t.Cleanup(p.cut)
	go p.serve()
	return "tcp://" + l.Addr().String()
}
