package stacktest

import (
	"cmp"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"

	"devenv/compose"
)

// open listens on every port that the container publishes, and on those that
// it only exposes at an address of its own.
func (c *container) open(e *Engine) error {
	c.Ports = nil
	c.Networks = []string{ownAddress(c.ID)}
	for _, p := range c.model.Ports {
		if cmp.Or(p.Protocol, "tcp") != "tcp" {
			continue
		}
		address := net.JoinHostPort(cmp.Or(p.HostIP, "127.0.0.1"), cmp.Or(p.Published, "0"))
		published, err := c.listen(e, address)
		if err != nil {
			c.close()
			return err
		}
		c.Ports = append(c.Ports, compose.Port{Target: uint16(p.Target), Published: published, HostIP: cmp.Or(p.HostIP, "0.0.0.0")})
	}
	for _, p := range c.model.Expose {
		port, _, _ := strings.Cut(p, "/")
		target, err := c.listen(e, net.JoinHostPort(c.Networks[0], port))
		if err != nil {
			c.close()
			return err
		}
		c.Ports = append(c.Ports, compose.Port{Target: target})
	}
	return nil
}

// ownAddress is a loopback address that other containers, also those of other
// test programs, hardly have.
func ownAddress(id string) string {
	n, _ := strconv.Atoi(strings.TrimLeft(id, "abcdefghijklmnopqrstuvwxyz"))
	pid := os.Getpid()
	return fmt.Sprintf("127.%d.%d.%d", 1+pid>>8%250, pid%256, 1+n%250)
}

func (c *container) listen(e *Engine, address string) (uint16, error) {
	door, err := net.Listen("tcp", address)
	if err != nil {
		return 0, fmt.Errorf("bind for %s failed: port is already allocated", address)
	}
	c.doors = append(c.doors, door)
	e.alive.Go(func() { e.admit(c, door) })
	return uint16(door.Addr().(*net.TCPAddr).Port), nil
}

// close ends listening; players lose their connections.
func (c *container) close() {
	for _, door := range c.doors {
		door.Close()
	}
	c.doors, c.Ports = nil, nil
}

// admit lets players in until the door is closed.
func (e *Engine) admit(c *container, door net.Listener) {
	var inside sync.WaitGroup
	defer inside.Wait()
	closed := make(chan struct{})
	defer close(closed)
	for {
		conn, err := door.Accept()
		if err != nil {
			return
		}
		e.mu.Lock()
		game := c.game
		e.mu.Unlock()
		if game == nil {
			game = HangUp
		}
		over := make(chan struct{})
		inside.Go(func() {
			defer close(over)
			defer conn.Close()
			game(conn)
		})
		inside.Go(func() {
			select {
			case <-closed:
				conn.Close()
			case <-over:
			}
		})
	}
}
