package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"devenv/compose"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"
)

// Record tells all there is of a container. Where a part cannot be told, the others
// are there, beside the error.
func (e *Engine) Record(ctx context.Context, id string) (compose.Record, error) {
	c, raw, err := e.api.ContainerInspectWithRaw(ctx, id, false)
	if err != nil {
		return compose.Record{}, e.wrap("inspect container "+id, err)
	}
	var pretty bytes.Buffer
	formed := json.Indent(&pretty, raw, "", "  ")
	record := compose.Record{Inspect: pretty.Bytes()}
	if c.State != nil {
		record.Health = healthLog(c.State.Health)
	}
	log, err := e.wholeLog(ctx, c)
	record.Log = log
	return record, errors.Join(e.wrap("inspect container "+id, formed), e.wrap("read the log of container "+id, err))
}

// healthLog is all that Docker has kept of its examinations.
func healthLog(h *container.Health) string {
	if h == nil {
		return ""
	}
	var text strings.Builder
	for _, entry := range h.Log {
		took := entry.End.Sub(entry.Start).Round(time.Millisecond)
		fmt.Fprintf(&text, "%s exit code %d after %v\n", entry.Start.UTC().Format(time.RFC3339Nano), entry.ExitCode, took)
		for _, line := range plainLines(strings.TrimSpace(entry.Output)) {
			fmt.Fprintf(&text, "  %s\n", line)
		}
	}
	return text.String()
}

// longestLog keeps the log of a container that raves from filling memory and disk.
const longestLog = 8 << 20

// wholeLog is the last part of what a container printed, a line for each of its lines.
func (e *Engine) wholeLog(ctx context.Context, c container.InspectResponse) (string, error) {
	r, err := e.api.ContainerLogs(ctx, c.ID, container.LogsOptions{ShowStdout: true, ShowStderr: true, Timestamps: true})
	if err != nil {
		return "", err
	}
	defer r.Close()
	page := &page{limit: longestLog}
	out, errs := &printer{page: page}, &printer{page: page}
	if c.Config != nil && c.Config.Tty {
		_, err = io.Copy(out, r)
	} else {
		_, err = stdcopy.StdCopy(out, errs, r)
	}
	out.flush()
	errs.flush()
	return page.text(), err
}

// A printer takes one stream of a log and passes its lines on to the page. The
// engine puts the time before each piece that it sends; of a very long line, that
// is in the middle of it, too.
type printer struct {
	page *page
	rest []byte
}

func (p *printer) Write(piece []byte) (int, error) {
	n := len(piece)
	if len(p.rest) > 0 {
		piece = untimed(piece)
	}
	p.rest = append(p.rest, piece...)
	for {
		line, rest, whole := bytes.Cut(p.rest, []byte("\n"))
		if !whole && len(line) < longestLine {
			return n, nil
		}
		p.page.add(line)
		p.rest = rest
	}
}

func (p *printer) flush() {
	if len(p.rest) > 0 {
		p.page.add(p.rest)
		p.rest = nil
	}
}

// untimed takes the time off a piece.
func untimed(piece []byte) []byte {
	at, rest, _ := bytes.Cut(piece, []byte(" "))
	if _, err := time.Parse(time.RFC3339Nano, string(at)); err != nil {
		return piece
	}
	return rest
}

// A page keeps the last lines of a text.
type page struct {
	limit int // in bytes
	kept  bytes.Buffer
	cut   bool
}

func (p *page) add(line []byte) {
	p.kept.WriteString(strings.TrimRight(Plain(string(line)), " "))
	p.kept.WriteByte('\n')
	if p.kept.Len() > 2*p.limit {
		p.trim()
	}
}

// trim drops the lines that are too many.
func (p *page) trim() {
	if over := p.kept.Len() - p.limit; over > 0 {
		p.kept.Next(over)
		_, _ = p.kept.ReadBytes('\n') // the end of a line whose beginning is gone
		p.cut = true
	}
}

func (p *page) text() string {
	p.trim()
	if p.cut {
		return fmt.Sprintf("(the beginning is left out: this is the last of more than %d bytes)\n", p.limit) + p.kept.String()
	}
	return p.kept.String()
}
