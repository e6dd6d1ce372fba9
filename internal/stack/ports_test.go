package stack_test

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"devenv/internal/stack/stacktest"
)

// ourselves is this very process, as the holder of a port is told.
func ourselves(t *testing.T) string {
	t.Helper()
	name, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		return "another program"
	}
	return fmt.Sprintf("%s (pid %d)", strings.TrimSpace(string(name)), os.Getpid())
}

func TestEveryPortThatIsTakenIsSaidBeforeTheStart(t *testing.T) {
	one, two := listen(t), listen(t)
	voice, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { voice.Close() })
	udp := voice.LocalAddr().(*net.UDPAddr).Port
	tests := map[string]struct{ services, want string }{
		"one by a program, with its name and number": {
			publishing(one), fmt.Sprintf("service %q: port %d is taken by %s", "game", one, ourselves(t))},
		"one of datagrams": {
			fmt.Sprintf("services: { voice: { image: voice, ports: ['127.0.0.1:%d:80/udp'] } }", udp),
			fmt.Sprintf("service %q: port %d/udp is taken by %s", "voice", udp, ourselves(t))},
		"two at once": {
			publishing(one) + fmt.Sprintf("	bot: { image: bot, ports: ['127.0.0.1:%d:80'] }\n", two),
			fmt.Sprintf("service %q: port %d is taken by %s\nservice %q: port %d is taken by %s", "bot", two, ourselves(t), "game", one, ourselves(t))},
		"a range of which too few are free": {
			strings.Replace(publishing(one), fmt.Sprintf("%q", fmt.Sprint(one)), fmt.Sprintf(`"%d-%d"`, one, one), 1) +
				fmt.Sprintf("	bots: { image: bot, deploy: { replicas: 2 }, ports: [{ target: 80, published: '%d-%d', host_ip: 127.0.0.1 }] }\n", two, two+1),
			fmt.Sprintf("service %q: ports %d to %d: 1 free, 2 needed; %d is taken by %s\nservice %q: port %d is taken by %s", "bots", two, two+1, two, ourselves(t), "game", one, ourselves(t))},
		"one that a service in the host's network listens on": {
			fmt.Sprintf("services: { game: { image: game, network_mode: host, x-devenv: { checks: { '%d': {} } } } }", one),
			fmt.Sprintf("service %q: port %d is taken by %s", "game", one, ourselves(t))},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			if got := refused(t, b, planOf(t, test.services)); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestAPortOfAnotherAddressOrOfAFreeRangeIsFree(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	port := freePort(t)
	other := strings.Replace(publishing(port), "127.0.0.1", "127.0.0.9", 1)
	mustBeReady(t, b.up(t, planIn(t, "other", t.TempDir(), other)))
	mustBeReady(t, b.up(t, planOf(t, publishing(port))))
}

func TestWhatOthersHoldIsTakenAndWhatIsOursIsNot(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	ours, theirs, program := freePort(t), freePort(t), listen(t)
	mustBeReady(t, b.up(t, planOf(t, publishing(ours))))
	mustBeReady(t, b.up(t, planIn(t, "other", t.TempDir(), publishing(theirs))))
	taken, err := b.Taken(t.Context(), "mud")
	if err != nil {
		t.Fatal(err)
	}
	for port, want := range map[int]bool{ours: false, theirs: true, program: true, freePort(t): false} {
		if got := taken("tcp", uint16(port)); got != want {
			t.Errorf("port %d of %d ours, %d theirs, %d of a program: taken is %v", port, ours, theirs, program, got)
		}
	}
}
