package stack

import (
	"context"
	"errors"

	"devenv/compose"
)

// A source is the log of a container while it is read beside others.
type source struct {
	id    string
	lines chan compose.LogLine
	err   error // once lines is closed
	head  compose.LogLine
	held  bool // the head is to be handed on
}

func (d Daily) open(ctx context.Context, c compose.Container, q compose.LogQuery) *source {
	s := &source{id: c.ID, lines: make(chan compose.LogLine)}
	go func() {
		defer close(s.lines)
		s.err = d.read(ctx, c, q, func(line compose.LogLine) error {
			select {
			case s.lines <- line:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	return s
}

// read reads a log, where there is one; where not, it tells so.
func (d Daily) read(ctx context.Context, c compose.Container, q compose.LogQuery, each func(compose.LogLine) error) error {
	err := d.Engine.ReadLog(ctx, c, q, each)
	if !errors.Is(err, compose.ErrNoLog) {
		return err
	}
	if !q.Follow {
		d.tell("%s: %v", c.Service, err)
	}
	return nil
}

// earliest is the source whose next line was printed first; nil when all are at
// their end.
func earliest(sources []*source) (*source, error) {
	var first *source
	for _, s := range sources {
		if !s.held {
			s.head, s.held = <-s.lines
		}
		if !s.held && s.err != nil {
			return nil, s.err
		}
		if s.held && (first == nil || s.head.Time.Before(first.head.Time)) {
			first = s
		}
	}
	return first, nil
}
