package stacktest

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"devenv/compose"

	"github.com/compose-spec/compose-go/v2/types"
)

// backoff is how long the engine waits before it starts a container again; it
// doubles each time. Docker begins with 100 ms.
const backoff = 5 * time.Millisecond

// firstPID is beyond the number that any process can have, so that none is taken for
// that of a container.
const firstPID = 1 << 22

type container struct {
	compose.Container
	project string
	hash    string // of its service
	model   types.ServiceConfig

	starts  int
	process *Process      // of the present life
	halt    chan struct{} // closed to keep it from being started again
	game    Game
	doors   []net.Listener
	log     []line
	files   map[string]string // that were uploaded, by path; nil is none yet
}

// A line is one of a log.
type line struct {
	at   time.Time
	text string
}

// seen is the container as an observer gets it, with nothing shared.
func (c *container) seen() compose.Container {
	seen := c.Container
	seen.Labels = maps.Clone(c.Labels)
	seen.Ports = slices.Clone(c.Ports)
	seen.Networks = slices.Clone(c.Networks)
	return seen
}

func byServiceAndNumber(a, b compose.Container) int {
	return cmp.Or(strings.Compare(a.Service, b.Service), a.Number-b.Number)
}

func (c *container) runs() bool {
	return c.State == compose.Running || c.State == compose.Restarting
}

// restarts tells whether the engine starts the container again by itself.
func (c *container) restarts(code int) bool {
	policy, limit, _ := strings.Cut(c.model.Restart, ":")
	most, err := strconv.Atoi(limit)
	if policy == "on-failure" {
		return code != 0 && (err != nil || c.Restarts < most)
	}
	return policy == "always" || policy == "unless-stopped"
}

// start begins a life. The engine is locked.
func (e *Engine) start(c *container) error {
	if err := c.open(e); err != nil {
		c.Error = err.Error()
		return fmt.Errorf("container %s: %w", c.Name, err)
	}
	stop := make(chan struct{})
	p := &Process{Life: c.starts, Stopped: stop, stop: stop, ended: make(chan struct{}), engine: e, container: c}
	c.starts++
	c.process, c.game = p, nil
	c.State, c.Started, c.ExitCode, c.OOM, c.Error = compose.Running, time.Now(), 0, false, ""
	e.made++
	c.PID = firstPID + e.made
	c.Health, c.HealthLog = compose.NoHealth, ""
	if h := c.model.HealthCheck; h != nil && !h.Disable {
		c.Health = compose.Starting
	}
	script := e.scripts[c.Service]
	if script == nil {
		script = Runs
	}
	e.tell(c, compose.Started)
	e.alive.Go(func() { e.live(c, p, script) })
	return nil
}

func (e *Engine) live(c *container, p *Process, script Script) {
	defer close(p.ended)
	code := script(p)
	e.mu.Lock()
	defer e.mu.Unlock()
	c.close()
	if p.oom {
		e.tell(c, compose.OOM)
	}
	c.PID, c.ExitCode, c.OOM, c.State, c.Networks = 0, code, p.oom, compose.Exited, nil
	if !p.stopping && c.restarts(code) {
		c.State = compose.Restarting
		c.Restarts++
		pause := time.NewTimer(backoff << min(c.Restarts, 6))
		halt := make(chan struct{})
		c.halt = halt
		e.alive.Go(func() { e.again(c, pause, halt) })
	}
	e.tell(c, compose.Died)
}

// again starts a container after a pause, unless it is stopped before.
func (e *Engine) again(c *container, pause *time.Timer, halt <-chan struct{}) {
	defer pause.Stop()
	select {
	case <-halt:
		return
	case <-pause.C:
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.State == compose.Restarting {
		_ = e.start(c) // what went wrong is in its Error
	}
}

// stop ends the life of a container, and waits for its process.
func (e *Engine) stop(c *container) {
	e.mu.Lock()
	switch c.State {
	case compose.Restarting:
		c.State = compose.Exited
		close(c.halt)
		e.mu.Unlock()
		return
	case compose.Running:
	default:
		e.mu.Unlock()
		return
	}
	p := c.process
	if !p.stopping {
		p.stopping = true
		e.tell(c, compose.Killed)
		close(p.stop)
	}
	e.mu.Unlock()
	<-p.ended
	e.mu.Lock()
	e.tell(c, stopped)
	e.mu.Unlock()
}

// end stops containers side by side.
func (e *Engine) end(containers []*container) {
	var all sync.WaitGroup
	for _, c := range containers {
		all.Go(func() { e.stop(c) })
	}
	all.Wait()
}

// remove ends containers and forgets them.
func (e *Engine) remove(containers []*container) {
	e.end(containers)
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range containers {
		e.containers = slices.DeleteFunc(e.containers, func(other *container) bool { return other == c })
		e.tell(c, destroyed)
	}
}
