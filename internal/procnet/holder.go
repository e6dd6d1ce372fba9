package procnet

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
)

// Holder is a process that listens on a port of a protocol, "tcp" or "udp", or not ok
// where none does or it may not be seen.
func (p Proc) Holder(protocol string, port uint16) (Process, bool) {
	all, _ := sockets(filepath.Join(string(p), "net"), protocol)
	wanted := map[string]bool{}
	for _, s := range all {
		if s.local == port && (s.state == listening || protocol == "udp" && s.state == unconnected) {
			wanted["socket:["+s.inode+"]"] = true
		}
	}
	if len(wanted) == 0 {
		return Process{}, false
	}
	folders, _ := os.ReadDir(string(p))
	for _, folder := range folders {
		pid, err := strconv.Atoi(folder.Name())
		if err == nil && p.has(pid, wanted) {
			return Process{PID: pid, Name: p.name(pid)}, true
		}
	}
	return Process{}, false
}

// has tells whether a process has one of these open.
func (p Proc) has(pid int, wanted map[string]bool) bool {
	folder := p.of(pid, "fd")
	open, _ := os.ReadDir(folder)
	for _, fd := range open {
		if link, err := os.Readlink(filepath.Join(folder, fd.Name())); err == nil && wanted[link] {
			return true
		}
	}
	return false
}

// name is what a process calls itself, which may be anything.
func (p Proc) name(pid int) string {
	text, _ := os.ReadFile(p.of(pid, "comm"))
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.TrimSpace(string(text)))
}

func (p Proc) of(pid int, file string) string {
	return filepath.Join(string(p), strconv.Itoa(pid), file)
}
