package stack_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"devenv/compose"
	"devenv/internal/procnet"
	"devenv/internal/stack/stacktest"
)

// A crowd is a folder like /proc, with the players of containers.
type crowd string

// watched gives a bed a crowd; without a word of it, nobody can count.
func watched(t *testing.T, b *bed) crowd {
	c := crowd(t.TempDir())
	b.Proc = procnet.Proc(c)
	return c
}

// play has n players at port 4000 of each container of the game.
func (c crowd) play(t *testing.T, b *bed, n int) {
	t.Helper()
	for _, container := range containers(t, b) {
		folder := filepath.Join(string(c), fmt.Sprint(container.PID))
		if err := os.MkdirAll(filepath.Join(folder, "net"), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, "cgroup"), "0::/docker/"+container.ID+"\n")
		text := ""
		for i := range n {
			text += fmt.Sprintf(" %d: 030011AC:0FA0 010011AC:%04X 01 0:0 0:0 0 0 0 %d\n", i, 40000+i, i)
		}
		table := filepath.Join(folder, "net", "tcp")
		write(t, table+".new", text)
		if err := os.Rename(table+".new", table); err != nil {
			t.Fatal(err)
		}
	}
}

// announces is a game that says by MSSP how many players it has.
func announces(players string) stacktest.Game {
	return func(conn net.Conn) {
		_, _ = io.WriteString(conn, "\xff\xfb\x46Welcome\xff\xf9")
		asked := make([]byte, 3)
		if _, err := io.ReadFull(conn, asked); err != nil {
			return
		}
		_, _ = io.WriteString(conn, "\xff\xfa\x46\x01PLAYERS\x02"+players+"\xff\xf0")
		_, _ = io.Copy(io.Discard, conn)
	}
}

// toldOf are the lines that tell of players.
func (b *bed) toldOf(words string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.told), func(line string) bool { return !strings.Contains(line, words) })
}

func TestPlayersAreToldBeforeAStop(t *testing.T) {
	const nobodyCounts = -1
	tests := map[string]struct {
		game    stacktest.Game
		players int
		more    string
		want    string
	}{
		"one":                                         {stacktest.Greeting("Welcome\xff\xf9"), 1, "", "1 player is connected to game"},
		"three":                                       {stacktest.Greeting("Welcome\xff\xf9"), 3, "", "3 players are connected to game"},
		"none":                                        {stacktest.Greeting("Welcome\xff\xf9"), 0, "", ""},
		"of all containers of a service":              {stacktest.Greeting("Welcome\xff\xf9"), 2, "    scale: 2\n", "4 players are connected to game"},
		"by MSSP, where Linux does not tell":          {announces("7"), nobodyCounts, "", "7 players are connected to game"},
		"not by an MSSP that says no number":          {announces("many"), nobodyCounts, "", ""},
		"not by an MSSP that is not to be asked":      {announces("7"), nobodyCounts, "    x-devenv: { checks: { \"4000\": { mssp: off } } }\n", ""},
		"by Linux also where MSSP says something":     {announces("7"), 2, "", "2 players are connected to game"},
		"nothing where nobody can count":              {stacktest.Greeting("Welcome\xff\xf9"), nobodyCounts, "", ""},
		"nothing of a service that is no telnet game": {stacktest.Greeting("Welcome\xff\xf9"), 3, "    x-devenv: { checks: { \"4000\": { protocol: tcp } } }\n", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			crowd := watched(t, b)
			b.fake.Play("game", stacktest.Listens(tt.game))
			plan := planOf(t, game+tt.more)
			mustBeReady(t, b.up(t, plan))
			if tt.players >= 0 {
				crowd.play(t, b, tt.players)
			}
			if err := b.Down(t.Context(), plan, compose.KeepVolumes); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(b.toldOf("connected"), "; "); got != tt.want {
				t.Errorf("told %q, want %q", got, tt.want)
			}
		})
	}
}

func TestUpTellsOfPlayersOnlyWhereAServerIsReplaced(t *testing.T) {
	tests := map[string]struct {
		before, after string
		told          int
	}{
		"the same again":          {"", "", 0},
		"another definition":      {"", "    command: other\n", 1},
		"another image":           {"", "    image: other\n", 1},
		"a replica less":          {"    scale: 2\n", "    scale: 1\n", 1},
		"what it restarts with":   {"    depends_on: { db: { condition: service_started, restart: true } }\n  db: { image: db }\n", "    depends_on: { db: { condition: service_started, restart: true } }\n  db: { image: db, command: other }\n", 1},
		"what it only depends on": {"    depends_on: [ db ]\n  db: { image: db }\n", "    depends_on: [ db ]\n  db: { image: db, command: other }\n", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			crowd := watched(t, b)
			b.fake.Play("game", stacktest.Greets("Welcome"))
			mustBeReady(t, b.up(t, planOf(t, game+tt.before)))
			crowd.play(t, b, 1)
			text := game + tt.after
			if strings.Contains(tt.after, "image: other") {
				text = strings.Replace(game, "image: game", "image: other", 1)
			}
			mustBeReady(t, b.up(t, planOf(t, text)))
			if got := b.toldOf("connected to game"); len(got) != tt.told {
				t.Errorf("told %q", got)
			}
		})
	}
}

// asks has a bed ask, and answers so; the questions are handed on.
func (b *bed) asks(answer bool) *[]string {
	var questions []string
	b.Confirm = func(_ context.Context, question string) (bool, error) {
		questions = append(questions, question)
		return answer, nil
	}
	return &questions
}
