package conversation

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What one file may hold. Aliases make more of a file than stands in it.
const (
	maxFile      = 1 << 20 // bytes
	maxSteps     = 10_000
	maxVariables = 256 // of one mssp step
	maxFaults    = 100 // that are told
)

// Parse reads a file of one conversation, or of a list of them under
// "conversations". The file's name is for the messages alone. Its error joins
// one [*Fault] for each thing that is wrong.
func Parse(file string, text []byte) ([]Conversation, error) {
	d := decoder{file: file}
	root := d.document(text)
	if root == nil {
		return nil, errors.Join(d.faults...)
	}
	all := d.conversations(root)
	if len(d.faults) > 0 {
		return nil, errors.Join(d.faults...)
	}
	return all, nil
}

// Decode reads one conversation that stands in a compose file, where, as
// Compose has it, $$ is written for $. Its error is like that of [Parse].
func Decode(file string, node *yaml.Node) (Conversation, error) {
	d := decoder{file: file, doubled: true}
	c := d.conversation(resolve(node))
	if len(d.faults) > 0 {
		return Conversation{}, errors.Join(d.faults...)
	}
	return c, nil
}

// notYAML is how the parser names a place.
var notYAML = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// document reads the one document of a file; nil with a fault.
func (d *decoder) document(text []byte) *yaml.Node {
	broken := func(err error) *yaml.Node {
		where := d.file
		m := notYAML.FindStringSubmatch(err.Error())
		if m != nil && m[1] != "" {
			where += ":" + m[1]
		}
		reason := notYAML.ReplaceAllString(err.Error(), "")
		d.add(&Fault{Where: where, Err: errors.New(reason)})
		return nil
	}
	if len(text) > maxFile {
		return broken(fmt.Errorf("larger than %d KiB", maxFile>>10))
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var root, more yaml.Node
	if err := dec.Decode(&root); errors.Is(err, io.EOF) {
		return broken(errors.New("there is no conversation in it"))
	} else if err != nil {
		return broken(err)
	}
	if err := dec.Decode(&more); err == nil {
		d.fault(&more, `list several under "conversations:"`, "a second document")
		return nil
	} else if !errors.Is(err, io.EOF) {
		return broken(err)
	}
	return resolve(&root)
}

// conversations reads the root of a file.
func (d *decoder) conversations(root *yaml.Node) []Conversation {
	if !has(root, "conversations") {
		return []Conversation{d.conversation(root)}
	}
	var all []Conversation
	d.mapping("a file", root, fields{"conversations": func(list *yaml.Node) {
		d.list("conversations", list, func(n *yaml.Node) { all = append(all, d.conversation(n)) })
	}})
	if !d.hopeless {
		d.unique(all)
	}
	return all
}

// unique faults names that come twice: a report could not tell them apart.
func (d *decoder) unique(all []Conversation) {
	first := map[string]string{}
	for _, c := range all {
		if at, taken := first[c.Name]; taken && c.Name != "" {
			d.add(&Fault{Where: c.Where, Err: fmt.Errorf("the name %q is taken by the one at %s", c.Name, at)})
			continue
		}
		first[c.Name] = c.Where
	}
}

func has(n *yaml.Node, key string) bool {
	for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		if resolve(n.Content[i]).Value == key {
			return true
		}
	}
	return false
}

func resolve(n *yaml.Node) *yaml.Node {
	switch {
	case n.Kind == yaml.AliasNode:
		return n.Alias
	case n.Kind == yaml.DocumentNode && len(n.Content) == 1:
		return n.Content[0]
	}
	return n
}

// value is what a scalar says.
func (d *decoder) value(n *yaml.Node) string {
	if d.doubled {
		return strings.ReplaceAll(n.Value, "$$", "$")
	}
	return n.Value
}
