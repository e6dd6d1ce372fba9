package probe

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestManyAnswersStandInTheOrderOfTheQuestions(t *testing.T) {
	var questions []Question
	for i := range 20 {
		text := fmt.Sprintf("game %d", i)
		questions = append(questions, Question{Service: text, Addr: serve(t, says(text+"\xff\xf9"))})
	}
	for _, limit := range []int{1, 3, 100} {
		for i, a := range many(t.Context(), questions, limit) {
			if a.Greeting != questions[i].Service || a.Service != a.Greeting {
				t.Errorf("%d at once: question %d: %s, greeting %q", limit, i, a.Verdict(), a.Greeting)
			}
		}
	}
	if answers := Many(t.Context(), nil); len(answers) != 0 {
		t.Errorf("%d answers to no question", len(answers))
	}
}

func TestManyEndWithTheirContext(t *testing.T) {
	addr := serve(t, says())
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	start := time.Now()
	for _, a := range many(ctx, make([]Question, 50), 2) {
		if a.Ready() {
			t.Error(a.Verdict())
		}
	}
	for _, a := range many(ctx, []Question{{Addr: addr, Bound: time.Hour}, {Addr: addr, Bound: time.Hour}}, 1) {
		if a.Reason != "interrupted" {
			t.Error(a.Verdict())
		}
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestHowManyAtOnce(t *testing.T) {
	for files, want := range map[uint64]int{0: 1, 100: 1, 129: 1, 130: 1, 256: 64, 1024: 448, 1 << 20: 512, 1<<64 - 1: 512} {
		if got := atOnce(files); got != want {
			t.Errorf("with %d files: %d at once, want %d", files, got, want)
		}
	}
}

// games listen on n ports of this machine, and greet.
func games(t testing.TB, n int, greeting string) (addrs []string) {
	t.Helper()
	var wg sync.WaitGroup
	t.Cleanup(wg.Wait) // after the listeners are closed
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatalf("%v: the limit on open files may be low, see ulimit -n", err)
		}
		t.Cleanup(func() { l.Close() })
		addrs = append(addrs, l.Addr().String())
		wg.Go(func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				wg.Go(func() { says(greeting)(conn); conn.Close() })
			}
		})
	}
	return addrs
}

// askedFor names the addresses that a process of its own is to ask.
const askedFor = "DEVENV_TEST_ASK"

// TestAThousandPortsWithinTheFileLimit asks from a process that may open 1024
// files, while the games have another's.
func TestAThousandPortsWithinTheFileLimit(t *testing.T) {
	if addrs := os.Getenv(askedFor); addrs != "" {
		askAThousand(t, strings.Fields(addrs))
		return
	}
	addrs := games(t, 10, "Name? \xff\xf9")
	thousand := strings.Repeat(strings.Join(addrs, " ")+" ", 100)
	self := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	self.Env = append(os.Environ(), askedFor+"="+thousand)
	if out, err := self.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("asked 1000")) {
		t.Errorf("%v\n%s", err, out)
	}
}

func askAThousand(t *testing.T, addrs []string) {
	limitFiles(t, 1024)
	questions := make([]Question, len(addrs))
	for i, addr := range addrs {
		questions[i] = Question{Addr: addr, Bound: 20 * time.Second}
	}
	for _, a := range Many(t.Context(), questions) {
		if !a.Ready() {
			t.Fatal(a.Err())
		}
	}
	t.Logf("asked %d", len(addrs))
}
