package telnet

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"
)

// The marks within an MSSP reply.
const (
	msspVar byte = 1
	msspVal byte = 2
)

// What one MSSP reply may hold; the rest is left out.
const (
	maxVariables = 256
	maxValues    = 64   // of one variable
	maxWord      = 1024 // bytes of one name or value
)

// A ServerStatus is what a server says of itself by MSSP, the Mud Server Status
// Protocol (https://tintin.mudhalla.net/protocols/mssp/): the values of each
// variable, the most important last. All is as [VisibleLine] shows it.
type ServerStatus map[string][]string

// ParseMSSP reads the payload of an MSSP subnegotiation: VAR name VAL value,
// several values after one name, and names that come again. What stands before
// the first name is skipped. It is nil when there is no variable in it.
func ParseMSSP(payload []byte) ServerStatus {
	var status ServerStatus
	_, payload, _ = bytes.Cut(payload, []byte{msspVar})
	for chunk := range bytes.SplitSeq(payload, []byte{msspVar}) {
		name, values, _ := bytes.Cut(chunk, []byte{msspVal})
		if len(name) == 0 {
			continue
		}
		if status == nil {
			status = ServerStatus{}
		}
		status.add(word(name), values, string(msspVal))
	}
	return status
}

func (s ServerStatus) add(name string, values []byte, separator string) {
	if _, known := s[name]; !known && len(s) == maxVariables {
		return
	}
	for value := range bytes.SplitSeq(values, []byte(separator)) {
		if len(s[name]) == maxValues {
			return
		}
		s[name] = append(s[name], word(value))
	}
}

func word(b []byte) string { return VisibleLine(string(b[:min(len(b), maxWord)])) }

// last is the most important value of a variable.
func (s ServerStatus) last(name string) string {
	values := s[name]
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// Name is the name of the game, or "".
func (s ServerStatus) Name() string { return s.last("NAME") }

// Players is how many play now; false when the server does not say.
func (s ServerStatus) Players() (int, bool) {
	n, err := strconv.Atoi(s.last("PLAYERS"))
	return n, err == nil && n >= 0
}

// Uptime is when the server started (not for how long it runs: that is what
// MSSP means by the word); false when the server does not say.
func (s ServerStatus) Uptime() (time.Time, bool) {
	seconds, err := strconv.ParseInt(s.last("UPTIME"), 10, 64)
	if err != nil || seconds <= 0 {
		return time.Time{}, false
	}
	return time.Unix(seconds, 0), true
}

// Names lists the variables in the order to tell them: the three that MSSP
// requires, then the others by name.
func (s ServerStatus) Names() []string {
	rank := map[string]int{"NAME": -3, "PLAYERS": -2, "UPTIME": -1}
	return slices.SortedFunc(maps.Keys(s), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank[a], rank[b]), cmp.Compare(a, b))
	})
}

// Missing lists those of the variables that the server does not name, or names
// without a value, in the order given.
func (s ServerStatus) Missing(variables []string) []string {
	return slices.DeleteFunc(slices.Clone(variables), func(name string) bool { return s.last(name) != "" })
}

// The lines around an MSSP reply in plain text.
const (
	plainStart = "MSSP-REPLY-START"
	plainEnd   = "MSSP-REPLY-END"
)

// ParsePlainMSSP reads the reply to MSSP-REQUEST out of plain text (see [Plain]):
// between the marks, a line for each variable, its name and its values apart by
// tabs. False says that there is no whole reply yet; what is no variable is
// skipped.
func ParsePlainMSSP(text []byte) (ServerStatus, bool) {
	_, reply, started := bytes.Cut(text, []byte(plainStart))
	reply, _, ended := bytes.Cut(reply, []byte(plainEnd))
	if !started || !ended {
		return nil, false
	}
	status := ServerStatus{}
	for line := range bytes.Lines(reply) {
		name, values, isVariable := bytes.Cut(bytes.TrimRight(line, "\n"), []byte("\t"))
		if len(name) > 0 && isVariable {
			status.add(word(name), values, "\t")
		}
	}
	return status, true
}
