package compose

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A path leads to a value in a compose file: "services", "game", "x-devenv", …
type path []string

func (p path) key(k string) path { return append(slices.Clone(p), k) }

func (p path) String() string { return strings.Join(p, ".") }

// where is "file:line" of the value at p, or of the nearest thing above it
// that stands in a file. The last file wins, as it does in the merge.
func (m sourceMap) where(p path) string {
	for n := len(p); n > 0; n-- {
		if hits := m.hits(p[:n]); len(hits) > 0 {
			last := hits[len(hits)-1]
			return last.file.name + ":" + strconv.Itoa(last.key.Line)
		}
	}
	if len(m.files) > 0 {
		return m.files[0].name
	}
	return ""
}

// has tells whether p stands in any file.
func (m sourceMap) has(p path) bool { return len(m.hits(p)) > 0 }

// mention is "file:line" of the first value with the given text in it.
func (m sourceMap) mention(text string) string {
	for _, f := range m.files {
		if line := mentionIn(f.root, text); line > 0 {
			return f.name + ":" + strconv.Itoa(line)
		}
	}
	return ""
}

func mentionIn(node *yaml.Node, text string) int {
	if node.Kind == yaml.ScalarNode && strings.Contains(node.Value, text) {
		return node.Line
	}
	for _, n := range node.Content {
		if line := mentionIn(n, text); line > 0 {
			return line
		}
	}
	return 0
}

// A hit is a value at its place in a file.
type hit struct {
	file       *sourceFile
	key, value *yaml.Node
	alone      bool // a tag says that nothing merged before it counts
}

// hits finds every place that has a say in the value at p, in the order of the
// merge: what a service extends comes before the service.
func (m sourceMap) hits(p path) []hit {
	var all []hit
	for _, f := range m.files {
		all = append(all, m.within(f, p, 0)...)
	}
	return all
}

// maxExtends ends a circle of extends, which compose-go reports.
const maxExtends = 32

func (m sourceMap) within(f *sourceFile, p path, depth int) []hit {
	var all []hit
	if name, service := f.extended(p); service != "" && depth < maxExtends {
		base := []*sourceFile{f}
		if name != "" {
			base = m.extended[name]
		}
		for _, b := range base {
			all = append(all, m.within(b, slices.Concat(path{"services", service}, p[2:]), depth+1)...)
		}
	}
	if h, ok := f.find(p); ok {
		all = append(all, h)
	}
	return all
}

// extended is the file and service that the service around p extends. The file
// is "" where it is the same.
func (f *sourceFile) extended(p path) (file, service string) {
	if len(p) < 3 || p[0] != "services" {
		return "", ""
	}
	said, ok := f.find(path{"services", p[1], "extends"})
	if !ok {
		return "", ""
	}
	if node := resolve(said.value); node.Kind == yaml.ScalarNode {
		return "", node.Value
	}
	_, ref := child(resolve(said.value), "service")
	if ref == nil {
		return "", ""
	}
	if _, name := child(resolve(said.value), "file"); name != nil {
		return f.path(name.Value), ref.Value
	}
	return "", ref.Value
}

// at is "file:line" of a node.
func (f *sourceFile) at(node *yaml.Node) string { return f.name + ":" + strconv.Itoa(node.Line) }

// find follows p from the top of the file.
func (f *sourceFile) find(p path) (hit, bool) {
	h := hit{file: f, value: f.root}
	for _, step := range p {
		h.key, h.value = child(resolve(h.value), step)
		if h.key == nil {
			return hit{}, false
		}
		h.alone = h.alone || h.value.Tag == "!override"
	}
	return h, true
}

// child finds a key of a mapping, its own or merged into it with "<<".
func child(node *yaml.Node, name string) (key, value *yaml.Node) {
	if node.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i], node.Content[i+1]
		}
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Tag != "!!merge" {
			continue
		}
		for _, merged := range list(resolve(node.Content[i+1])) {
			if key, value = child(resolve(merged), name); key != nil {
				return key, value
			}
		}
	}
	return nil, nil
}

// list is the elements of a sequence, or the one thing that stands for it.
func list(node *yaml.Node) []*yaml.Node {
	if node.Kind == yaml.SequenceNode {
		return node.Content
	}
	return []*yaml.Node{node}
}

func resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}
