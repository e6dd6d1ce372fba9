//go:build e2e

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkAgainstDockerCompose brings the same project to the same state with
// devenv and with docker compose, in turn, and reports the time of each and
// devenv's as a share of the other's. Images are built beforehand.
func BenchmarkAgainstDockerCompose(b *testing.B) {
	r := newRace(b)
	b.Run("cold up", func(b *testing.B) {
		r.run(b, lap{
			before:  r.down,
			devenv:  []string{"up"},
			compose: []string{"up", "-d", "--wait"},
		})
	})
	b.Run("up with nothing to do", func(b *testing.B) {
		r.run(b, lap{
			enter:   true,
			devenv:  []string{"up", "--profile", "prod"},
			compose: []string{"up", "-d", "--wait"},
		})
	})
	b.Run("switch of target", func(b *testing.B) {
		// docker compose needs --build, or it keeps the old image.
		r.run(b, lap{
			enter:   true,
			away:    true,
			devenv:  []string{"up", "--profile", "prod"},
			compose: []string{"up", "-d", "--wait", "--build"},
		})
	})
	b.Run("down", func(b *testing.B) {
		r.run(b, lap{
			enter:   true,
			again:   true,
			devenv:  []string{"down"},
			compose: []string{"down"},
		})
	})
}

// A race is a folder with a game that both programs can run.
type race struct {
	dir, devenv, plugin, project string
}

// A lap is one thing to do, and what is done before it without being timed.
type lap struct {
	before          func(b *testing.B)
	enter           bool // bring the project up once, before the first lap
	again           bool // bring it up before every lap
	away            bool // bring up the dev target before every lap
	devenv, compose []string
}

// contestants is the game of the race: a database with a healthcheck each
// second, a game that needs it healthy, a bot that needs the game. The target of docker
// compose comes from the environment, as people do it who switch by hand.
const contestants = `
services:
  db:
    image: python:3.11-slim
    init: true
    command: sleep 3600
    healthcheck: { test: [ CMD, "true" ], interval: 1s }
  game:
    build: { context: ., target: "${TARGET:-}" }
    init: true
    ports: [ { target: 4000, app_protocol: telnet } ]
    depends_on: { db: { condition: service_healthy } }
  bot:
    image: python:3.11-slim
    init: true
    command: sleep 3600
    depends_on: [ game ]
`

func newRace(b *testing.B) *race {
	b.Helper()
	dir := b.TempDir()
	from, err := filepath.Abs("../../fixtures/wild/other-language")
	if err != nil {
		b.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(contestants), 0o644); err != nil {
		b.Fatal(err)
	}
	plugin, err := exec.Command("sh", "../../fixtures/engine/compose-plugin.sh").Output()
	if err != nil {
		b.Fatalf("docker compose to compare with: %v", err)
	}
	program := filepath.Join(b.TempDir(), "devenv")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	r := &race{dir: dir, devenv: program, plugin: filepath.Join(strings.TrimSpace(string(plugin)), "cli-plugins", "docker-compose"), project: uniqueProject()}
	b.Cleanup(func() {
		r.down(b)
		_ = exec.Command("docker", "rmi", r.project+"-devenv-game:builder", r.project+"-devenv-game:runner", r.project+"-compose-game").Run()
	})
	for _, target := range []string{"builder", "runner"} {
		r.time(b, r.plugin, target, "build")
	}
	r.time(b, r.devenv, "", "up")
	r.time(b, r.devenv, "", "up", "--profile", "prod")
	r.down(b)
	return r
}

func (r *race) down(b *testing.B) {
	r.time(b, r.devenv, "", "down")
	r.time(b, r.plugin, "", "down")
}

// time runs one of the programs; each has a project of its own.
func (r *race) time(b *testing.B, program, target string, args ...string) time.Duration {
	b.Helper()
	name := r.project + "-compose"
	if program == r.devenv {
		name = r.project + "-devenv"
		target = ""
	}
	cmd := exec.Command(program, args...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "COMPOSE_PROJECT_NAME="+name, "TARGET="+target)
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%s %s: %v\n%s", filepath.Base(program), strings.Join(args, " "), err, out)
	}
	return time.Since(began)
}

func (r *race) run(b *testing.B, l lap) {
	var ours, theirs time.Duration
	if l.enter {
		r.arrive(b, "runner")
	}
	for b.Loop() {
		if l.before != nil {
			l.before(b)
		}
		if l.again {
			r.arrive(b, "runner")
		}
		if l.away {
			r.arrive(b, "builder")
		}
		ours += r.time(b, r.devenv, "", l.devenv...)
		theirs += r.time(b, r.plugin, "runner", l.compose...)
	}
	r.down(b)
	b.ReportMetric(0, "ns/op") // the sum of both says nothing
	b.ReportMetric(ours.Seconds()/float64(b.N), "devenv-s/op")
	b.ReportMetric(theirs.Seconds()/float64(b.N), "compose-s/op")
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "ratio")
}

// arrive brings both to a target.
func (r *race) arrive(b *testing.B, target string) {
	profile := map[string]string{"builder": "dev", "runner": "prod"}[target]
	r.time(b, r.devenv, "", "up", "--profile", profile)
	r.time(b, r.plugin, target, "up", "-d", "--wait", "--build")
}

// BenchmarkSmoke runs a whole smoke run of the sample game with warm caches, and
// reports what it takes above the sum of its parts, which are up, check --smoke and
// down of the same image.
func BenchmarkSmoke(b *testing.B) {
	program := filepath.Join(b.TempDir(), "devenv")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	dir, err := filepath.Abs("../../fixtures/ex_mud")
	if err != nil {
		b.Fatal(err)
	}
	ports, err := findPorts(3)
	if err != nil {
		b.Fatal(err)
	}
	project := uniqueProject()
	b.Cleanup(func() { removeImages(project + "-game:runner") })
	env := append(os.Environ(), "COMPOSE_PROJECT_NAME="+project, "EX_MUD_PORT="+ports[0], "EX_MUD_ADMIN_PORT="+ports[1], "EX_MUD_METRICS_PORT="+ports[2])
	run := func(args ...string) time.Duration {
		cmd := exec.Command(program, args...)
		cmd.Dir, cmd.Env = dir, env
		began := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("devenv %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return time.Since(began)
	}
	run("smoke", "--profile", "prod") // builds
	var whole, parts time.Duration
	for b.Loop() {
		whole += run("smoke", "--profile", "prod")
		parts += run("up", "--profile", "prod") + run("check", "--smoke", "--profile", "prod") + run("down", "--volumes")
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(whole.Seconds()/float64(b.N), "smoke-s/op")
	b.ReportMetric(parts.Seconds()/float64(b.N), "parts-s/op")
	b.ReportMetric(whole.Seconds()/parts.Seconds(), "ratio")
}
