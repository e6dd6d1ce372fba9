package stacktest

import (
	"io"
	"net"
	"time"

	"devenv/compose"
)

// A Script is the main process of a container: a function that returns the exit
// code. It must end when [Process.Stopped] is closed.
type Script func(*Process) int

// Exit codes as Docker tells them.
const (
	Terminated = 143 // SIGTERM
	killed     = 137 // SIGKILL, also by the kernel for want of memory
)

// A Process is what a script may do.
type Process struct {
	Life    int             // how often the container has been started before, from 0
	Stopped <-chan struct{} // closed when somebody stops the container

	stop      chan struct{}
	ended     chan struct{}
	stopping  bool
	oom       bool
	engine    *Engine
	container *container
}

// Wait runs until somebody stops the container.
func (p *Process) Wait() int {
	<-p.Stopped
	return Terminated
}

// Print writes lines to the container's log.
func (p *Process) Print(lines ...string) {
	p.engine.mu.Lock()
	defer p.engine.mu.Unlock()
	for _, text := range lines {
		p.container.log = append(p.container.log, line{time.Now(), text})
	}
}

// File is the text of a file that was uploaded; "" is none.
func (p *Process) File(name string) string {
	p.engine.mu.Lock()
	defer p.engine.mu.Unlock()
	return p.container.files[name]
}

// Listen has every port answer with the game. Until then connections are
// accepted and closed at once, as docker-proxy does.
func (p *Process) Listen(game Game) {
	p.engine.mu.Lock()
	defer p.engine.mu.Unlock()
	p.container.game = game
}

// Health is the verdict of the healthcheck from now on, and what it printed.
func (p *Process) Health(h compose.Health, output string) {
	p.engine.mu.Lock()
	defer p.engine.mu.Unlock()
	p.container.Health, p.container.HealthLog = h, output
	p.engine.tell(p.container, compose.HealthNow)
}

// OutOfMemory is the exit code of a process that the kernel killed.
func (p *Process) OutOfMemory() int {
	p.engine.mu.Lock()
	defer p.engine.mu.Unlock()
	p.oom = true
	return killed
}

// A Game is one connection of a player. It is closed when the game returns.
type Game func(net.Conn)

// Greeting says something, and then listens for ever.
func Greeting(text string) Game {
	return func(conn net.Conn) {
		_, _ = io.WriteString(conn, text)
		_, _ = io.Copy(io.Discard, conn)
	}
}

// Silence accepts, and says nothing.
func Silence(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// HangUp closes at once.
func HangUp(net.Conn) {}

// Greets is a game that is ready at once. It marks the end of its prompt as
// telnet has it, so that nobody waits for more.
func Greets(text string) Script { return Listens(Greeting(text + "\xff\xf9")) }

// Listens runs a game from the start.
func Listens(game Game) Script {
	return func(p *Process) int {
		p.Listen(game)
		return p.Wait()
	}
}

// Runs listens nowhere.
func Runs(p *Process) int { return p.Wait() }

// Exits ends at once.
func Exits(code int, log ...string) Script {
	return func(p *Process) int {
		p.Print(log...)
		return code
	}
}

// Lives plays another script after each start; the last one again and again.
func Lives(scripts ...Script) Script {
	return func(p *Process) int { return scripts[min(p.Life, len(scripts)-1)](p) }
}

// After waits for a channel to be closed, and then plays a script.
func After(ready <-chan struct{}, script Script) Script {
	return func(p *Process) int {
		select {
		case <-ready:
			return script(p)
		case <-p.Stopped:
			return Terminated
		}
	}
}
