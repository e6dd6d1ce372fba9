// Package procnet reads what Linux tells of sockets in /proc: which process holds a
// port, and how many connections a port has. On other systems, and where a process
// may not be looked into, it knows nothing, which is no error.
package procnet

import (
	"bufio"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A Proc is a folder with the shape of /proc.
type Proc string

// System is that of this machine, as this process sees it.
const System Proc = "/proc"

// A Process is one that holds a port.
type Process struct {
	PID  int
	Name string // as the kernel has it, at most 15 bytes; only what can be shown
}

// The states of a socket, as /proc/net says them.
const (
	established = "01"
	unconnected = "07" // of udp: it takes from everybody
	listening   = "0A"
)

// A socket is one line of /proc/net/tcp and its like.
type socket struct {
	local        uint16
	peer         netip.Addr
	state, inode string
}

// sockets reads the tables of a protocol, "tcp" or "udp", in a net folder. A table that
// cannot be read is empty; the error is that of the first one.
func sockets(net, protocol string) ([]socket, error) {
	var all []socket
	var first error
	for i, table := range []string{protocol, protocol + "6"} {
		f, err := os.Open(filepath.Join(net, table))
		if err != nil {
			if i == 0 {
				first = err
			}
			continue
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if s, ok := parse(lines.Text()); ok {
				all = append(all, s)
			}
		}
		f.Close()
	}
	return all, first
}

// parse reads a line such as
//
//	0: 0100007F:15B4 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4711
func parse(line string) (socket, bool) {
	fields := strings.Fields(line)
	if len(fields) < 10 {
		return socket{}, false
	}
	_, local, ok := address(fields[1])
	peer, _, also := address(fields[2])
	return socket{local: local, peer: peer, state: fields[3], inode: fields[9]}, ok && also
}

// address reads an address and a port in hex. The words of the address are in the
// order of the machine's bytes, which only matters for comparing: no machine mixes them.
func address(text string) (netip.Addr, uint16, bool) {
	host, port, ok := strings.Cut(text, ":")
	number, err := strconv.ParseUint(port, 16, 16)
	if !ok || err != nil || len(host)%8 != 0 {
		return netip.Addr{}, 0, false
	}
	raw := make([]byte, 0, 16)
	for i := 0; i < len(host); i += 8 {
		word, err := strconv.ParseUint(host[i:i+8], 16, 32)
		if err != nil {
			return netip.Addr{}, 0, false
		}
		raw = append(raw, byte(word), byte(word>>8), byte(word>>16), byte(word>>24))
	}
	ip, ok := netip.AddrFromSlice(raw)
	return ip.Unmap(), uint16(number), ok
}
