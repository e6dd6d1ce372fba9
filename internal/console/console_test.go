package console

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

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
	if rest, err := io.ReadAll(tb.game); err != nil || len(rest) > 0 {
		t.Errorf("no polite goodbye: %q, %v", rest, err)
	}
	tb.game.Close()
	if err := <-tb.ended; err != nil {
		t.Error(err)
	}
}

// An act is what a scripted game does.
type act struct {
	after time.Duration
	says  string // "" hangs up
}

func TestTheGameIsHeardOutWhenTheInputEnds(t *testing.T) {
	const ms = time.Millisecond
	goesOn := slices.Repeat([]act{{400 * ms, "."}}, 20)
	tests := map[string]struct {
		typed string
		game  []act
		shown string
		took  time.Duration
		err   error
	}{
		"until it has been quiet":             {"zed\npw\nquit\n", []act{{400 * ms, "Welcome. "}, {400 * ms, "Bye."}}, "Welcome. Bye.", 1300 * ms, nil},
		"until it hangs up":                   {"zed\npw\nquit\n", []act{{100 * ms, "Bye."}, {100 * ms, ""}}, "Bye.", 200 * ms, ErrHungUp},
		"a last line without its end is one":  {"quit", []act{{100 * ms, "Bye."}, {100 * ms, ""}}, "Bye.", 200 * ms, ErrHungUp},
		"but not for ever":                    {"quit\n", goesOn, strings.Repeat(".", 12), 5 * time.Second, nil},
		"one that is slow to greet":           {"zed\n", []act{{1600 * ms, "Welcome"}}, "Welcome", 2100 * ms, nil},
		"one that first negotiates":           {"zed\n", []act{{100 * ms, "\xff\xfb\x01"}, {1600 * ms, "Welcome"}}, "Welcome", 2200 * ms, nil},
		"one that never greets":               {"zed\n", nil, "", 5 * time.Second, nil},
		"only for a moment, if nothing typed": {"", nil, "", 500 * ms, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				player, game := net.Pipe()
				played := make(chan struct{})
				go func() {
					defer close(played)
					for _, a := range tt.game {
						time.Sleep(a.after) // of the bubble's clock
						if a.says == "" {
							game.Close()
						}
						io.WriteString(game, a.says)
					}
				}()
				got := make(chan string)
				go func() {
					heard, _ := io.ReadAll(game)
					got <- strings.ReplaceAll(string(heard), "\xff\xfd\x01", "")
				}()
				var shown bytes.Buffer
				start := time.Now()
				err := Console{In: strings.NewReader(tt.typed), Out: &shown}.Run(t.Context(), player)
				took := time.Since(start)
				if !errors.Is(err, tt.err) || shown.String() != tt.shown || took != tt.took {
					t.Errorf("%v after %v, shown %q", err, took, &shown)
				}
				want := strings.ReplaceAll(tt.typed, "\n", "\r\n")
				if heard := <-got; strings.TrimSpace(heard) != strings.TrimSpace(want) {
					t.Errorf("the game got %q", heard)
				}
				<-played
			})
		})
	}
}

// compressed is text as a game compresses it that goes on.
func compressed(text string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	io.WriteString(w, text)
	w.Flush()
	return b.String()
}

func TestAGameMayCompressWhereItIsLet(t *testing.T) {
	const offer, begins = "\xff\xfb\x56", "\xff\xfa\x56\xff\xf0"
	tb := sit(t, Console{})
	tb.says(offer)
	tb.gets("\xff\xfe\x56")

	tb = sit(t, Console{Inflate: true})
	tb.says(offer)
	tb.gets("\xff\xfd\x56")
	tb.says("Hi. " + begins + compressed("Welcome"))
	tb.sees("Hi. Welcome")
	tb.says("\x07\x07nonsense")
	want := "listen to the game: compressed data are damaged: flate: corrupt input"
	if err := <-tb.ended; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v", err)
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
