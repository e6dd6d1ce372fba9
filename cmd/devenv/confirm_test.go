package main

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"devenv/compose"
	"devenv/internal/engine"
	"devenv/internal/stack/stacktest"
)

// threePlay is a game that says by MSSP that three play.
func threePlay(conn net.Conn) {
	_, _ = io.WriteString(conn, "\xff\xfb\x46Welcome\xff\xf9")
	if _, err := io.ReadFull(conn, make([]byte, 3)); err != nil {
		return
	}
	_, _ = io.WriteString(conn, "\xff\xfa\x46\x01PLAYERS\x023\xff\xf0")
	_, _ = io.Copy(io.Discard, conn)
}

func TestSomebodyAtATerminalIsAskedBeforePlayersLoseTheirGame(t *testing.T) {
	const question = "stop game all the same? [y/N] "
	tests := map[string]struct {
		typed   string
		nobody  bool // at a terminal
		args    []string
		code    int
		asked   bool
		running bool
	}{
		"yes":                       {typed: "y\n", args: []string{"down"}, asked: true},
		"yes in full":               {typed: " Yes \r\n", args: []string{"down"}, asked: true},
		"no":                        {typed: "n\n", args: []string{"down"}, code: 130, asked: true, running: true},
		"an empty line is no":       {typed: "\n", args: []string{"down"}, code: 130, asked: true, running: true},
		"the end of input is no":    {typed: "", args: []string{"down"}, code: 130, asked: true, running: true},
		"not with --yes":            {typed: "n\n", args: []string{"down", "--yes"}},
		"not with -y":               {typed: "n\n", args: []string{"down", "-y"}},
		"not without a terminal":    {typed: "n\n", nobody: true, args: []string{"down"}},
		"up that replaces":          {typed: "n\n", args: []string{"up", "-f", "other.yaml"}, code: 130, asked: true, running: true},
		"up that replaces, anyhow":  {typed: "n\n", args: []string{"up", "-y", "-f", "other.yaml"}, running: true},
		"not by up of the same one": {typed: "n\n", args: []string{"up"}, running: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := rehearse(t, stacktest.Listens(threePlay), "COMPOSE_PROJECT_NAME=mud")
			write(t, r.dir+"/other.yaml", strings.Replace(read(t, r.dir+"/compose.yaml"), "image: game", "image: game\n    command: other", 1))
			r.run(t, 0, "up")
			r.stderr.Reset()
			r.world.stdin, r.world.answers = strings.NewReader(tt.typed), !tt.nobody
			t.Chdir(r.dir)
			r.run(t, tt.code, tt.args...)
			told := r.stderr.String()
			if strings.Contains(told, question) != tt.asked {
				t.Errorf("it says:\n%s", told)
			}
			if replaced := tt.args[0] == "down" || len(tt.args) > 1; strings.Contains(told, "3 players are connected to game") != replaced {
				t.Errorf("it says:\n%s", told)
			}
			if tt.code != 0 && !strings.Contains(told, "devenv: left running: game\nhint: --yes") {
				t.Errorf("it says:\n%s", told)
			}
			if all := r.containers(t); (len(all) > 0) != tt.running {
				t.Errorf("containers are %+v", all)
			}
		})
	}
}

// containers are those of the rehearsed project.
func (r *rehearsal) containers(t *testing.T) []compose.Container {
	t.Helper()
	e, err := r.newEngine(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all, err := e.Containers(t.Context(), "mud")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAQuestionEndsWithAnInterrupt(t *testing.T) {
	typed, _ := io.Pipe()
	var told strings.Builder
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	yes, err := world{stdin: typed, stderr: &told}.ask(ctx, "sure?")
	if yes || !errors.Is(err, context.Canceled) || told.String() != "sure? [y/N] \n" {
		t.Errorf("%v, %v, told %q", yes, err, told.String())
	}
}
