package probe

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkGreetingToReady waits for a game that begins to listen late, and tells
// how long after its first greeting, and after it began to listen, Await returns.
func BenchmarkGreetingToReady(b *testing.B) {
	questions := map[string]Question{"any-text": {}, "pattern": {Expect: pattern(`name\? $`)}}
	for name, q := range questions {
		b.Run(name, func(b *testing.B) {
			var greeted, listened time.Duration
			var worst time.Duration
			for b.Loop() {
				fromGreeting, fromListening := awaitLateGame(b, q)
				greeted += fromGreeting
				listened += fromListening
				worst = max(worst, fromGreeting)
			}
			b.ReportMetric(ms(greeted)/float64(b.N), "greeting-to-ready-ms")
			b.ReportMetric(ms(worst), "worst-ms")
			b.ReportMetric(ms(listened)/float64(b.N), "listening-to-ready-ms")
		})
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func awaitLateGame(b *testing.B, q Question) (fromGreeting, fromListening time.Duration) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	q.Addr = l.Addr().String()
	l.Close() // for now: the game is still booting
	var listening, greeting atomic.Int64
	start := time.Now()
	done := make(chan struct{})
	time.AfterFunc(rand.N(400*time.Millisecond), func() {
		defer close(done)
		l, err := net.Listen("tcp", q.Addr)
		if err != nil {
			b.Error(err)
			return
		}
		listening.Store(int64(time.Since(start)))
		defer l.Close()
		conn, err := l.Accept()
		if err != nil {
			b.Error(err)
			return
		}
		defer conn.Close()
		greeting.Store(int64(time.Since(start)))
		io.WriteString(conn, "\xff\xfb\x01Welcome to Midgaard\r\nBy what name? ")
		io.Copy(io.Discard, conn)
	})
	ctx, cancel := context.WithTimeout(b.Context(), 10*time.Second)
	defer cancel()
	a := Await(ctx, q, Patience{})
	ready := time.Since(start)
	if !a.Ready() {
		b.Fatal(a.Err())
	}
	<-done
	return ready - time.Duration(greeting.Load()), ready - time.Duration(listening.Load())
}

// BenchmarkAskMany asks n games at once: what counts is how checks a second and
// bytes a check grow with n.
func BenchmarkAskMany(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			questions := make([]Question, n)
			for i, addr := range games(b, n, "Welcome to Midgaard\r\nName? \xff\xf9") {
				questions[i] = Question{Addr: addr, Bound: 20 * time.Second}
			}
			b.ReportAllocs()
			for b.Loop() {
				for _, a := range Many(b.Context(), questions) {
					if !a.Ready() {
						b.Fatal(a.Err())
					}
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "checks/s")
		})
	}
}
