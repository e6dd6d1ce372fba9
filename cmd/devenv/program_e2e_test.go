//go:build e2e

package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A program is devenv in a folder, with an environment of its own.
type program struct {
	t    *testing.T
	path string
	dir  string
	env  []string
}

func newProgram(t *testing.T, dir string, env ...string) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "devenv") // TestMain goes by this name
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	return &program{t: t, path: path, dir: dir, env: append(os.Environ(), env...)}
}

// An ending is what a run of the program came to.
type ending struct {
	code           int
	stdout, stderr string
	took           time.Duration
}

// run runs devenv to its end, which must have this exit code.
func (p *program) run(code int, args ...string) ending {
	p.t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(p.t.Context(), p.path, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = p.dir, p.env, &stdout, &stderr
	began := time.Now()
	err := cmd.Run()
	e := ending{exitOf(p.t, err), stdout.String(), stderr.String(), time.Since(began)}
	if e.code != code {
		p.t.Fatalf("devenv %s: exit code %d, want %d\n%s\n%s", strings.Join(args, " "), e.code, code, e.stdout, e.stderr)
	}
	return e
}

func exitOf(t *testing.T, err error) int {
	t.Helper()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return ended.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return 0
}

// interrupt runs devenv and sends it a signal when a line of its story holds
// the words; with more words, a signal for each in turn.
func (p *program) interrupt(signal os.Signal, words []string, args ...string) ending {
	p.t.Helper()
	var running *os.Process
	return p.watch(words, func(process *os.Process) { running = process }, func() {
		if err := running.Signal(signal); err != nil {
			p.t.Error(err)
		}
	}, args)
}

// follow runs devenv, and does something when a line of its story holds the words.
func (p *program) follow(words string, do func(), args ...string) ending {
	p.t.Helper()
	return p.watch([]string{words}, func(*os.Process) {}, do, args)
}

func (p *program) watch(words []string, started func(*os.Process), do func(), args []string) ending {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), p.path, args...)
	cmd.Dir, cmd.Env = p.dir, p.env
	story, err := cmd.StderrPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	started(cmd.Process)
	var stderr strings.Builder
	for lines := bufio.NewScanner(story); lines.Scan(); {
		stderr.WriteString(lines.Text() + "\n")
		if len(words) > 0 && strings.Contains(lines.Text(), words[0]) {
			words = words[1:]
			do()
		}
	}
	e := ending{code: exitOf(p.t, cmd.Wait()), stderr: stderr.String()}
	if len(words) > 0 {
		p.t.Errorf("devenv %s never said %q:\n%s", strings.Join(args, " "), words, e.stderr)
	}
	return e
}

// docker runs the docker command.
func docker(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "docker", args...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("docker %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// removeImages removes the images that a test has built, as far as it came.
func removeImages(refs ...string) {
	_ = exec.Command("docker", append([]string{"rmi"}, refs...)...).Run()
}

// A player is a telnet connection that reads by what it waits for.
type player struct {
	t    *testing.T
	conn net.Conn
}

func connect(t *testing.T, port string) *player {
	t.Helper()
	conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", port), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &player{t, conn}
}

// hear reads until the words have come, and returns all that was read.
func (p *player) hear(words string) string {
	p.t.Helper()
	heard, err := p.listen(words)
	if err != nil {
		p.t.Fatalf("waiting for %q: %v; heard %q", words, err, heard)
	}
	return heard
}

func (p *player) listen(words string) (string, error) {
	if err := p.conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return "", err
	}
	var heard bytes.Buffer
	for !bytes.Contains(heard.Bytes(), []byte(words)) {
		if _, err := io.CopyN(&heard, p.conn, 1); err != nil {
			return heard.String(), err
		}
	}
	return heard.String(), nil
}

func (p *player) say(line string) {
	p.t.Helper()
	if _, err := io.WriteString(p.conn, line+"\r\n"); err != nil {
		p.t.Fatal(err)
	}
}

func (p *player) leave() { p.conn.Close() }
