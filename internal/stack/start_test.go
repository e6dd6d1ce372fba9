package stack_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"devenv/compose"
	"devenv/internal/stack"
	"devenv/internal/stack/stacktest"
)

func TestAStartThatFailsWithoutACulpritIsAStartError(t *testing.T) {
	b := newBed(t)
	b.Engine = brokenStart{b.fake}
	_, err := b.Up(t.Context(), planOf(t, game), stack.UpOptions{})
	var start *stack.StartError
	if !errors.As(err, &start) || err.Error() != "pull access denied" || !strings.Contains(start.Hint(), "docker ps -a") {
		t.Errorf("got %v", err)
	}
}

type brokenStart struct{ *stacktest.Engine }

func (brokenStart) Start(context.Context, *compose.Plan, string) error {
	return errors.New("pull access denied")
}

func TestAContainerThatEndedLongAgoIsNotTheCulpritOfAFailedStart(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Exits(1))
	plan := planOf(t, game)
	failure(t, b.up(t, plan), "game", "exit code 1")
	b.Engine = brokenStart{b.fake}
	if _, err := b.Up(t.Context(), plan, stack.UpOptions{}); err == nil || err.Error() != "pull access denied" {
		t.Errorf("got %v", err)
	}
}

func TestTheCulpritOfAFailedStartIsReported(t *testing.T) {
	b := newBed(t)
	b.fake.Play("migrate", stacktest.Exits(5, "no such table"))
	rep := b.up(t, planOf(t, game+`
		depends_on: { migrate: { condition: service_completed_successfully } }
	migrate: { image: game }
`))
	f := failure(t, rep, "migrate", "start: its container ended with exit code 5")
	if !slices.Equal(f.Log, []string{"no such table"}) {
		t.Errorf("log %q", f.Log)
	}
}

func TestWhatTheEngineSaysOfAContainerItCannotStartIsReported(t *testing.T) {
	b := newBed(t)
	taken := listen(t)
	b.Engine = elsewhere{b.fake} // so that it is not found out before
	rep, err := b.Up(t.Context(), planOf(t, publishing(taken)), stack.UpOptions{})
	if err != nil {
		t.Fatal(err)
	}
	failure(t, rep, "game", "start: bind for 127.0.0.1", "port is already allocated")
}

// elsewhere is an engine of another machine.
type elsewhere struct{ *stacktest.Engine }

func (elsewhere) Local() bool { return false }

// listen takes a port, as another program would.
func listen(t *testing.T) (port int) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().(*net.TCPAddr).Port
}

func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func publishing(port int) string {
	return strings.Replace(game, "target: 4000", fmt.Sprintf("target: 4000, published: %q, host_ip: 127.0.0.1", fmt.Sprint(port)), 1)
}

// refused is the error of an up that must not have begun.
func refused(t *testing.T, b *bed, plan *compose.Plan) string {
	t.Helper()
	before := b.fake.Calls()
	_, err := b.Up(t.Context(), plan, stack.UpOptions{})
	faults := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		faults = joined.Unwrap()
	}
	var last *stack.StartError // tells what to do about all of them
	if !errors.As(faults[len(faults)-1], &last) || !strings.Contains(last.Hint(), "nothing was started") {
		t.Fatalf("got %v", err)
	}
	if after := b.fake.Calls(); len(after) != len(before) {
		t.Errorf("engine was asked to %q", after)
	}
	return err.Error()
}

func TestAPortThatAnotherContainerHoldsIsSaidWithItsProject(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	port := freePort(t)
	mustBeReady(t, b.up(t, planIn(t, "other", t.TempDir(), publishing(port))))
	got := refused(t, b, planOf(t, publishing(port)))
	if want := fmt.Sprintf("service %q: port %d is taken by container other-game-1 of project other", "game", port); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAPortThatTwoServicesPublishIsSaid(t *testing.T) {
	b := newBed(t)
	port := freePort(t)
	got := refused(t, b, planOf(t, publishing(port)+fmt.Sprintf("	bot: { image: bot, ports: ['%d:80'] }\n", port)))
	if want := fmt.Sprintf("service %q: port %d is taken by service %q of the same project", "game", port, "bot"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPortsOfItsOwnAndOfOtherProtocolsAreFree(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	port := freePort(t)
	mustBeReady(t, b.up(t, planOf(t, publishing(port))))
	mustBeReady(t, b.up(t, planOf(t, publishing(port)+"    command: other\n")))
	udp := fmt.Sprintf("	voice: { image: voice, healthcheck: { test: [CMD, x] }, ports: [ '%d:80/udp' ] }\n", port)
	b.fake.Play("voice", healthyAfter(0))
	mustBeReady(t, b.up(t, planOf(t, publishing(port)+udp)))
}
