package stack

import "devenv/compose"

// A history is what has happened to the containers of a project since a wait
// began. It compares what the engine says now with what it said before, never
// the engine's clock with ours: it may be on another machine.
type history struct {
	launched map[string]bool // services that were started, or found running
	before   map[string]compose.Container
	lives    map[string]*life
	examined map[string]bool // lives whose healthcheck has held when it was run out of turn
}

// A life is what events tell of one container.
type life struct {
	crashes  int // how often it ended badly by itself
	exit     int // code of the last of them
	oom      bool
	stopping bool // somebody has sent it a signal
}

func newHistory(before []compose.Container) *history {
	h := &history{launched: map[string]bool{}, before: map[string]compose.Container{}, lives: map[string]*life{}, examined: map[string]bool{}}
	for _, c := range before {
		h.before[c.ID] = c
	}
	return h
}

func (h *history) life(c string) *life {
	if h.lives[c] == nil {
		h.lives[c] = &life{}
	}
	return h.lives[c]
}

// note takes an event in, and tells whether there may be something new to see.
func (h *history) note(e compose.Event) bool {
	l := h.life(e.Container)
	switch e.Action {
	case compose.Killed:
		l.stopping = true
		return false
	case compose.OOM:
		l.oom = true
	case compose.Died:
		if !l.stopping && e.ExitCode != 0 {
			l.crashes++
			l.exit = e.ExitCode
		}
	case compose.Started:
		l.stopping = false
	case compose.HealthNow:
	default:
		return false
	}
	return true
}

// crashes is how often a container has ended badly by itself.
func (h *history) crashes(c compose.Container) int {
	return max(h.life(c.ID).crashes, c.Restarts-h.before[c.ID].Restarts)
}

// ran tells whether a container has gone on since before the wait.
func (h *history) ran(c compose.Container) bool {
	was := h.before[c.ID]
	return alive(was) && was.Started.Equal(c.Started)
}

// due tells whether the state of a container says something about this run. One
// that was there before may yet be started or replaced, until the engine has
// done all it was asked to.
func (h *history) due(c compose.Container) bool {
	was, old := h.before[c.ID]
	return h.launched[c.Service] || !old || !alive(was) && !was.Started.Equal(c.Started)
}

func alive(c compose.Container) bool {
	return c.State == compose.Running || c.State == compose.Paused || c.State == compose.Restarting
}
