//go:build e2e

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkEdit is the time from saving a file of fixtures/ex_mud until the new code
// answers on the telnet port: in dev, where a bind mount and a reloader do it, and in prod,
// where devenv watch builds the release anew and replaces the container.
func BenchmarkEdit(b *testing.B) {
	g := newEdited(b)
	b.Run("dev", func(b *testing.B) {
		g.devenv(b, "up")
		g.run(b)
	})
	b.Run("prod", func(b *testing.B) {
		g.devenv(b, "up", "--profile", "prod")
		g.watching(b, func() { g.run(b) })
	})
}

// An edited game is a copy of fixtures/ex_mud with ports and a project of its own.
type edited struct {
	dir, program, port string
	env                []string
	edits              int
}

func newEdited(b *testing.B) *edited {
	b.Helper()
	g := &edited{dir: filepath.Join(b.TempDir(), "ex_mud"), program: filepath.Join(b.TempDir(), "devenv")}
	if err := os.CopyFS(g.dir, os.DirFS("../../fixtures/ex_mud")); err != nil {
		b.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-o", g.program, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	ports, err := findPorts(3)
	if err != nil {
		b.Fatal(err)
	}
	project := uniqueProject()
	g.port = ports[0]
	g.env = append(os.Environ(), "COMPOSE_PROJECT_NAME="+project,
		"EX_MUD_PORT="+ports[0], "EX_MUD_ADMIN_PORT="+ports[1], "EX_MUD_METRICS_PORT="+ports[2])
	b.Cleanup(func() {
		g.devenv(b, "down", "--volumes")
		removeImages(project+"-game:builder", project+"-game:runner")
	})
	return g
}

func (g *edited) command(args ...string) *exec.Cmd {
	cmd := exec.Command(g.program, args...)
	cmd.Dir, cmd.Env = g.dir, g.env
	return cmd
}

func (g *edited) devenv(b *testing.B, args ...string) {
	b.Helper()
	if out, err := g.command(args...).CombinedOutput(); err != nil {
		b.Fatalf("devenv %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// watching does something while devenv watches.
func (g *edited) watching(b *testing.B, do func()) {
	b.Helper()
	cmd := g.command("watch", "--profile", "prod", "--progress", "plain", "--no-logs")
	story, err := cmd.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	var told bytes.Buffer
	for !strings.Contains(told.String(), "watching game") {
		if _, err := io.CopyN(&told, story, 1); err != nil {
			b.Fatalf("devenv watch: %v\n%s", err, told.String())
		}
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		_, _ = io.Copy(io.Discard, story)
	}()
	do()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		b.Error(err)
	}
	<-drained
	_ = cmd.Wait() // with exit code 130
}

func (g *edited) run(b *testing.B) {
	for b.Loop() {
		g.edit(b)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/op")
}

// edit changes the game's greeting and connects until it is there.
func (g *edited) edit(b *testing.B) {
	b.Helper()
	file := filepath.Join(g.dir, "apps", "gateway", "lib", "gateway", "banner.ex")
	text, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	g.edits++
	before, rest, _ := bytes.Cut(text, []byte("Welcome to"))
	end := bytes.IndexAny(rest, ".!,\"\n")
	words := fmt.Sprintf("Welcome to the realm of edit %d at %d", g.edits, time.Now().UnixNano())
	saveFile(b, file, string(before)+words+string(rest[max(0, end):]))
	heard := ""
	for until := time.Now().Add(2 * time.Minute); !strings.Contains(heard, words); heard = greetingAt(g.port) {
		if time.Now().After(until) {
			b.Fatalf("the greeting never held %q; it is %q", words, heard)
		}
	}
}

func saveFile(t testing.TB, file, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// greetingAt is what a port says until it asks for a name.
func greetingAt(port string) string {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", port), time.Second)
	if err != nil {
		return ""
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(time.Second))
	var heard bytes.Buffer
	for !strings.Contains(heard.String(), "name") {
		if _, err := io.CopyN(&heard, conn, 1); err != nil {
			break
		}
	}
	return heard.String()
}
