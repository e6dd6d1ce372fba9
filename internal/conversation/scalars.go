package conversation

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"devenv/internal/telnet"

	"go.yaml.in/yaml/v3"
)

// fields says what reads the value of each key that is known.
type fields map[string]func(*yaml.Node)

// mapping reads a mapping that may hold only the keys of f, and returns those
// that it holds; nil when it is none.
func (d *decoder) mapping(what string, n *yaml.Node, f fields) map[string]bool {
	return d.pairs(what, n, func(key, value *yaml.Node) {
		read, known := f[key.Value]
		if !known {
			fix := "keys known here: " + strings.Join(slices.Sorted(maps.Keys(f)), ", ")
			d.fault(key, fix, "unknown key %s", describe(key))
			return
		}
		read(value)
	})
}

// pairs visits a mapping in the order of the file, and returns its keys.
func (d *decoder) pairs(what string, n *yaml.Node, visit func(key, value *yaml.Node)) map[string]bool {
	if n.Kind != yaml.MappingNode {
		d.fault(n, "", "%s: want a mapping, have %s", what, describe(n))
		return nil
	}
	keys := map[string]bool{}
	for i := 0; i+1 < len(n.Content) && !d.hopeless; i += 2 {
		key := resolve(n.Content[i])
		switch {
		case key.ShortTag() != "!!str":
			d.fault(key, "", "%s: %s is no key", what, describe(key))
		case keys[key.Value]:
			d.fault(key, "", "%s: %s stands here twice", what, describe(key))
		default:
			keys[key.Value] = true
			visit(key, resolve(n.Content[i+1]))
		}
	}
	return keys
}

// list visits a sequence that holds something.
func (d *decoder) list(key string, n *yaml.Node, visit func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		d.fault(n, "", "%s: want a list, have %s", key, describe(n))
		return
	}
	for _, e := range n.Content {
		if d.hopeless {
			return
		}
		visit(resolve(e))
	}
}

// scalar reads a text that may be empty; false with a fault.
func (d *decoder) scalar(key string, n *yaml.Node) (string, bool) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" {
		return d.value(n), true
	}
	fix := ""
	if n.Kind == yaml.ScalarNode && !isNull(n) {
		fix = `put it in quotes to have it taken as text`
	}
	d.fault(n, fix, "%s: want a text, have %s", key, describe(n))
	return "", false
}

// text reads a text that says something.
func (d *decoder) text(key string, n *yaml.Node) string {
	s, ok := d.scalar(key, n)
	if ok && strings.TrimSpace(s) == "" {
		d.fault(n, "", "%s: is empty", key)
	}
	return s
}

// line reads what can be sent: one line, perhaps an empty one.
func (d *decoder) line(key string, n *yaml.Node) string {
	s, _ := d.scalar(key, n)
	if strings.ContainsAny(s, lineEnds) {
		d.fault(n, "make each line a step of its own; its end is sent for you", "%s: more than one line", key)
	}
	if _, err := fillLine(s, anything); err != nil {
		d.fault(n, dollarFix, "%s: %w", key, err)
	}
	return s
}

const patternFix = "patterns are Go's: https://pkg.go.dev/regexp/syntax"

// pattern reads a regular expression.
func (d *decoder) pattern(key string, n *yaml.Node) string {
	s, ok := d.scalar(key, n)
	if !ok {
		return ""
	}
	if _, err := regexp.Compile(s); err != nil {
		d.fault(n, patternFix, "%s: %w", key, err)
	}
	return s
}

// expected reads a regular expression with variables that text must match.
func (d *decoder) expected(key string, n *yaml.Node) string {
	s, ok := d.scalar(key, n)
	if !ok {
		return ""
	}
	filled, err := fillPattern(s, anything)
	if err != nil {
		d.fault(n, "name a variable in capitals, such as ${RANDOM_NAME}", "%s: %w", key, err)
		return s
	}
	re, err := regexp.Compile(filled)
	switch {
	case err != nil:
		d.fault(n, patternFix, "%s: %w", key, err)
	case re.MatchString(""):
		d.fault(n, "say what the server must say", "%s: %s matches even silence", key, describe(n))
	}
	return s
}

func (d *decoder) duration(key string, n *yaml.Node) time.Duration {
	v, err := time.ParseDuration(n.Value)
	if n.ShortTag() == "!!str" && err == nil && v > 0 {
		return v
	}
	problem := "is not a duration above zero"
	if _, err := strconv.ParseFloat(n.Value, 64); err == nil {
		problem = "has no unit"
	}
	d.fault(n, `write a number with a unit, such as "30s" or "2m"`, "%s: %s %s", key, describe(n), problem)
	return 0
}

func (d *decoder) port(key string, n *yaml.Node) uint16 {
	port, err := strconv.ParseUint(n.Value, 10, 16)
	if n.ShortTag() != "!!int" || err != nil || port == 0 {
		d.fault(n, "name the port inside the container, from 1 to 65535", "%s: %s is not a port", key, describe(n))
		return 0
	}
	return uint16(port)
}

func (d *decoder) boolean(key string, n *yaml.Node) bool {
	var v bool
	if n.ShortTag() != "!!bool" || n.Decode(&v) != nil {
		d.fault(n, "write true or false", "%s: want true or false, have %s", key, describe(n))
	}
	return v
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

func describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode && len(n.Content) == 0:
		return "an empty list"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case isNull(n):
		return "nothing"
	case n.ShortTag() == "!!str":
		return fmt.Sprintf("%q", telnet.Excerpt(n.Value, 60))
	}
	return telnet.Excerpt(telnet.VisibleLine(n.Value), 60)
}
