package conversation

import (
	"errors"
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// A decoder reads strictly and collects every fault with its place.
type decoder struct {
	file     string
	doubled  bool // $$ is written for $
	steps    int  // so far
	faults   []error
	hopeless bool // there is no use in reading on
}

func (d *decoder) where(n *yaml.Node) string {
	if n.Line == 0 {
		return d.file
	}
	return d.file + ":" + strconv.Itoa(n.Line)
}

func (d *decoder) fault(n *yaml.Node, fix, format string, args ...any) {
	d.add(&Fault{Where: d.where(n), Err: fmt.Errorf(format, args...), Fix: fix})
}

func (d *decoder) add(f *Fault) {
	switch {
	case len(d.faults) < maxFaults:
		d.faults = append(d.faults, f)
	case !d.hopeless:
		d.hopeless = true
		d.faults = append(d.faults, &Fault{Where: d.file, Err: errors.New("more faults than are told here")})
	}
}

func (d *decoder) conversation(n *yaml.Node) Conversation {
	c := Conversation{Where: d.where(n)}
	said := d.mapping("a conversation", n, fields{
		"name":   func(v *yaml.Node) { c.Name = d.text("name", v) },
		"port":   func(v *yaml.Node) { c.Port = d.port("port", v) },
		"within": func(v *yaml.Node) { c.Within = d.duration("within", v) },
		"steps": func(v *yaml.Node) {
			d.list("steps", v, func(n *yaml.Node) { c.Steps = append(c.Steps, d.step(n)) })
		},
	})
	if said != nil && !said["name"] {
		d.fault(n, "say what it shows, such as `name: a new player looks around`", "a conversation without a name")
	}
	if said != nil && !said["steps"] {
		d.fault(n, "such as `steps: [ expect: name ]`", "a conversation without steps")
	}
	d.order(c)
	return c
}

// order faults what only the steps together make wrong.
func (d *decoder) order(c Conversation) {
	for i, s := range c.Steps {
		if s.Verb == Close && i < len(c.Steps)-1 {
			d.add(&Fault{Where: c.Steps[i+1].Where, Err: errors.New("nothing can follow close")})
		}
		if c.Within > 0 && s.Within > c.Within {
			d.add(&Fault{
				Where: s.Where,
				Err:   fmt.Errorf("%s: %v is longer than the whole conversation may take, %v", s.Verb, s.Within, c.Within),
			})
		}
	}
}

const stepFix = "a step is one of: expect: PATTERN, send: LINE, prompt, mssp: {VARIABLE: PATTERN}, close"

// step reads one step: a word, or a mapping of a word to what it is about.
func (d *decoder) step(n *yaml.Node) Step {
	s := Step{Where: d.where(n)}
	if d.steps++; d.steps > maxSteps {
		d.fault(n, "", "more than %d steps", maxSteps)
		d.hopeless = true
		return s
	}
	verb, about := n, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: n.Line}
	if n.Kind == yaml.MappingNode && len(n.Content) == 2 {
		verb, about = resolve(n.Content[0]), resolve(n.Content[1])
	} else if n.Kind != yaml.ScalarNode || isNull(n) {
		d.fault(n, stepFix, "want one step, have %s", describe(n))
		return s
	}
	s.Verb = Verb(verb.Value)
	switch s.Verb {
	case Expect:
		d.expect(&s, about)
	case Send:
		d.send(&s, about)
	case Prompt, Close:
		d.pause(&s, about)
	case MSSP:
		d.status(&s, about)
	default:
		d.fault(verb, stepFix, "unknown step %s", describe(verb))
	}
	return s
}

func (d *decoder) expect(s *Step, n *yaml.Node) {
	text := func(v *yaml.Node) { s.Text = d.expected("expect", v) }
	if n.Kind != yaml.MappingNode {
		text(n)
		return
	}
	said := d.mapping("expect", n, fields{
		"text":   text,
		"within": func(v *yaml.Node) { s.Within = d.duration("within", v) },
	})
	if !said["text"] {
		d.fault(n, "such as `expect: {text: Welcome, within: 5s}`", "expect without a text")
	}
}

func (d *decoder) send(s *Step, n *yaml.Node) {
	text := func(v *yaml.Node) { s.Text = d.line("send", v) }
	if n.Kind != yaml.MappingNode {
		text(n)
		return
	}
	said := d.mapping("send", n, fields{
		"text":   text,
		"hidden": func(v *yaml.Node) { s.Hidden = d.boolean("hidden", v) },
	})
	if !said["text"] {
		d.fault(n, "such as `send: {text: secret, hidden: true}`", "send without a text")
	}
}

// pause reads what a step without a text may say.
func (d *decoder) pause(s *Step, n *yaml.Node) {
	if isNull(n) {
		return
	}
	d.mapping(string(s.Verb), n, fields{
		"within": func(v *yaml.Node) { s.Within = d.duration("within", v) },
	})
}

// status reads the patterns of MSSP's variables. Those are in capitals, by
// custom, and so do not meet "within".
func (d *decoder) status(s *Step, n *yaml.Node) {
	if isNull(n) {
		return
	}
	d.pairs("mssp", n, func(key, v *yaml.Node) {
		switch {
		case key.Value == "within":
			s.Within = d.duration("within", v)
			return
		case key.Value == "":
			d.fault(key, "", "mssp: a variable without a name")
			return
		case len(s.Status) == maxVariables:
			d.fault(key, "", "mssp: more than %d variables", maxVariables)
			return
		case s.Status == nil:
			s.Status = map[string]string{}
		}
		s.Status[key.Value] = d.pattern(key.Value, v)
	})
}
