package stack

import (
	"fmt"

	"devenv/compose"
	"devenv/internal/report"
)

// A phase is how far a service has come.
type phase int

const (
	pending phase = iota // not running yet
	running              // runs; its healthcheck has not decided
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

// tooOften is how many crashes within one wait are a failure, although the
// engine starts the container again. One may be a game that came before its
// database.
const tooOften = 2

// judge decides about a service of which so many containers are wanted: the
// worst of them speaks for it.
func judge(s compose.Service, containers []compose.Container, want int, h *history) verdict {
	worst := verdict{phase: done}
	for _, c := range containers {
		v := judgeOne(s, c, h)
		if v.phase == failed {
			return v
		}
		if v.phase < worst.phase {
			worst = v
		}
	}
	if len(containers) < want {
		return verdict{}.missing(h.launched[s.Name])
	}
	return worst
}

func (v verdict) missing(launched bool) verdict {
	if launched {
		return v.fail("start", "its container is gone: something else has removed it")
	}
	return v.wait("its container to be created")
}

func judgeOne(s compose.Service, c compose.Container, h *history) verdict {
	v := verdict{on: c}
	if !h.due(c) {
		return v.wait("the engine to start or replace its container")
	}
	if n := h.crashes(c); n >= tooOften {
		return v.crashLoop(n, h.life(c.ID))
	}
	switch c.State {
	case compose.Running:
		return v.health(h)
	case compose.Paused:
		return v.fail("start", "its container is paused")
	case compose.Exited, compose.Dead:
		if !h.launched[c.Service] && h.life(c.ID).stopping {
			return v.wait("its container to be started again")
		}
		return v.ended(s, h.life(c.ID))
	case compose.Restarting:
		return v.wait(fmt.Sprintf("its container to be started again (it ended with exit code %d)", c.ExitCode))
	}
	if c.Error != "" {
		v = v.fail("start", c.Error)
		v.failure.Refused = true
		return v
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

func (v verdict) health(h *history) verdict {
	switch {
	case v.on.Health == compose.Unhealthy:
		return v.fail("healthcheck", "unhealthy")
	case v.on.Health == compose.Starting && !h.examined[lifeOf(v.on)]:
		v.phase, v.waits = running, "its healthcheck"
	default:
		v.phase = up
	}
	return v
}

// ended judges a container that has come to its end and stays there.
func (v verdict) ended(s compose.Service, l *life) verdict {
	v.on.OOM = v.on.OOM || l.oom
	switch {
	case v.on.OOM:
		return v.fail("start", "ran out of memory and was killed")
	case v.on.ExitCode != 0:
		return v.fail("start", fmt.Sprintf("its container ended with exit code %d", v.on.ExitCode))
	case len(s.Checks) > 0:
		return v.fail("start", "its container ended (exit code 0), but a player should be able to connect")
	}
	v.phase = done
	return v
}

// crashLoop takes the exit code from the last crash: the container may be
// running once more.
func (v verdict) crashLoop(times int, l *life) verdict {
	code := v.on.ExitCode
	if l.crashes > 0 {
		code = l.exit
	}
	does := "crashed"
	if code == 0 {
		does = "ended"
	}
	v = v.fail("start", fmt.Sprintf("its container has %s %d times (exit code %d) and is started again each time", does, times, code))
	v.failure.ExitCode = &code
	v.failure.OOM = v.on.OOM || l.oom
	return v
}
