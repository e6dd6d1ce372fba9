package compose

import (
	"errors"
	"io"
	"time"
)

// A Command is a program to run in a container.
type Command struct {
	Args     []string // the program and its arguments; none is what the container itself runs
	User     string   // "" is that of the container
	Dir      string   // "" is that of the container
	Env      []string // NAME=VALUE, over those of the container
	Terminal bool     // runs it on a terminal of its own
}

// A OneOff is a container that is made to run one command.
type OneOff struct {
	Command
	Entrypoint []string // nil is that of the service; an empty one is none
	Remove     bool     // when it has ended
}

// Streams are what a running command reads and writes. One with a terminal writes
// all to Out. Sizes brings the size of the terminal, now and each time it changes;
// nil is a size that nobody knows.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	Sizes    <-chan Size
}

// Size is that of a terminal, in characters.
type Size struct{ Width, Height uint }

// A LogQuery says which lines of a container's log are wanted.
type LogQuery struct {
	Since, Until time.Time // zero leaves it open
	Last         int       // lines at the end; [AllLines] is all
	Follow       bool      // goes on until the container ends
}

// AllLines is every line of a log.
const AllLines = -1

// ErrNoLog is a container whose logging driver keeps nothing that could be read.
var ErrNoLog = errors.New("its logging driver keeps nothing to read")

// A LogLine is one line that a container printed, as plain text.
type LogLine struct {
	Service   string
	Container string // its name
	Number    int    // of the replica, from 1
	Stream    Stream
	Time      time.Time
	Text      string
}

// Stream is where a line was printed. A container with a terminal has one only.
type Stream string

// The streams of a process.
const (
	Stdout Stream = "stdout"
	Stderr Stream = "stderr"
)
