package stacktest

import (
	"context"
	"slices"

	"devenv/compose"
)

// What else Docker tells of a container, in its words.
const (
	created   compose.Action = "create"
	stopped   compose.Action = "stop"
	destroyed compose.Action = "destroy"
)

// A listener is one stream of events. Nothing is lost, however slow its reader.
type listener struct {
	project string
	queue   []compose.Event
	more    chan struct{}
	over    chan struct{}
}

// Events sends what happens to the containers of a project from now on.
func (e *Engine) Events(ctx context.Context, project string) <-chan compose.Event {
	l := &listener{project: project, more: make(chan struct{}, 1), over: make(chan struct{})}
	out := make(chan compose.Event)
	e.mu.Lock()
	e.listeners = append(e.listeners, l)
	if e.gone {
		l.end()
	}
	e.mu.Unlock()
	go func() {
		defer close(out)
		defer e.forget(l)
		for {
			select {
			case <-l.more:
			case <-l.over:
				return
			case <-ctx.Done():
				return
			}
			for _, event := range e.take(l) {
				select {
				case out <- event:
				case <-l.over:
					return
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out
}

func (l *listener) end() {
	select {
	case <-l.over:
	default:
		close(l.over)
	}
}

func (e *Engine) take(l *listener) []compose.Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	queue := l.queue
	l.queue = nil
	return queue
}

func (e *Engine) forget(l *listener) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.listeners = slices.DeleteFunc(e.listeners, func(other *listener) bool { return other == l })
}

// tell sends an event of a container, and wakes all who wait for a change.
func (e *Engine) tell(c *container, action compose.Action) {
	event := compose.Event{Container: c.ID, Service: c.Service, Action: action}
	if action == compose.Died {
		event.ExitCode = c.ExitCode
	}
	for _, l := range e.listeners {
		if l.project != c.project {
			continue
		}
		l.queue = append(l.queue, event)
		select {
		case l.more <- struct{}{}:
		default:
		}
	}
	e.change()
}
