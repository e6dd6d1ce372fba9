package stacktest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"devenv/compose"
	"devenv/internal/stack"
)

// An Engine is a fake engine. Its zero value is not ready; see [New].
type Engine struct {
	// Building, where not nil, is asked before each Build, and may fail it.
	Building func(ctx context.Context, services []string) error

	// Preparing, where not nil, is what a command of prepare does. Without it, echo
	// tells its arguments, and any other ends with exit code 1.
	Preparing func(ctx context.Context, service string, args []string, each func(line string)) (int, error)

	mu         sync.Mutex
	changed    chan struct{} // closed, and replaced, at every change
	gone       bool
	made       int // containers and images, to number them
	calls      []string
	scripts    map[string]Script
	surveys    map[string]compose.Survey
	containers []*container
	images     map[string]compose.Image
	networks   map[string]owned
	volumes    map[string]owned
	listeners  []*listener
	alive      sync.WaitGroup
}

var _ stack.Engine = (*Engine)(nil)

// ErrGone is what every call to an engine that went away comes to.
var ErrGone = errors.New("cannot connect to the fake engine")

// New is an engine without images and containers.
func New() *Engine {
	return &Engine{
		changed: make(chan struct{}),
		scripts: map[string]Script{},
		surveys: map[string]compose.Survey{},
		images:  map[string]compose.Image{},

		networks: map[string]owned{},
		volumes:  map[string]owned{},
	}
}

// Play says what the containers of a service do, from their next start on. One
// that nobody speaks for runs and listens nowhere.
func (e *Engine) Play(service string, script Script) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.scripts[service] = script
}

// Calls lists what the engine was asked to do, such as "build game", "start mud".
func (e *Engine) Calls() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.calls)
}

// Volumes lists the volumes of a project.
func (e *Engine) Volumes(project string) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var names []string
	for name, v := range e.volumes {
		if v.project == project {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// GoAway ends every stream of events, and fails all calls from now on.
func (e *Engine) GoAway() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.gone = true
	for _, l := range e.listeners {
		l.end()
	}
	e.change()
}

// Close ends all containers, and waits for them.
func (e *Engine) Close() error {
	e.mu.Lock()
	all := slices.Clone(e.containers)
	e.mu.Unlock()
	e.remove(all)
	e.alive.Wait()
	return nil
}

// Hashes are of what a container is created anew for.
func (e *Engine) Hashes(plan *compose.Plan) (map[string]string, error) {
	hashes := map[string]string{}
	for name, s := range plan.Model.Services {
		hash, err := hashOf(s)
		if err != nil {
			return nil, err
		}
		hashes[name] = hash
	}
	return hashes, nil
}

// Version says that it is none of Docker's.
func (e *Engine) Version(context.Context) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return "fake", e.reachable()
}

// Host is this machine.
func (e *Engine) Host() string { return "127.0.0.1" }

// Local is true.
func (e *Engine) Local() bool { return true }

// Images finds the images that were built, or pulled by a start.
func (e *Engine) Images(_ context.Context, refs []string) (map[string]compose.Image, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	found := map[string]compose.Image{}
	for _, ref := range refs {
		if image, ok := e.images[ref]; ok {
			found[ref] = image
		}
	}
	return found, e.reachable()
}

// imageSize is that of every image.
const imageSize = 1 << 20

// Sizes finds the sizes of the images that Images finds.
func (e *Engine) Sizes(ctx context.Context, refs []string) (map[string]int64, error) {
	images, err := e.Images(ctx, refs)
	sizes := map[string]int64{}
	for ref := range images {
		sizes[ref] = imageSize
	}
	return sizes, err
}

// Build makes an image of a new ID for each service.
func (e *Engine) Build(ctx context.Context, plan *compose.Plan, digests map[string]string) error {
	services := slices.Sorted(maps.Keys(digests))
	if e.Building != nil {
		if err := e.Building(ctx, services); err != nil {
			return err
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, name := range services {
		service, ok := plan.Service(name)
		if !ok || !service.Built {
			return fmt.Errorf("service %q is not built", name)
		}
		e.calls = append(e.calls, "build "+name)
		labels := map[string]string{}
		if digests[name] != "" {
			labels[compose.LabelDigest] = digests[name]
		}
		e.images[service.Image] = compose.Image{ID: e.id("image"), Labels: labels}
	}
	return e.reachable()
}

// Containers lists the containers of a project.
func (e *Engine) Containers(_ context.Context, project string) ([]compose.Container, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var seen []compose.Container
	for _, c := range e.containers {
		if c.project == project {
			seen = append(seen, c.seen())
		}
	}
	slices.SortStableFunc(seen, byServiceAndNumber)
	return seen, e.reachable()
}

// Logs is the last lines that a container printed.
func (e *Engine) Logs(_ context.Context, id string, lines int) ([]string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.containers {
		if c.ID == id {
			var last []string
			for _, l := range c.log[max(0, len(c.log)-lines):] {
				last = append(last, l.text)
			}
			return last, e.reachable()
		}
	}
	return nil, fmt.Errorf("no such container: %s", id)
}

// Holders lists every published port of every running container.
func (e *Engine) Holders(context.Context) ([]compose.Holder, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var holders []compose.Holder
	for _, c := range e.containers {
		for _, p := range c.Ports {
			if p.Published != 0 {
				holders = append(holders, compose.Holder{Container: c.Name, Project: c.project, Protocol: "tcp", Port: p})
			}
		}
	}
	return holders, e.reachable()
}

func (e *Engine) reachable() error {
	if e.gone {
		return ErrGone
	}
	return nil
}

func (e *Engine) id(kind string) string {
	e.made++
	return fmt.Sprintf("%s%d", kind, e.made)
}

// change wakes all who wait for something to happen.
func (e *Engine) change() {
	close(e.changed)
	e.changed = make(chan struct{})
}

// until waits for a condition, which is asked again after every change.
func (e *Engine) until(ctx context.Context, holds func() (bool, error)) error {
	for {
		e.mu.Lock()
		ok, err := holds()
		if err == nil {
			err = e.reachable()
		}
		changed := e.changed
		e.mu.Unlock()
		if ok || err != nil {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
