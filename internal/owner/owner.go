// Package owner says which process something belongs to, and whether that process
// still lives. What a smoke run makes carries its owner as a label, so that what a
// killed run has left can be told from what a living one still needs.
//
// It knows nothing of engines: an [Owner] is a text of one line.
package owner

import (
	"os"
	"strconv"
	"strings"
)

// An Owner is a process, named so that no other process can be taken for it: not
// one that got its number later, nor one of another container, machine or boot.
// "" is what is not known.
type Owner struct {
	Machine   string // a digest of its identity, which stays when it is restarted
	Boot      string // a new one each time the machine starts
	Namespace string // of process numbers; containers have their own
	PID       int
	Start     string // of the process, in clock ticks since the boot
}

// Self is this process.
func Self() Owner {
	return Owner{
		Machine:   machine(),
		Boot:      boot(),
		Namespace: namespace(),
		PID:       os.Getpid(),
		Start:     look(os.Getpid()).start,
	}
}

// String is the owner as a label says it: machine/boot/namespace/pid/start.
func (o Owner) String() string {
	return strings.Join([]string{o.Machine, o.Boot, o.Namespace, strconv.Itoa(o.PID), o.Start}, "/")
}

// Parse reads what [Owner.String] wrote. Parts that are missing are not known, and
// parts that only a later version knows are passed over. It is not ok where no
// process is named.
func Parse(label string) (o Owner, ok bool) {
	parts := append(strings.Split(label, "/"), "", "", "", "")
	pid, err := strconv.ParseInt(parts[3], 10, 32)
	if err != nil || pid < 1 {
		return Owner{}, false
	}
	return Owner{Machine: parts[0], Boot: parts[1], Namespace: parts[2], PID: int(pid), Start: parts[4]}, true
}

// Dead is true only when it is sure that the owner has ended, as self can see it.
// What is on an engine of this machine has no owner left from before a restart; of
// another machine or container nothing can be known.
func (o Owner) Dead(self Owner, localEngine bool) bool {
	if o.PID < 1 {
		return false
	}
	if o.Near(self) {
		return o.gone(look(o.PID))
	}
	restarted := known(o.Boot, self.Boot) && o.Boot != self.Boot
	return localEngine && restarted && known(o.Machine, self.Machine) && o.Machine == self.Machine
}

// Near tells whether self can see the owner, if it lives: its number is a number of
// the same boot and namespace.
func (o Owner) Near(self Owner) bool {
	if o.Boot != self.Boot || o.Namespace != self.Namespace {
		return false
	}
	if hasProc {
		return o.Boot != "" && o.Namespace != ""
	}
	return o.Machine != "" && o.Machine == self.Machine
}

// gone tells from the process that has the owner's number now.
func (o Owner) gone(p process) bool {
	if p.ended {
		return true
	}
	return known(o.Start, p.start) && o.Start != p.start
}

func known(a, b string) bool { return a != "" && b != "" }
