package engine

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/docker/compose/v2/pkg/progress"
	"github.com/sirupsen/logrus"
)

// Progress says how the story of a build or start is told.
type Progress string

// The ways to tell it.
const (
	Lines    Progress = "plain" // one line an event
	Terminal Progress = "tty"   // redrawn in place
	Quiet    Progress = "quiet"
)

// quiet keeps what our libraries print off the streams where it does not
// belong: compose's progress mode is a package variable, its builder knows only
// os.Stdout, and logrus goes to stderr with dates.
func quiet(o Options) {
	draw(o.Progress)
	Warnings(o.Log)
	// Bake needs a docker CLI plugin that a small machine does not have; the
	// builder inside the library needs none.
	os.Setenv("COMPOSE_BAKE", "false")
	// What the docker CLI sells beside an error is not ours to say.
	os.Setenv("DOCKER_CLI_HINTS", "false")
}

// draw chooses how compose tells the progress of what it does next. Services are
// started side by side, and two drawings would overwrite each other.
func draw(p Progress) { progress.Mode = string(p) }

// Warnings sends what compose and compose-go warn of to w, as plain lines.
func Warnings(w io.Writer) {
	logrus.SetOutput(&filter{w: w})
	logrus.SetFormatter(warning{})
}

// composeStream is where compose's progress goes: a terminal itself, so that it
// can be redrawn, or our filter.
func composeStream(o Options, log io.Writer) io.Writer {
	if f, ok := o.Log.(*os.File); ok && o.Progress == Terminal {
		return f
	}
	return log
}

// A warning is how logrus speaks here.
type warning struct{}

func (warning) Format(e *logrus.Entry) ([]byte, error) {
	if strings.Contains(e.Message, "COMPOSE_BAKE") {
		return nil, nil
	}
	return fmt.Appendf(nil, "%s: %s\n", e.Level, strings.TrimPrefix(e.Message, "Warning: ")), nil
}

// A filter passes whole lines on, without the escape sequences and control
// characters that a build or a container may have put into them.
type filter struct {
	mu   sync.Mutex
	w    io.Writer
	rest []byte
}

const longestLine = 64 << 10

func (f *filter) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rest = append(f.rest, p...)
	for {
		line, rest, whole := bytes.Cut(f.rest, []byte("\n"))
		if !whole && len(line) < longestLine {
			return len(p), nil
		}
		if err := f.pass(line); err != nil {
			return 0, err
		}
		f.rest = rest
	}
}

// flush passes on a last line that has no end.
func (f *filter) flush() {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = f.pass(f.rest) // the story is over; there is nobody to tell
	f.rest = nil
}

func (f *filter) pass(line []byte) error {
	text := strings.TrimRight(Plain(string(line)), " ")
	if strings.TrimSpace(text) == "" {
		return nil
	}
	_, err := io.WriteString(f.w, text+"\n")
	return err
}

// redirectStdout sends what is printed on os.Stdout to log until it is
// released. The builder inside compose prints its log there and can't be told
// otherwise. On a terminal it draws, and takes care of escape sequences itself.
func (e *Engine) redirectStdout(log io.Writer) (release func(), err error) {
	stdout := os.Stdout
	if e.mode == Terminal {
		os.Stdout = os.Stderr
		return func() { os.Stdout = stdout }, nil
	}
	r, pipe, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("redirect the build log: %w", err)
	}
	os.Stdout = pipe
	copied := make(chan struct{})
	go func() {
		defer close(copied)
		_, _ = io.Copy(log, r)
	}()
	return func() {
		os.Stdout = stdout
		pipe.Close()
		<-copied
		r.Close()
		e.log.flush()
	}, nil
}
