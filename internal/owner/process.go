package owner

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// hasProc is a system that tells of its processes in /proc. Others know neither
// boots nor namespaces of processes.
const hasProc = runtime.GOOS == "linux"

// A process is what has a number now.
type process struct {
	ended bool   // for sure: there is none, or it only waits for its parent to notice
	start string // "" where that is not known
}

func look(pid int) process {
	if stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat")); err == nil {
		return parseStat(string(stat))
	}
	found, err := os.FindProcess(pid)
	if err != nil {
		return process{}
	}
	// The processes of others may be hidden in /proc, but not from a signal.
	err = found.Signal(syscall.Signal(0))
	return process{ended: errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH)}
}

// Fields of /proc/PID/stat, counted from the one after the name, which is the
// second.
const (
	statState = 0  // field 3
	statStart = 19 // field 22
)

// parseStat reads a line of /proc/PID/stat. The name in it may hold spaces and
// parentheses, so what counts is the last one.
func parseStat(stat string) process {
	fields := strings.Fields(stat[strings.LastIndex(stat, ")")+1:])
	if len(fields) <= statStart {
		return process{}
	}
	ended := fields[statState] == "Z" || fields[statState] == "X"
	return process{ended: ended, start: fields[statStart]}
}

// machine is a digest, as an identity of a machine is not to be passed on.
func machine() string {
	identity, err := os.ReadFile("/etc/machine-id")
	if err != nil || len(identity) == 0 {
		name, err := os.Hostname()
		if err != nil {
			return ""
		}
		identity = []byte(name)
	}
	sum := sha256.Sum256(append([]byte("devenv "), identity...))
	return hex.EncodeToString(sum[:8])
}

func boot() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}

// namespace is not known where /proc is that of another one, such as the host's
// in a container.
func namespace() string {
	self, err := os.Readlink("/proc/self")
	if err != nil || self != strconv.Itoa(os.Getpid()) {
		return ""
	}
	link, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return strings.Trim(link, "pid:[]")
}
