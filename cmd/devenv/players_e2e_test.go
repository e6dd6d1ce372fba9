//go:build e2e

package main

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// hall is a game that says to all its players what is said at its second port.
const hall = `import socket, threading
players = []
def serve(port, welcome, each):
    door = socket.create_server(('', port))
    while True:
        conn = door.accept()[0]
        conn.sendall(welcome)
        threading.Thread(target=each, args=(conn,), daemon=True).start()
def play(conn):
    players.append(conn)
    while conn.recv(100): pass
    players.remove(conn)
    conn.close()
def command(conn):
    for line in conn.makefile('rb'):
        for p in list(players): p.sendall(line)
        conn.sendall(b'Said to %d.\r\n> ' % len(players))
threading.Thread(target=serve, args=(4001, b'> ', command), daemon=True).start()
serve(4000, b'Welcome.\r\n> ', play)
`

const hallFile = `
services:
  game:
    image: python:3.11-slim
    init: true
    command: python3 -u /hall.py
    environment: { ERA: "${ERA:-first}" }
    volumes: [ "./hall.py:/hall.py:ro" ]
    ports: [ { target: 4000, published: "${PORT}", host_ip: 127.0.0.1, app_protocol: telnet } ]
    x-devenv: { farewell: FAREWELL }
`

// farewells are the two ways to say one.
var farewells = map[string]string{
	"in the container": `{ command: [ python3, -c, "import socket; c = socket.create_connection(('127.0.0.1', 4001)); c.sendall(b'The world ends.\\n'); c.recv(2); print(c.recv(100).decode())" ], wait: 60s }`,
	"at a port":        `{ port: "4001", say: [ "Listen!", "The world ends." ], wait: 60s }`,
}

// newHall brings the game up, and returns the port at which it is played.
func newHall(t *testing.T, farewell string) (p *program, project, port string) {
	t.Helper()
	e, dir := realEngine(t), t.TempDir()
	project, port = uniqueProject(), freePorts(t, 1)[0]
	write(t, filepath.Join(dir, "hall.py"), hall)
	write(t, filepath.Join(dir, "compose.yaml"), strings.Replace(hallFile, "FAREWELL", farewell, 1))
	t.Cleanup(func() { remove(t, e, project) })
	p = newProgram(t, dir, "COMPOSE_PROJECT_NAME="+project, "DOCKER_CONFIG="+composePlugin(t), "PORT="+port)
	p.run(0, "up")
	return p, project, port
}

func TestPlayersHearTheFarewellBeforeTheirGameEnds(t *testing.T) {
	for name, farewell := range farewells {
		t.Run(name, func(t *testing.T) {
			p, _, port := newHall(t, farewell)
			ann := connect(t, port)
			ann.hear("Welcome.")
			gone := make(chan error, 1)
			go func() { // she leaves when she has heard it, which ends the wait
				_, err := ann.listen("The world ends.")
				ann.leave()
				gone <- err
			}()
			down := p.run(0, "down")
			if err := <-gone; err != nil {
				t.Errorf("she heard no farewell: %v", err)
			}
			for _, want := range []string{"1 player is connected to game\ngame: farewell\n", "game: | ", "Said to 1."} {
				if !strings.Contains(down.stderr, want) {
					t.Errorf("down does not say %q:\n%s", want, down.stderr)
				}
			}
			if strings.Contains(down.stderr, "still") || down.took > 30*time.Second {
				t.Errorf("down waited for %s:\n%s", down.took, down.stderr)
			}
		})
	}
}

func TestPlayersAreCountedOnWhicheverWayTheyCome(t *testing.T) {
	p, project, port := newHall(t, farewells["at a port"])
	const lonely = "connected"
	if restart := p.run(0, "restart"); strings.Contains(restart.stderr, lonely) {
		t.Errorf("nobody plays:\n%s", restart.stderr)
	}
	own := docker(t, "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", project+"-game-1")
	through := connect(t, port) // docker's proxy
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(own, "4000"), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	past := &player{t, conn}
	left := make(chan error, 2)
	for _, one := range []*player{through, past} {
		one.hear("Welcome.")
		go func() {
			_, err := one.listen("The world ends.")
			one.leave()
			left <- err
		}()
	}
	if same := p.run(0, "up"); strings.Contains(same.stderr, lonely) {
		t.Errorf("nothing is replaced:\n%s", same.stderr)
	}
	p.env = append(p.env, "ERA=second")
	up := p.run(0, "up")
	if !strings.Contains(up.stderr, "2 players are connected to game\n") {
		t.Errorf("up does not count them:\n%s", up.stderr)
	}
	for range 2 {
		if err := <-left; err != nil {
			t.Error(err)
		}
	}
}
