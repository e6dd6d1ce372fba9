//go:build e2e

package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A person is a user of the machine who is not root, with devenv and a folder of their
// own.
type person struct {
	*program
	uid     int
	project string
}

// newPerson gives the files of a folder to the user who runs the tests, or where that is root to user 1000.
func newPerson(t *testing.T, files func(dir string)) *person {
	t.Helper()
	e := realEngine(t)
	home, err := os.MkdirTemp("", "devenv-user")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	dir := filepath.Join(home, "mud")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	files(dir)
	p := &person{uid: os.Getuid(), project: uniqueProject()}
	p.program = newProgram(t, dir, "COMPOSE_PROJECT_NAME="+p.project, "HOME="+home, "XDG_STATE_HOME="+filepath.Join(home, "state"))
	t.Cleanup(func() { remove(t, e, p.project); removeImages(p.project+"-game:_last", p.project+"-game:builder") })
	if p.uid == 0 {
		p.uid = 1000
		p.path = become(t, home, p.path)
	}
	return p
}

// become is a command that runs a program as user 1000, who may use the engine.
func become(t *testing.T, home, program string) string {
	t.Helper()
	source, err := os.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	copied, err := os.OpenFile(filepath.Join(home, "devenv"), os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(copied, source); err != nil {
		t.Fatal(err)
	}
	if err := copied.Close(); err != nil {
		t.Fatal(err)
	}
	socket := strings.TrimPrefix(os.Getenv("DOCKER_HOST"), "unix://")
	if socket == "" {
		socket = "/var/run/docker.sock"
	}
	info, err := os.Stat(socket)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("#!/bin/sh\nexec setpriv --reuid 1000 --regid 1000 --groups %d %s \"$@\"\n", info.Sys().(*syscall.Stat_t).Gid, copied.Name())
	name := filepath.Join(home, "become")
	if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(home, func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(name, 1000, 1000)
	})
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// foreign lists what in the folder is not the user's.
func (p *person) foreign() (names []string) {
	p.t.Helper()
	err := filepath.WalkDir(p.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && int(info.Sys().(*syscall.Stat_t).Uid) != p.uid {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return names
}

func (p *person) container() string { return p.project + "-game-1" }

// runsAs is the number of the user as whom the game runs.
func (p *person) runsAs() string { return docker(p.t, "exec", p.container(), "id", "-u") }

// writes is a game that writes to a file, and greets.
const writes = `import socket, sys
for name in sys.argv[1:]:
    open(name, 'a').write('x')
s = socket.create_server(('', 4000))
while True: s.accept()[0].sendall(b'Welcome')
`

// writer is a project of that game.
func writer(t *testing.T, dockerfile, settings string, names ...string) func(dir string) {
	image := "image: python:3.11-slim"
	if dockerfile != "" {
		image = "build: ."
	}
	return func(dir string) {
		for name, text := range map[string]string{
			"game.py":    writes,
			"Dockerfile": dockerfile,
			"compose.yaml": `services:
  game:
    ` + image + `
    init: true
    ports: [ { target: 4000, app_protocol: telnet } ]
    command: [ python3, -u, /app/game.py, ` + strings.Join(names, ", ") + ` ]
    x-devenv:
      ` + settings + `
      profiles: { dev: { override: { volumes: [ ".:/app", "build:/app/_build" ] } } }
volumes: { build: }
`} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestFilesThatAGameMakesAreTheUsers(t *testing.T) {
	p := newPerson(t, writer(t, "", "", "/app/made", "/app/_build/made"))
	plan := p.run(0, "plan").stdout
	if want := fmt.Sprintf(`game: user "" -> %d:`, p.uid); !strings.Contains(plan, want) {
		t.Errorf("the plan does not say %q:\n%s", want, plan)
	}
	p.run(0, "up")
	if names := p.foreign(); len(names) > 0 {
		t.Errorf("not the user's: %s", names)
	}
	if owners := docker(t, "exec", p.container(), "stat", "-c", "%u", "/app/made", "/app/_build/made", "/app/_build"); owners != strings.TrimSpace(strings.Repeat(fmt.Sprintln(p.uid), 3)) {
		t.Errorf("owners in the container: %q", owners)
	}
	first := docker(t, "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", p.container())
	if up := p.run(0, "up"); strings.Contains(up.stderr, "note:") {
		t.Errorf("%s", up.stderr)
	}
	if again := docker(t, "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", p.container()); again != first {
		t.Error("an up with nothing to do has made another container")
	}
	if status := p.run(0, "status"); strings.Contains(status.stdout, "stale") {
		t.Errorf("%s", status.stdout)
	}
	if as := p.run(0, "run", "--rm", "game", "id", "-u").stdout; strings.TrimSpace(as) != fmt.Sprint(p.uid) {
		t.Errorf("run runs as %s", as)
	}
	p.run(0, "down")
	p.run(0, "up")
	if as := p.runsAs(); as != fmt.Sprint(p.uid) {
		t.Errorf("with its volume of before it runs as %s", as)
	}
}

func TestAGameThatCannotRunAsTheUserRunsAsItsImageSays(t *testing.T) {
	const filled = "FROM python:3.11-slim\nCOPY game.py /app/_build/\n"
	tests := map[string]struct {
		dockerfile, settings string
		as, says             string
	}{
		"the image has a user":              {"FROM python:3.11-slim\nUSER 1234\n", "", "1234", `its image runs as "1234"`},
		"the image fills the volume":        {filled, "", "0", "its image fills the volume at /app/_build"},
		"the image has tools of root":       {"FROM python:3.11-slim\nCOPY game.py /root/.mix/\n", "", "0", "its image keeps .mix in the home of root"},
		"the author wants it to":            {"", "user: image", "0", ""},
		"the author wants the user instead": {filled, "user: host", "ME", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPerson(t, writer(t, tt.dockerfile, tt.settings))
			up := p.run(0, "up")
			if as := p.runsAs(); as != strings.ReplaceAll(tt.as, "ME", fmt.Sprint(p.uid)) {
				t.Errorf("runs as %s, want %s", as, tt.as)
			}
			if said := strings.Contains(up.stderr, "note:"); said != (tt.says != "") || !strings.Contains(up.stderr, tt.says) {
				t.Errorf("%s", up.stderr)
			}
			if left := docker(t, "ps", "-aq", "--filter", "label=com.docker.compose.project="+p.project); strings.Contains(left, "\n") {
				t.Errorf("more than one container: %s", left)
			}
		})
	}
}

func TestAVolumeWithFilesOfRootWorksAsBefore(t *testing.T) {
	p := newPerson(t, writer(t, "", "", "/app/_build/made"))
	docker(t, "volume", "create", "--label", "com.docker.compose.project="+p.project, "--label", "com.docker.compose.volume=build", p.project+"_build")
	docker(t, "run", "--rm", "--network", "none", "-v", p.project+"_build:/v", "python:3.11-slim", "touch", "/v/made")
	up := p.run(0, "up")
	if want := "volume " + p.project + "_build has files that are not yours; `devenv down --volumes` removes it"; !strings.Contains(up.stderr, want) {
		t.Errorf("it does not say %q:\n%s", want, up.stderr)
	}
	first := docker(t, "inspect", "--format", "{{.Id}}", p.container())
	p.run(0, "up")
	if again := docker(t, "inspect", "--format", "{{.Id}}", p.container()); again != first || p.runsAs() != "0" {
		t.Errorf("the second up has made another container, or runs as %s", p.runsAs())
	}
	p.run(0, "down", "--volumes")
	p.run(0, "up")
	if as := p.runsAs(); as != fmt.Sprint(p.uid) {
		t.Errorf("with a new volume it runs as %s", as)
	}
}

func TestAGameThatLacksARightIsToldAsWhomItRuns(t *testing.T) {
	p := newPerson(t, writer(t, "", "", "/usr/made"))
	up := p.run(6, "up")
	if want := "it runs as your user: `x-devenv: { user: image }` on service game runs it as the image says"; !strings.Contains(up.stdout, want) {
		t.Errorf("it does not say %q:\n%s", want, up.stdout)
	}
}

func TestTheGameInDevMakesFilesOfTheUser(t *testing.T) {
	p := newPerson(t, func(dir string) {
		if err := os.CopyFS(dir, os.DirFS(filepath.Join(fixtures(t), "ex_mud"))); err != nil {
			t.Fatal(err)
		}
	})
	ports := freePorts(t, 3)
	p.env = append(p.env, "EX_MUD_PORT="+ports[0], "EX_MUD_ADMIN_PORT="+ports[1], "EX_MUD_METRICS_PORT="+ports[2])
	up := p.run(0, "up")
	if as := p.runsAs(); as != fmt.Sprint(p.uid) {
		t.Errorf("runs as %s:\n%s", as, up.stderr)
	}
	if names := p.foreign(); len(names) > 0 {
		t.Errorf("not the user's: %s", names)
	}
}
