package engine

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"devenv/compose"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"
)

// ReadLog hands the lines of a container's log to each, in their order. Text is
// plain. A container that is gone has none; one whose logging driver keeps nothing
// gives [compose.ErrNoLog].
func (e *Engine) ReadLog(ctx context.Context, c compose.Container, q compose.LogQuery, each func(compose.LogLine) error) error {
	seen, err := e.api.ContainerInspect(ctx, c.ID)
	if errdefs.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return e.wrap("inspect container "+c.Name, err)
	}
	r, err := e.api.ContainerLogs(ctx, c.ID, logsOptions(q))
	if errdefs.IsNotFound(err) {
		return nil
	}
	if errdefs.IsNotImplemented(err) {
		return compose.ErrNoLog
	}
	if err != nil {
		return e.wrap("read the log of container "+c.Name, err)
	}
	defer r.Close()
	lines := &logLines{of: compose.LogLine{Service: c.Service, Container: c.Name, Number: c.Number}, each: each}
	if seen.Config.Tty {
		err = lines.fromTerminal(r)
	} else {
		err = lines.fromFrames(r)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func logsOptions(q compose.LogQuery) container.LogsOptions {
	o := container.LogsOptions{ShowStdout: true, ShowStderr: true, Timestamps: true, Follow: q.Follow, Tail: "all"}
	if q.Last != compose.AllLines {
		o.Tail = strconv.Itoa(q.Last)
	}
	if !q.Since.IsZero() {
		o.Since = q.Since.Format(time.RFC3339Nano)
	}
	if !q.Until.IsZero() {
		o.Until = q.Until.Format(time.RFC3339Nano)
	}
	return o
}

// logLines puts lines together from what the engine sends, which is a time and a
// piece of a line at once.
type logLines struct {
	of   compose.LogLine
	each func(compose.LogLine) error
	rest map[compose.Stream]compose.LogLine // lines whose end has not come
}

// longestFrame bounds what is believed of the length of a piece; engines cut at
// 16 KiB.
const longestFrame = 1 << 20

// fromFrames reads the log of a container without a terminal. A frame is one
// piece; the last one of a line ends with a newline.
func (l *logLines) fromFrames(r io.Reader) error {
	in := bufio.NewReader(r)
	for {
		var head [8]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return l.end(err)
		}
		length := binary.BigEndian.Uint32(head[4:])
		if length > longestFrame {
			return fmt.Errorf("log of container %s: a piece of %d bytes", l.of.Container, length)
		}
		piece := make([]byte, length)
		if _, err := io.ReadFull(in, piece); err != nil {
			return l.end(err)
		}
		stream := compose.Stdout
		switch stdcopy.StdType(head[0]) {
		case stdcopy.Stderr:
			stream = compose.Stderr
		case stdcopy.Systemerr:
			return fmt.Errorf("log of container %s: %s", l.of.Container, Plain(string(piece)))
		}
		if err := l.add(stream, string(piece)); err != nil {
			return err
		}
	}
}

// fromTerminal reads the log of a container with a terminal, which has no frames.
func (l *logLines) fromTerminal(r io.Reader) error {
	in := bufio.NewReaderSize(r, longestLine)
	for {
		line, err := in.ReadSlice('\n')
		if len(line) > 0 {
			if err := l.add(compose.Stdout, string(line)); err != nil {
				return err
			}
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return l.end(err)
		}
	}
}

// add takes a piece in. What is too long for a line is told as several.
func (l *logLines) add(stream compose.Stream, piece string) error {
	at, text := splitTime(piece)
	line, begun := l.rest[stream]
	if !begun {
		line = l.of
		line.Stream, line.Time = stream, at
	}
	line.Text += text
	if !strings.HasSuffix(text, "\n") && len(line.Text) < longestLine {
		if l.rest == nil {
			l.rest = map[compose.Stream]compose.LogLine{}
		}
		l.rest[stream] = line
		return nil
	}
	delete(l.rest, stream)
	return l.pass(line)
}

func (l *logLines) pass(line compose.LogLine) error {
	line.Text = Plain(strings.TrimRight(line.Text, "\r\n"))
	return l.each(line)
}

// end passes on the lines that have no end.
func (l *logLines) end(err error) error {
	for _, stream := range []compose.Stream{compose.Stdout, compose.Stderr} {
		if line, begun := l.rest[stream]; begun {
			if err := l.pass(line); err != nil {
				return err
			}
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil // the engine may hang up in the middle of a piece
	}
	return err
}

// splitTime parts the time that the engine puts before each piece from the text.
func splitTime(piece string) (time.Time, string) {
	stamp, text, _ := strings.Cut(piece, " ")
	at, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil {
		return time.Time{}, piece
	}
	return at, text
}
