package stack

import (
	"fmt"
	"time"

	"devenv/compose"
	"devenv/internal/report"
)

// A phase is how far a service has come.
type phase int

const (
	pending phase = iota // not running yet
	running              // runs; its healthcheck, if any, has not decided
	up                   // runs, and is healthy where it has a healthcheck
	done                 // a one-shot that ended with 0
	failed
)

// A verdict is what the containers of a service say at one moment.
type verdict struct {
	phase   phase
	waits   string          // for what, while pending or running
	failure *report.Failure // of failed
	on      compose.Container
}

// crashes is how often a container with a restart policy may end badly within
// one wait. One crash may be a game that came before its database.
const crashes = 2

// A history is what has happened to containers since the wait began.
type history struct {
	started  bool // the engine has started all it was asked to
	deaths   map[string]int
	restarts map[string]int // count of the container when it was first seen
	stopped  map[string]bool
}

// judge decides about one service from its containers.
func judge(s compose.Service, containers []compose.Container, want int, h history) verdict {
	worst := verdict{phase: done}
	if len(containers) < want || len(containers) == 0 && want > 0 {
		worst = verdict{phase: pending, waits: "its container to be created"}
	}
	for _, c := range containers {
		if v := judgeOne(s, c, h); v.phase == failed {
			return v
		} else if v.phase < worst.phase {
			worst = v
		}
	}
	return worst
}

func judgeOne(s compose.Service, c compose.Container, h history) verdict {
	v := verdict{on: c}
	died := h.deaths[c.ID] > 0
	switch {
	case c.Restart && (h.deaths[c.ID] >= crashes || c.Restarts-h.restarts[c.ID] >= crashes):
		return v.fail("start", crashLoop(c, h))
	case c.State == compose.Running:
		return v.health(c)
	case c.State == compose.Paused:
		return v.fail("start", "its container is paused")
	case c.State == compose.Exited || c.State == compose.Dead:
		if !h.started && !died || h.stopped[c.ID] && !h.started {
			return v.wait("its container to be started")
		}
		return v.ended(s, c)
	case c.State == compose.Created && c.Error != "" && h.started:
		return v.fail("start", c.Error)
	}
	return v.wait("its container to run")
}

func (v verdict) wait(what string) verdict {
	v.phase, v.waits = pending, what
	return v
}

func (v verdict) fail(step, reason string) verdict {
	v.phase = failed
	v.failure = &report.Failure{Step: step, Reason: reason, Health: v.on.HealthLog, OOM: v.on.OOM}
	if v.on.State == compose.Exited || v.on.State == compose.Restarting || v.on.State == compose.Dead {
		v.failure.ExitCode = &v.on.ExitCode
	}
	return v
}

func (v verdict) health(c compose.Container) verdict {
	switch c.Health {
	case compose.Unhealthy:
		return v.fail("healthcheck", "unhealthy")
	case compose.Starting:
		v.phase, v.waits = running, "its healthcheck"
	default:
		v.phase = up
	}
	return v
}

// ended judges a container that has come to its end.
func (v verdict) ended(s compose.Service, c compose.Container) verdict {
	switch {
	case c.OOM:
		return v.fail("start", "ran out of memory and was killed")
	case c.Restart:
		return v.wait("its container to be restarted")
	case c.ExitCode != 0:
		return v.fail("start", fmt.Sprintf("its container ended with exit code %d", c.ExitCode))
	case len(s.Checks) > 0:
		return v.fail("start", "its container ended (exit code 0), but a player should be able to connect")
	}
	v.phase = done
	return v
}

func crashLoop(c compose.Container, h history) string {
	times := max(h.deaths[c.ID], c.Restarts-h.restarts[c.ID])
	return fmt.Sprintf("its container has crashed %d times (exit code %d) and is started again each time", times, c.ExitCode)
}

// steady is when a service that holds counts as ready: a container of this run
// must hold for a window; one that nothing asks must at least live for a while.
func steady(s compose.Service, v verdict, held, began time.Time, window time.Duration) time.Time {
	if v.on.Started.Before(began) {
		return held
	}
	if len(s.Checks) == 0 && v.on.Health == compose.NoHealth {
		return v.on.Started.Add(unasked)
	}
	return held.Add(window)
}

// unasked is how long a container must live when neither a check nor a
// healthcheck can vouch for it.
const unasked = time.Second
