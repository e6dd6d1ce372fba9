package procnet_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"devenv/internal/procnet"

	"github.com/google/go-cmp/cmp"
)

// head is the first line of each table.
const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

// line is a socket of a table.
func line(local, remote, state string, inode int) string {
	return fmt.Sprintf("   0: %s %s %s 00000000:00000000 00:00000000 00000000     0        0 %d 1 0 100 0 0 10 0\n", local, remote, state, inode)
}

// tree makes a folder with the shape of /proc; a name that ends in @ is a link.
func tree(t *testing.T, files map[string]string) procnet.Proc {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name, isLink := strings.CutSuffix(name, "@")
		file := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(file), 0o755)
		if isLink {
			err = errors.Join(err, os.Symlink(text, file))
		} else {
			err = errors.Join(err, os.WriteFile(file, []byte(text), 0o644))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return procnet.Proc(dir)
}

func TestWhoHoldsAPort(t *testing.T) {
	p := tree(t, map[string]string{
		"net/tcp":      head + line("0100007F:15B4", "00000000:0000", "0A", 11) + line("0100007F:15B5", "0100007F:9999", "01", 12),
		"net/tcp6":     head + line("00000000000000000000000000000000:15B6", "00000000000000000000000000000000:0000", "0A", 13),
		"net/udp":      head + line("00000000:15B7", "00000000:0000", "07", 14),
		"41/fd/3@":     "socket:[11]",
		"41/comm":      "be\x1b[31mam\n",
		"42/fd/7@":     "socket:[13]",
		"42/comm":      "python3\n",
		"43/fd/7@":     "socket:[14]",
		"43/comm":      "voice\n",
		"44/fd/1@":     "socket:[12]",
		"self/fd/1@":   "socket:[11]",
		"noise/readme": "",
	})
	tests := map[string]struct {
		protocol string
		port     uint16
		want     procnet.Process
	}{
		"one that listens on IPv4, by a name that can be shown": {"tcp", 5556, procnet.Process{PID: 41, Name: "be[31mam"}},
		"one that listens on IPv6":                              {"tcp", 5558, procnet.Process{PID: 42, Name: "python3"}},
		"one that takes datagrams":                              {"udp", 5559, procnet.Process{PID: 43, Name: "voice"}},
		"none of one that is only connected":                    {"tcp", 5557, procnet.Process{}},
		"none of another protocol":                              {"udp", 5556, procnet.Process{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, ok := p.Holder(test.protocol, test.port)
			if got != test.want || ok != (test.want.PID != 0) {
				t.Errorf("got %+v, %v", got, ok)
			}
		})
	}
}

func TestOnThisSystemTheHolderIsThisVeryProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got, ok := procnet.System.Holder("tcp", uint16(l.Addr().(*net.TCPAddr).Port))
	if !ok || got.PID != os.Getpid() || got.Name == "" {
		t.Errorf("got %+v, %v", got, ok)
	}
}

func TestSessionsAreEstablishedAndFromElsewhere(t *testing.T) {
	p := tree(t, map[string]string{
		"7/net/tcp": head + line("030011AC:15B4", "010011AC:C001", "01", 1) + line("030011AC:15B4", "010011AC:C002", "01", 2) +
			line("030011AC:15B4", "010011AC:C003", "06", 0) + line("0100007F:15B4", "0100007F:C004", "01", 3) +
			line("030011AC:1538", "010011AC:C005", "01", 4) + line("00000000:15B4", "00000000:0000", "0A", 5) + "nonsense\n",
		"7/net/tcp6": head + line("0000000000000000FFFF0000030011AC:15B4", "0000000000000000FFFF0000010011AC:C006", "01", 6),
	})
	got, err := p.Sessions(7, []uint16{5556, 4000})
	if diff := cmp.Diff(map[uint16]int{5556: 3}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := p.Sessions(8, []uint16{5556}); err == nil {
		t.Error("counted where nothing can be read")
	}
}

func TestAProcessBelongsToTheContainerWhoseGroupItIsIn(t *testing.T) {
	p := tree(t, map[string]string{
		"7/cgroup": "0::/system.slice/docker-c0ffee.scope\n",
		"8/cgroup": "4:memory:/docker/c0ffee\n0::/\n",
		"9/cgroup": "0::/user.slice\n",
	})
	for pid, want := range map[int]bool{7: true, 8: true, 9: false, 10: false} {
		if got := p.Belongs(pid, "c0ffee"); got != want {
			t.Errorf("%d: %v", pid, got)
		}
	}
}
