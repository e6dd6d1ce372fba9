package probe

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A witness is a connection that notes how it is ended.
type witness struct {
	*net.TCPConn
	deeds []string
}

func (w *witness) CloseWrite() error {
	w.deeds = append(w.deeds, "says goodbye")
	return w.TCPConn.CloseWrite()
}

func (w *witness) Read(p []byte) (int, error) {
	n, err := w.TCPConn.Read(p)
	if err == io.EOF {
		w.deeds = append(w.deeds, "hears the server out")
	}
	return n, err
}

func (w *witness) Close() error {
	w.deeds = append(w.deeds, "closes")
	return w.TCPConn.Close()
}

func TestHangingUp(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	tests := map[string]struct {
		ctx    context.Context
		hungUp bool
		want   []string
	}{
		"politely, so that nothing is reset": {ctx: t.Context(), want: []string{"says goodbye", "hears the server out", "closes"}},
		"at once, when the server has":       {ctx: t.Context(), hungUp: true, want: []string{"closes"}},
		"at once, when interrupted":          {ctx: ended, want: []string{"closes"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			addr := serve(t, func(conn net.Conn) {
				io.WriteString(conn, strings.Repeat("x", 60<<10))
				io.Copy(io.Discard, conn)
			})
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			w := &witness{TCPConn: conn.(*net.TCPConn)}
			l := &line{conn: w, unwatch: watch(t.Context(), w), hungUp: tt.hungUp}
			l.hangUp(tt.ctx)
			if diff := cmp.Diff(tt.want, w.deeds); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAServerThatNeverHangsUpIsLeft(t *testing.T) {
	left := make(chan struct{})
	addr := serve(t, func(conn net.Conn) {
		io.WriteString(conn, "Welcome\xff\xf9")
		<-left
	})
	a := Ask(t.Context(), Question{Addr: addr})
	close(left)
	if !a.Ready() {
		t.Error(a.Err())
	}
}

func TestReadingAfterTheContextEndedDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		conn, server := net.Pipe()
		defer server.Close()
		defer conn.Close()
		l := &line{conn: conn, unwatch: watch(ctx, conn)}
		cancel()
		synctest.Wait() // the watch has come and gone; what follows must not undo it
		start := time.Now()
		if _, end := l.read(ctx, make([]byte, 1), start.Add(time.Hour)); end != stopped || time.Since(start) != 0 {
			t.Errorf("ended as %v after %v", end, time.Since(start))
		}
	})
}
