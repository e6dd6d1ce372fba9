package conversation

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// FuzzParse looks for files that end the program, and for conversations that
// are others once they were written and read again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(everyForm))
	f.Add([]byte("conversations:\n- &a {name: one, steps: [expect: '${PASSWORD} \\${x}']}\n- *a"))
	f.Add([]byte("name: \"\\u0085\\ufeff\\u2028 # x\"\nsteps: [send: \" \\t$$\\e[1m\"]"))
	f.Add([]byte("name: |\n  two\n  lines\nsteps: [send: no, mssp: {NULL: y, '<<': '', ? no : ~}]"))
	f.Add([]byte("%YAML 1.1\n---\n&a [*a]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		before, err := Parse("f.yaml", text)
		if err != nil {
			return
		}
		written, err := yaml.Marshal(map[string][]Conversation{"conversations": before})
		if err != nil {
			t.Fatal(err)
		}
		after, err := Parse("f.yaml", written)
		if err != nil {
			t.Fatalf("%v in\n%s", err, written)
		}
		if diff := cmp.Diff(unplaced(before), unplaced(after)); diff != "" {
			t.Errorf("%s\nin\n%s", diff, written)
		}
	})
}

// unplaced is the same without places.
func unplaced(all []Conversation) (same []Conversation) {
	for _, c := range all {
		c.Where = ""
		var steps []Step
		for _, s := range c.Steps {
			s.Where = ""
			steps = append(steps, s)
		}
		c.Steps = steps
		same = append(same, c)
	}
	return same
}
