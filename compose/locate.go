package compose

import (
	"os"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A path leads to a value in a compose file: "services", "game", "x-devenv", …
type path []string

func (p path) key(k string) path { return append(slices.Clone(p), k) }

func (p path) String() string { return strings.Join(p, ".") }

// A source map remembers the YAML of every file, so that a fault found in the
// merged model can name the file and line it came from, and so that tags such
// as !reset are still there when an override is merged.
type sourceMap struct {
	files []sourceFile // in the order in which they are merged
}

type sourceFile struct {
	name string
	root *yaml.Node // a mapping
}

// readSources parses what it can; a file that is no YAML is left to compose-go
// to complain about.
func readSources(names []string) sourceMap {
	var m sourceMap
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		var doc yaml.Node
		if yaml.Unmarshal(text, &doc) != nil || len(doc.Content) == 0 {
			continue
		}
		m.files = append(m.files, sourceFile{name: name, root: doc.Content[0]})
	}
	return m
}

// where is "file:line" of the value at p, or of the nearest thing above it
// that stands in a file. The last file wins, as it does in the merge.
func (m sourceMap) where(p path) string {
	for n := len(p); n > 0; n-- {
		for _, f := range slices.Backward(m.files) {
			if key, _ := find(f.root, p[:n]); key != nil {
				return f.name + ":" + strconv.Itoa(key.Line)
			}
		}
	}
	if len(m.files) > 0 {
		return m.files[0].name
	}
	return ""
}

// find follows p from a mapping; it returns the key and value nodes of the
// last step, or nil.
func find(node *yaml.Node, p path) (key, value *yaml.Node) {
	value = node
	for _, step := range p {
		key, value = child(resolve(value), step)
		if key == nil {
			return nil, nil
		}
	}
	return key, value
}

func child(node *yaml.Node, name string) (key, value *yaml.Node) {
	if node.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i], node.Content[i+1]
		}
	}
	return nil, nil
}

func resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}
