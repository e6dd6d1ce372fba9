package console

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"devenv/internal/telnet"
)

// A table is where a player and a scripted game sit.
type table struct {
	t      *testing.T
	game   net.Conn
	typing io.WriteCloser
	shown  *shown
	ended  chan error
}

// shown is what the player sees, and can be waited for.
type shown struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (s *shown) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		select {
		case s.more <- struct{}{}:
		default:
		}
	}()
	return s.text.Write(p)
}

func (s *shown) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func sit(t *testing.T, c Console) *table {
	t.Helper()
	player, game := tcpPair(t)
	in, typing := io.Pipe()
	tb := &table{t: t, game: game, typing: typing, shown: &shown{more: make(chan struct{}, 1)}, ended: make(chan error, 1)}
	c.In, c.Out = in, tb.shown
	go func() { tb.ended <- c.Run(t.Context(), player) }()
	return tb
}

// tcpPair is a connection on loopback, since a pipe would block both sides.
func tcpPair(t *testing.T) (player, game net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if player, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if game, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { player.Close(); game.Close() })
	return player, game
}

func (tb *table) says(text string) {
	tb.t.Helper()
	if _, err := io.WriteString(tb.game, text); err != nil {
		tb.t.Fatal(err)
	}
}

func (tb *table) types(line string) {
	tb.t.Helper()
	if _, err := io.WriteString(tb.typing, line+"\n"); err != nil {
		tb.t.Fatal(err)
	}
}

// gets reads just these bytes from the player.
func (tb *table) gets(want string) {
	tb.t.Helper()
	p := make([]byte, len(want))
	if _, err := io.ReadFull(tb.game, p); err != nil || string(p) != want {
		tb.t.Fatalf("the game got %q (%v), want %q", p, err, want)
	}
}

func (tb *table) sees(words string) {
	tb.t.Helper()
	for !strings.Contains(tb.shown.String(), words) {
		select {
		case <-tb.shown.more:
		case <-tb.t.Context().Done():
			tb.t.Fatalf("%q is never shown: %q", words, tb.shown)
		}
	}
}

func TestAPlayerTypesLinesAndSeesWhatTheGameSays(t *testing.T) {
	tb := sit(t, Console{})
	tb.says("By what name? ")
	tb.sees("By what name? ")
	tb.types("Ann")
	tb.gets("Ann\r\n")
	tb.typing.Close()
	if err := <-tb.ended; err != nil {
		t.Error(err)
	}
}

func TestByte255IsDoubled(t *testing.T) {
	tb := sit(t, Console{Charset: Latin1})
	tb.types("ÿ")
	tb.gets("\xff\xff\r\n")
}

func TestTypingIsHiddenWhileTheServerEchoes(t *testing.T) {
	echo := make(chan bool, 4)
	tb := sit(t, Console{Echo: func(on bool) error { echo <- on; return nil }})
	tb.says("Password: \xff\xfb\x01")
	if <-echo {
		t.Error("typing is shown at the password prompt")
	}
	tb.gets("\xff\xfd\x01")
	tb.says("\xff\xfc\x01Welcome")
	if !<-echo {
		t.Error("typing stays hidden after the password prompt")
	}
	tb.sees("Welcome")
}

func TestTypingIsShownAgainWhenTheGameHangsUpAtThePasswordPrompt(t *testing.T) {
	echo := make(chan bool, 4)
	tb := sit(t, Console{Echo: func(on bool) error { echo <- on; return nil }})
	tb.says("Password: \xff\xfb\x01")
	<-echo
	tb.gets("\xff\xfd\x01")
	tb.game.Close()
	if err := <-tb.ended; !errors.Is(err, ErrHungUp) {
		t.Errorf("%v, want %v", err, ErrHungUp)
	}
	if !<-echo {
		t.Error("typing stays hidden")
	}
}

func TestTheGameIsToldTheSizeOfTheWindowAndItsChanges(t *testing.T) {
	resized := make(chan telnet.Window)
	tb := sit(t, Console{Window: telnet.Window{Width: 100, Height: 30}, Resized: resized})
	tb.says("\xff\xfd\x1f")
	tb.gets("\xff\xfb\x1f" + "\xff\xfa\x1f\x00\x64\x00\x1e\xff\xf0")
	resized <- telnet.Window{Width: 120, Height: 40}
	tb.gets("\xff\xfa\x1f\x00\x78\x00\x28\xff\xf0")
}

// events is a recorder that notes what it is told.
type events struct{ typed, heard chan string }

func (e events) Hear(ev telnet.Event) {
	if ev.Kind == telnet.Text {
		e.heard <- string(ev.Data)
	}
}
func (e events) Type(line string) { e.typed <- line }
func (e events) HangUp()          { close(e.heard) }

func TestARecorderIsToldAll(t *testing.T) {
	rec := events{make(chan string, 9), make(chan string, 9)}
	tb := sit(t, Console{Record: rec})
	tb.says("name? ")
	tb.sees("name? ")
	tb.types("Ann")
	tb.gets("Ann\r\n")
	tb.game.Close()
	<-tb.ended
	if typed, heard := <-rec.typed, <-rec.heard; typed != "Ann" || heard != "name? " {
		t.Errorf("typed %q, heard %q", typed, heard)
	}
}

func TestTheEndOfTheContextEndsTheSitting(t *testing.T) {
	player, _ := tcpPair(t)
	ctx, cancel := context.WithCancel(t.Context())
	in, _ := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- Console{In: in, Out: io.Discard}.Run(ctx, player) }()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
