package probe

import (
	"context"
	"io"
	"net"
	"testing"
)

func TestDialHandsTheConnectionOver(t *testing.T) {
	echo := func(conn net.Conn) { io.CopyN(conn, conn, 5) }
	for name, q := range map[string]Question{
		"plain":   {Addr: serve(t, echo)},
		"secured": {Addr: serve(t, selfSigned(t, echo)), TLS: TLS{Mode: TLSLocal}},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		conn, err := Dial(ctx, q)
		cancel() // it is the connection's no more
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		defer conn.Close()
		io.WriteString(conn, "hello")
		if got, err := io.ReadAll(io.LimitReader(conn, 5)); string(got) != "hello" {
			t.Errorf("%s: heard %q, %v", name, got, err)
		}
	}
}

func TestDialSaysWhyNot(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	free := freePort(t)
	tests := map[string]struct {
		ctx  context.Context
		q    Question
		want string
	}{
		"nobody listens": {t.Context(), Question{Addr: free}, "refused: nothing listens on " + free},
		"plain telnet":   {t.Context(), Question{Addr: serve(t, says("Welcome")), TLS: TLS{Mode: TLSLocal}}, `talks, but no match: the server does not speak TLS: it talks plain telnet: "Welcome"`},
		"interrupted":    {ended, Question{Addr: free}, "context canceled"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := Dial(tt.ctx, tt.q); err == nil || err.Error() != tt.want {
				t.Errorf("got %v", err)
			}
		})
	}
}
