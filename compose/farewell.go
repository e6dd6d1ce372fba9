package compose

import (
	"strings"
	"time"
)

// Farewell is what the players of a service get to hear before it is stopped, as
// x-devenv.farewell says. The zero value is nothing.
type Farewell struct {
	Command []string // run in the running container; or
	Port    uint16   // of the container, for administrators,
	Say     []string // and the lines to say there

	Wait time.Duration // for players to leave, at most; 0 is not to wait
}

// Given tells whether there is anything to say.
func (f Farewell) Given() bool { return len(f.Command)+len(f.Say) > 0 }

// farewell reads x-devenv.farewell of a service.
func (d *decoder) farewell(p path, value any) Farewell {
	if value == nil {
		return Farewell{}
	}
	m := d.mapping(p, value, "command", "port", "say", "wait")
	f := Farewell{Command: d.words(p, m, "command"), Say: d.words(p, m, "say"), Wait: d.duration(p, m, "wait")}
	if m["port"] != nil {
		f.Port = d.portOf(p, m)
	}
	const fix = `write command: [ PROGRAM, ARGUMENT... ], or port: "PORT" and say: [ LINE... ]`
	_, hasSay := m["say"]
	_, hasPort := m["port"]
	_, hasCommand := m["command"]
	switch {
	case m == nil:
	case hasCommand && (hasPort || hasSay):
		d.fault(p, fix, "has both a command and something to say at a port")
	case hasPort != hasSay:
		d.fault(p, fix, "port and say need one another")
	case !hasCommand && !hasPort:
		d.fault(p, fix, "has nothing to say")
	}
	for _, line := range f.Say {
		if strings.ContainsAny(line, "\r\n\x00") {
			d.fault(p.key("say"), "make it several lines of the list", "%q is more than a line", line)
		}
	}
	return f
}

// portOf reads a port that stands as a text.
func (d *decoder) portOf(p path, m map[string]any) uint16 {
	text := d.text(p, m, "port")
	if text == "" {
		return 0
	}
	return d.portAt(p.key("port"), text)
}
