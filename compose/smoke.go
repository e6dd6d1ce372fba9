package compose

import (
	"errors"
	"os"
	"path/filepath"

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
