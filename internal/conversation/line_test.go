package conversation

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// listen serves one connection, and returns the player's end of it and what
// became of the server.
func listen(t *testing.T, serve func(net.Conn) error) (net.Conn, <-chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() {
		defer l.Close()
		conn, err := l.Accept()
		if err != nil {
			served <- err
			return
		}
		defer conn.Close()
		served <- serve(conn)
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return conn, served
}

func TestAPlayHangsUpPolitely(t *testing.T) {
	conn, served := listen(t, func(conn net.Conn) error {
		conn.Write([]byte("name?\r\n"))
		io.CopyN(io.Discard, conn, int64(len("Ann\r\n")))
		conn.Write([]byte("Welcome. And much more that nobody waits for.\r\n"))
		_, err := io.Copy(io.Discard, conn) // a reset would be an error
		return err
	})
	r := Player{}.Play(t.Context(), conn, steps(t, "- expect: name\n- send: Ann\n- expect: Wel\n"))
	if err := <-served; !r.OK() || err != nil {
		t.Errorf("%v; the server met %v", r.Err(), err)
	}
	if _, err := conn.Write([]byte("x")); err == nil {
		t.Error("the connection is still open")
	}
}

func TestAnInterruptEndsAPlayAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	conn, served := listen(t, func(conn net.Conn) error {
		conn.Write([]byte("name?\r\n"))
		cancel()
		_, err := io.Copy(io.Discard, conn)
		return err
	})
	start := time.Now()
	r := Player{}.Play(ctx, conn, steps(t, "- expect: never"))
	if r.OK() || !errors.Is(r.Err(), context.Canceled) || time.Since(start) > 5*time.Second {
		t.Errorf("%v after %v", r.Err(), time.Since(start))
	}
	<-served
}

func TestAPeerThatNeverReads(t *testing.T) {
	tests := map[string]struct{ says, steps, want string }{
		"is not waited for with a line": {"", "- send: Ann",
			`t.yaml:3: expected to send "Ann" within 10s; the server does not read`},
		"nor with an answer": {"\xff\xfd\x18name?", "- expect: Welcome",
			`t.yaml:3: expected "Welcome" within 10s; the server said "name?"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := net.Pipe()
				defer server.Close()
				go server.Write([]byte(tt.says))
				r := Player{}.Play(t.Context(), client, steps(t, tt.steps))
				if r.OK() || r.Err().Error() != tt.want || r.Took > 11*time.Second {
					t.Errorf("%v after %v", r.Err(), r.Took)
				}
			})
		})
	}
}

func TestAFloodIsBounded(t *testing.T) {
	flood := make([]byte, 64<<10)
	for i := range flood {
		flood[i] = "\xff\xfb\xc8\xff\xfb\xc9\xff\xfb\xc8\xff\xfb\xc9\xff\xf1\r\n"[i%16] // IAC WILL this and that, NOP, and text
	}
	conn, served := listen(t, func(conn net.Conn) error {
		go io.Copy(io.Discard, conn)
		for range 100 << 20 / len(flood) {
			if _, err := conn.Write(flood); err != nil {
				return nil
			}
		}
		return errors.New("all was read")
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := Player{}.Play(t.Context(), conn, steps(t, "- expect: never"))
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 16<<20 {
		t.Errorf("%d KiB more memory", grown>>10)
	}
	if err := <-served; r.OK() || err != nil {
		t.Errorf("%v; %v", r.Err(), err)
	}
}
