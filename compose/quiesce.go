package compose

import "strings"

// Quiesce is how a service is made to hold still while its data is copied, as
// x-devenv.quiesce says. The zero value is a service that is stopped for it.
type Quiesce struct {
	Command []string // run in the running container before
	Resume  []string // and afterwards, whatever happened; none is nothing to do
}

// String is the command as one line.
func (q Quiesce) String() string { return strings.Join(q.Command, " ") }

// quiesce reads x-devenv.quiesce of a service.
func (d *decoder) quiesce(p path, value any) Quiesce {
	if value == nil {
		return Quiesce{}
	}
	m := d.mapping(p, value, "command", "resume")
	q := Quiesce{Command: d.words(p, m, "command"), Resume: d.words(p, m, "resume")}
	if m != nil && m["command"] == nil {
		d.fault(p, "add command: [ PROGRAM, ARGUMENT... ], which makes the server hold still", "has no command")
	}
	return q
}

// words reads a command as a list of texts.
func (d *decoder) words(p path, m map[string]any, key string) []string {
	value := m[key]
	if value == nil {
		return nil
	}
	const fix = `write a list, such as [ "sh", "-c", "sync" ]`
	items, ok := value.([]any)
	if !ok || len(items) == 0 {
		d.fault(p.key(key), fix, "want a list of texts, have %s", describe(value))
		return nil
	}
	var words []string
	for _, item := range items {
		word, ok := item.(string)
		if !ok {
			d.fault(p.key(key), fix, "want texts, have %s", describe(item))
			return nil
		}
		words = append(words, word)
	}
	return words
}
