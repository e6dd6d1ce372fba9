package conversation

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// MarshalYAML renders the conversation as [Parse] reads it.
func (c Conversation) MarshalYAML() (any, error) { return c.node(), nil }

func (c Conversation) node() *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	put(n, "name", quoted(c.Name))
	if c.Port != 0 {
		put(n, "port", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(int(c.Port))})
	}
	if c.Within != 0 {
		put(n, "within", length(c.Within))
	}
	steps := &yaml.Node{Kind: yaml.SequenceNode}
	for _, s := range c.Steps {
		steps.Content = append(steps.Content, s.node())
	}
	put(n, "steps", steps)
	return n
}

// node is the shortest form of the step.
func (s Step) node() *yaml.Node {
	about := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for _, name := range slices.Sorted(maps.Keys(s.Status)) {
		about.Content = append(about.Content, quoted(name), quoted(s.Status[name]))
	}
	if s.Verb == Expect || s.Verb == Send {
		put(about, "text", quoted(s.Text))
	}
	if s.Hidden {
		put(about, "hidden", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"})
	}
	if s.Within != 0 {
		put(about, "within", length(s.Within))
	}
	switch {
	case len(about.Content) == 0:
		return word(string(s.Verb))
	case len(about.Content) == 2 && s.Verb != MSSP && s.Within == 0:
		about = about.Content[1]
	}
	n := &yaml.Node{Kind: yaml.MappingNode}
	put(n, string(s.Verb), about)
	return n
}

func put(n *yaml.Node, key string, value *yaml.Node) {
	n.Content = append(n.Content, word(key), value)
}

func word(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }

func quoted(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Style: yaml.DoubleQuotedStyle}
}

func length(d time.Duration) *yaml.Node { return word(d.String()) }
