package compose

import "go.yaml.in/yaml/v3"

// element is "file:line" of an element of the list at p, to which files add in the
// order of the merge; where it cannot be found, that of the list.
func (m sourceMap) element(p path, index int) string {
	for _, h := range m.hits(p) {
		list := resolve(h.value)
		if list.Kind != yaml.SequenceNode {
			break
		}
		if index < len(list.Content) {
			return h.file.at(list.Content[index])
		}
		index -= len(list.Content)
	}
	return m.where(p)
}
