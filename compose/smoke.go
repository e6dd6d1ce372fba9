package compose

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"devenv/internal/conversation"

	"go.yaml.in/yaml/v3"
)

// conversations reads x-devenv.smoke of a service: conversations, and names of
// files that hold some. Each is read where it is written, so that a fault and a
// later failure can name its line; of several compose files, all count.
func (d *decoder) conversations(p path, value any) []conversation.Conversation {
	if value == nil {
		return nil
	}
	if _, ok := value.([]any); !ok {
		d.fault(p, "write a list: of conversations, or of files that hold some", "want a list, have %s", describe(value))
		return nil
	}
	var all []conversation.Conversation
	for _, h := range d.sources.hits(p) {
		for _, item := range list(resolve(h.value)) {
			all = append(all, d.conversation(h.file, resolve(item))...)
		}
	}
	return all
}

// conversation reads one entry: a conversation, or the name of a file.
func (d *decoder) conversation(f *sourceFile, item *yaml.Node) []conversation.Conversation {
	if item.Kind != yaml.ScalarNode {
		c, err := conversation.Decode(f.name, item)
		d.unplayable(err)
		return []conversation.Conversation{c}
	}
	name := f.path(item.Value)
	text, err := os.ReadFile(name)
	if err != nil {
		d.faults = append(d.faults, &FileError{Where: f.at(item), Err: err, Fix: "paths start at " + f.dir})
		return nil
	}
	if short, err := filepath.Rel(f.dir, name); err == nil && filepath.IsLocal(short) {
		name = short
	}
	found, err := conversation.Parse(name, text)
	d.unplayable(err)
	return found
}

// unplayable takes over the faults of a conversation.
func (d *decoder) unplayable(err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			d.unplayable(one)
		}
		return
	}
	var fault *conversation.Fault
	if errors.As(err, &fault) {
		d.faults = append(d.faults, &FileError{Where: fault.Where, Err: fault.Err, Fix: fault.Fix})
	} else if err != nil {
		d.faults = append(d.faults, &FileError{Err: err})
	}
}

// Converse is the plan with one more conversation, of the first service that has
// the port it wants to talk to, or any telnet port.
func (p *Plan) Converse(c conversation.Conversation) (*Plan, error) {
	talking := *p
	talking.Services = slices.Clone(p.Services)
	for i, s := range talking.Services {
		_, check, ok := p.Seat(s.Name, c.Port)
		if !ok || c.Port != 0 && !slices.ContainsFunc(s.Checks, func(of Check) bool { return of.Port == check.Port }) {
			continue
		}
		talking.Services[i].Smoke = append(slices.Clone(s.Smoke), c)
		return &talking, nil
	}
	return nil, &FileError{Where: c.Where, Err: fmt.Errorf("conversation %q: no service has a port to talk to", c.Name), Fix: "write `app_protocol: telnet` on the port that players use"}
}
