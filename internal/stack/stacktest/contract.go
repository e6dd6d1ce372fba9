package stacktest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"devenv/compose"
	"devenv/internal/stack"
)

// longest bounds what a contract waits for; an engine that keeps it takes far
// less.
const longest = 30 * time.Second

// Contract checks what [stack.Stack] relies on. The fake runs it in every test
// run; the Docker engine runs it where there is one. The image must have python3
// and be there already. Each point has a project of its own, which is taken down
// with its volumes.
func Contract(t *testing.T, image string, newEngine func(t *testing.T) stack.Engine) {
	for name, point := range points {
		t.Run(name, func(t *testing.T) {
			p := &party{T: t, Engine: newEngine(t), image: image, dir: t.TempDir()}
			p.project = fmt.Sprintf("devenv-contract-%d-%d", os.Getpid(), time.Now().UnixNano()%1e9)
			ctx, cancel := context.WithTimeout(t.Context(), longest)
			p.ctx = ctx
			t.Cleanup(func() {
				cancel()
				if err := p.Down(context.Background(), &compose.Plan{Project: p.project}, compose.RemoveVolumes); err != nil {
					t.Errorf("take down: %v", err)
				}
			})
			point(p)
		})
	}
}

var points = map[string]func(*party){
	"down of a project that was never started is no error": neverStarted,
	"a start twice is a start once":                        startedTwice,
	"a changed service is replaced, the others are not":    oneChanged,
	"a changed image replaces its containers":              imageChanged,
	"a build labels the image, and so its containers":      builtWithDigest,
	"images that are not there are not found":              noImage,
	"a published port can be dialled and has a holder":     publishedPort,
	"a container that ended keeps its exit code":           keepsExitCode,
	"a start is told, and a crash with its exit code":      tellsCrash,
	"a stop is told as a kill before the end":              tellsStop,
	"the events end with their context":                    eventsEnd,
	"a log is told from its end, in order, as plain text":  plainLog,
	"a crash loop counts its restarts":                     countsRestarts,
	"health is told when it changes":                       tellsHealth,
	"what cannot be started says why":                      saysWhy,
	"volumes stay unless they are to be removed":           keepsVolumes,
	"another project is not seen and not touched":          otherProject,
	"scaled services have numbered containers":             scaled,
	"a start of a service waits for no other":              startWaitsForNothing,
	"an examination tells whether a healthcheck holds":     examined,
	"what is ended stays, and tells how it ended":          endedKept,
	"images that are there have a size":                    sized,
	"a record has all there is of a container":             recorded,
	"a new container has its uploads before it starts":     uploaded,
	"what has an owner is found, and nothing else":         remaining,
	"what is synced is there, and what is gone is not":     synced,
	"a replacement touches no other service":               replaced,
	"a hook tells its lines and its exit code":             hooked,
	"a container has the number of its process":            numbered,
	"a volume is read, and tells who uses it":              volumeRead,
	"a volume that nothing uses is emptied and filled":     volumeWritten,
	"a survey finds what there is, and leaves nothing":     surveyed,
	"what is prepared leaves nothing but a note of it":     preparedOnce,
	"an inventory has the containers and the volumes":      inventoried,
}

// A party is one point of a contract under test.
type party struct {
	*testing.T
	stack.Engine
	ctx     context.Context
	image   string
	project string
	dir     string
}

// Programs of a contract: each in Python, for a real container, and as a script
// of the fake.
var programs = map[string]struct {
	python string
	script Script
}{
	"runs":    {`import time; time.sleep(600)`, Runs},
	"crashes": {`import sys; sys.exit(3)`, Exits(3)},
	"done":    {`pass`, Exits(0)},
	"greets": {`import socket
s = socket.create_server(('', 4000))
while True: s.accept()[0].sendall(b'Welcome')`, Listens(Greeting("Welcome"))},
	"prints": {`for i in range(30): print('line', i)
print('\x1b[31mred\x1b[0m\tand\x07 bold')`, prints},
	"heeds": {`import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
print('heeds')
signal.pause()`, heeds},
	"reads":    {`for name in 'world/room', 'world/deep/cellar', 'motd': print(open('/devenv/' + name).read())`, reads},
	"recovers": {`import time, pathlib; time.sleep(0.5); pathlib.Path('/tmp/well').touch(); time.sleep(600)`, recovers},
}

func prints(p *Process) int {
	for i := range 30 {
		p.Print(fmt.Sprint("line ", i))
	}
	p.Print("red\tand bold")
	return 0
}

func heeds(p *Process) int {
	p.Print("heeds")
	p.Wait()
	return 7
}

func reads(p *Process) int {
	for _, name := range []string{"world/room", "world/deep/cellar", "motd"} {
		p.Print(p.File("/devenv/" + name))
	}
	return 0
}

func recovers(p *Process) int {
	p.Health(compose.Healthy, "")
	return p.Wait()
}

// service is a service of a compose file that runs a program. A container is
// killed to stop it, as Python at PID 1 does not heed SIGTERM.
func (p *party) service(name, program, more string) string {
	if fake, ok := p.Engine.(*Engine); ok {
		fake.Play(name, programs[program].script)
	}
	return fmt.Sprintf("  %s:\n    image: %s\n    stop_signal: SIGKILL\n    command: [python3, -u, -c, %q]\n%s", name, p.image, programs[program].python, more)
}

// plan plans the services as the profile prod.
func (p *party) plan(services ...string) *compose.Plan {
	p.Helper()
	text := "services:\n"
	for _, s := range services {
		text += s
	}
	return p.planOf(p.project, text)
}

func (p *party) planOf(project, text string) *compose.Plan {
	p.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, "compose.yaml"), []byte(text), 0o644); err != nil {
		p.Fatal(err)
	}
	loaded, err := compose.Load(p.ctx, compose.Source{ProjectDirectory: p.dir, ProjectName: project})
	if err != nil {
		p.Fatal(err)
	}
	plan, err := loaded.Plan(compose.Request{Profile: "prod"})
	if err != nil {
		p.Fatal(err)
	}
	return plan
}

func (p *party) start(plan *compose.Plan) {
	p.Helper()
	if err := Bring(p.ctx, p.Engine, plan); err != nil {
		p.Fatal(err)
	}
}

func (p *party) containers() []compose.Container {
	p.Helper()
	all, err := p.Containers(p.ctx, p.project)
	if err != nil {
		p.Fatal(err)
	}
	return all
}

// one is the only container of a service.
func (p *party) one(service string) compose.Container {
	p.Helper()
	var mine []compose.Container
	for _, c := range p.containers() {
		if c.Service == service {
			mine = append(mine, c)
		}
	}
	if len(mine) != 1 {
		p.Fatalf("%s has %d containers", service, len(mine))
	}
	return mine[0]
}

// next is the next event of an action; others are passed over, but told.
func (p *party) next(events <-chan compose.Event, action compose.Action) (event compose.Event, before []compose.Action) {
	p.Helper()
	for {
		select {
		case e, open := <-events:
			if !open {
				p.Fatalf("events ended before %s, after %v", action, before)
			}
			if e.Action == action {
				return e, before
			}
			before = append(before, e.Action)
		case <-p.ctx.Done():
			p.Fatalf("no %s; events were %v", action, before)
		}
	}
}
