// Package console lets a person play: lines from the keyboard to the game, text
// from the game to the screen. It stands above internal/telnet beside the probe,
// and knows nothing of projects; what it shows is foreign, so that only colours
// reach the terminal as the game sent them.
package console

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"devenv/internal/telnet"
)

// longestLine bounds what is typed on one line.
const longestLine = 64 << 10

// When the input ends, the game is heard out: what is piped in is over before the
// first answer.
const (
	quiet    = 500 * time.Millisecond // says that no more will come
	longest  = 5 * time.Second        // that a game which goes on is listened to
	farewell = 50 * time.Millisecond  // for it to hang up in its turn
)

// A Console is a player's place. In and Out must be set.
type Console struct {
	In      io.Reader // what is typed, line by line
	Out     io.Writer // what is shown
	Charset Charset   // of the game; "" is UTF-8
	Colours bool      // let colours through
	Inflate bool      // let the game compress what it says (MCCP2)

	Window  telnet.Window        // of the terminal; zero is 80 by 24
	Resized <-chan telnet.Window // its new sizes; nil never changes
	Echo    func(on bool) error  // shows or hides what is typed; nil cannot
	Record  Recorder             // is told all; nil is none
}

// A Recorder writes down what is heard and typed.
type Recorder interface {
	Hear(e telnet.Event)
	Type(line string)
	HangUp() // the server did
}

// ErrHungUp is a game that closed the connection. For a player who has typed
// "quit" it is the regular end.
var ErrHungUp = errors.New("the game has closed the connection")

// Run plays until the input ends and the game has been heard out (nil), the game
// hangs up ([ErrHungUp]), can no longer be understood, or ctx ends. It closes the
// connection.
func (c Console) Run(ctx context.Context, conn net.Conn) error {
	defer conn.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &sitting{Console: c, conn: conn, echo: true}
	s.client.Window, s.client.Inflate = c.Window, c.Inflate
	defer s.client.Close()
	s.screen = screen{charset: c.Charset, colours: c.Colours}
	defer s.showTyping(true)

	heard := make(chan []byte)
	gone := make(chan error, 1)
	go func() { gone <- listen(ctx, conn, heard) }()
	lines := make(chan string)
	go readLines(ctx, c.In, lines)
	err := s.loop(ctx, heard, gone, lines)
	_, flushErr := s.Out.Write(s.screen.flush(nil))
	if flushErr != nil && (err == nil || errors.Is(err, ErrHungUp)) {
		return flushErr
	}
	return err
}

// A sitting is a console in use. One goroutine owns it.
type sitting struct {
	Console
	conn   net.Conn
	client telnet.Client
	screen screen
	echo   bool // what is typed is shown
	typed  bool // something was
	shown  bool // of what the game said
}

func (s *sitting) loop(ctx context.Context, heard <-chan []byte, gone <-chan error, lines <-chan string) error {
	var silent, enough <-chan time.Time // nil while there may be more to type
	for {
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case p := <-heard:
			err = s.hear(p)
			if silent != nil {
				silent = time.After(s.patience())
			}
		case err := <-gone:
			return s.hungUp(err)
		case line, open := <-lines:
			if !open {
				lines = nil
				silent, enough = time.After(s.patience()), time.After(longest)
				continue
			}
			err = s.say(line)
		case <-silent:
			return s.hangUp(heard, gone)
		case <-enough:
			return s.hangUp(heard, gone)
		case w := <-s.Resized:
			_, err = s.conn.Write(s.client.Resize(w))
		}
		if err != nil {
			return err
		}
	}
}

// patience is how long the game may be quiet once the input has ended. Whoever has
// typed something wants to see a first word: some games take seconds to greet.
func (s *sitting) patience() time.Duration {
	if s.typed && !s.shown {
		return longest
	}
	return quiet
}

// hear shows what the game said, and answers its negotiation.
func (s *sitting) hear(p []byte) error {
	var shown []byte
	answer := s.client.Feed(p, func(e telnet.Event) {
		if e.Kind == telnet.Text {
			shown = s.screen.append(shown, e.Data)
		}
		if s.Record != nil {
			s.Record.Hear(e)
		}
	})
	if _, err := s.Out.Write(shown); err != nil {
		return fmt.Errorf("show what the game says: %w", err)
	}
	s.shown = s.shown || len(shown) > 0
	s.showTyping(!s.client.ServerUses(telnet.Echo))
	if err := s.client.Err(); err != nil {
		return fmt.Errorf("listen to the game: %w", err)
	}
	if len(answer) == 0 {
		return nil
	}
	_, err := s.conn.Write(answer)
	return ignoreHangUp(err)
}

// showTyping follows the server's ECHO: while it promises to echo, which games do
// at a password prompt, the terminal does not.
func (s *sitting) showTyping(on bool) {
	if s.Echo == nil || s.echo == on {
		return
	}
	s.echo = on
	if err := s.Echo(on); err != nil {
		fmt.Fprintf(s.Out, "\n(the terminal cannot hide what is typed: %v)\n", err)
	}
}

// say sends a line, in the game's character set, with every 255 doubled.
func (s *sitting) say(line string) error {
	if s.Record != nil {
		s.Record.Type(line)
	}
	s.typed = true
	text := bytes.ReplaceAll(s.Charset.encode(line), []byte{255}, []byte{255, 255})
	if !s.echo {
		fmt.Fprintln(s.Out) // the line end was not shown either
	}
	_, err := s.conn.Write(append(text, '\r', '\n'))
	return ignoreHangUp(err)
}

// ignoreHangUp leaves it to the reader to tell that the game is gone: what it
// said last may still be under way.
func ignoreHangUp(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

func (s *sitting) hungUp(err error) error {
	if s.Record != nil {
		s.Record.HangUp()
	}
	if err == nil {
		return ErrHungUp
	}
	return err
}

// hangUp says goodbye, where the connection can, and gives the game a moment to do
// so too: closing on unread bytes would reset it.
func (s *sitting) hangUp(heard <-chan []byte, gone <-chan error) error {
	half, ok := s.conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return nil
	}
	over := time.After(farewell)
	for {
		select {
		case <-heard:
		case <-gone:
			return nil
		case <-over:
			return nil
		}
	}
}

// listen hands on what the game says until it hangs up: nil.
func listen(ctx context.Context, conn net.Conn, heard chan<- []byte) error {
	for {
		p := make([]byte, 4<<10)
		n, err := conn.Read(p)
		if n > 0 {
			select {
			case heard <- p[:n]:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("listen to the game: %w", err)
		}
	}
}

// readLines hands on what is typed; the channel is closed when the input ends.
func readLines(ctx context.Context, in io.Reader, lines chan<- string) {
	defer close(lines)
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, longestLine)
	for scanner.Scan() {
		select {
		case lines <- scanner.Text():
		case <-ctx.Done():
			return
		}
	}
}
