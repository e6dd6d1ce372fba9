package conversation

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

const everyForm = `# login.yaml
name: a new player looks around
port: 5556
within: 30s
steps:
  - expect: "name"
  - send: "Ann"
  - expect: { text: "Welcome", within: 5s }
  - send: { text: "secret", hidden: true }
  - send: ""
  - prompt
  - prompt: { within: 20s }
  - mssp: { NAME: "ExMud", PLAYERS: "^[0-9]+$", within: 2s }
  - mssp
  - close
`

func TestParseReadsEveryForm(t *testing.T) {
	want := Conversation{
		Name: "a new player looks around", Port: 5556, Within: 30 * time.Second, Where: "login.yaml:2",
		Steps: []Step{
			{Verb: Expect, Text: "name", Where: "login.yaml:6"},
			{Verb: Send, Text: "Ann", Where: "login.yaml:7"},
			{Verb: Expect, Text: "Welcome", Within: 5 * time.Second, Where: "login.yaml:8"},
			{Verb: Send, Text: "secret", Hidden: true, Where: "login.yaml:9"},
			{Verb: Send, Where: "login.yaml:10"},
			{Verb: Prompt, Where: "login.yaml:11"},
			{Verb: Prompt, Within: 20 * time.Second, Where: "login.yaml:12"},
			{Verb: MSSP, Status: map[string]string{"NAME": "ExMud", "PLAYERS": "^[0-9]+$"}, Within: 2 * time.Second, Where: "login.yaml:13"},
			{Verb: MSSP, Where: "login.yaml:14"},
			{Verb: Close, Where: "login.yaml:15"},
		},
	}
	got, err := Parse("login.yaml", []byte(everyForm))
	if diff := cmp.Diff([]Conversation{want}, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestParseReadsAList(t *testing.T) {
	got, err := Parse("t.yaml", []byte(`
conversations:
  - name: one
    steps: &greeting [ expect: name ]
  - { name: two, steps: *greeting }
`))
	if err != nil || len(got) != 2 || got[1].Name != "two" || got[1].Steps[0].Where != "t.yaml:4" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestParseFindsWhatIsWrong(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"nothing at all":         {"", "t.yaml: there is no conversation in it"},
		"no YAML":                {"name: x\nsteps: [", "t.yaml:2: did not find expected node content"},
		"a text":                 {"hello", `t.yaml:1: a conversation: want a mapping, have "hello"`},
		"a second document":      {"name: x\nsteps: [prompt]\n---\nname: y\n", "t.yaml:3: a second document"},
		"no name":                {"steps: [prompt]", "t.yaml:1: a conversation without a name"},
		"an empty name":          {"name: ''\nsteps: [prompt]", "t.yaml:1: name: is empty"},
		"no steps":               {"name: x", "t.yaml:1: a conversation without steps"},
		"an empty list of steps": {"name: x\nsteps: []", "t.yaml:2: steps: want a list, have an empty list"},
		"an unknown key":         {"name: x\nprot: 1\nsteps: [prompt]", `t.yaml:2: unknown key "prot"`},
		"a key twice":            {"name: x\nname: y\nsteps: [prompt]", `t.yaml:2: a conversation: "name" stands here twice`},
		"a key that is a number": {"name: x\n1: y\nsteps: [prompt]", `t.yaml:2: a conversation: 1 is no key`},
		"a port too high":        {"name: x\nport: 65536\nsteps: [prompt]", "t.yaml:2: port: 65536 is not a port"},
		"port zero":              {"name: x\nport: 0\nsteps: [prompt]", "t.yaml:2: port: 0 is not a port"},
		"a port as text":         {"name: x\nport: '1'\nsteps: [prompt]", `t.yaml:2: port: "1" is not a port`},
		"a time without a unit":  {"name: x\nwithin: 30\nsteps: [prompt]", "t.yaml:2: within: 30 has no unit"},
		"a time without unit as text": {
			"name: x\nwithin: '30'\nsteps: [prompt]", `t.yaml:2: within: "30" has no unit`},
		"no time":                    {"name: x\nwithin: -3s\nsteps: [prompt]", `t.yaml:2: within: "-3s" is not a duration above zero`},
		"a step's time above all's":  {"name: x\nwithin: 1s\nsteps:\n- prompt: {within: 2s}", "t.yaml:4: prompt: 2s is longer than the whole conversation may take, 1s"},
		"an unknown step":            {"name: x\nsteps:\n- expcet: a", `t.yaml:3: unknown step "expcet"`},
		"two steps in one":           {"name: x\nsteps:\n- expect: a\n  send: b", "t.yaml:3: want one step, have a mapping"},
		"a step without a word":      {"name: x\nsteps:\n-", "t.yaml:3: want one step, have nothing"},
		"a list as a step":           {"name: x\nsteps:\n- [prompt]", "t.yaml:3: want one step, have a list"},
		"a bad pattern":              {"name: x\nsteps:\n- expect: 'a('", "t.yaml:3: expect: error parsing regexp: missing closing ): `a(`"},
		"a pattern that proves nil":  {"name: x\nsteps:\n- expect: 'a*'", `t.yaml:3: expect: "a*" matches even silence`},
		"a pattern that is a number": {"name: x\nsteps:\n- expect: 5", "t.yaml:3: expect: want a text, have 5"},
		"expect alone":               {"name: x\nsteps:\n- expect", "t.yaml:3: expect: want a text, have nothing"},
		"expect without a text":      {"name: x\nsteps:\n- expect: {within: 5s}", "t.yaml:3: expect without a text"},
		"send without a text":        {"name: x\nsteps:\n- send: {hidden: true}", "t.yaml:3: send without a text"},
		"hidden is no word":          {"name: x\nsteps:\n- send: {text: a, hidden: 'true'}", `t.yaml:3: hidden: want true or false, have "true"`},
		"a send that waits":          {"name: x\nsteps:\n- send: {text: a, within: 5s}", `t.yaml:3: unknown key "within"`},
		"two lines in one send":      {"name: x\nsteps:\n- send: \"a\\nb\"", "t.yaml:3: send: more than one line"},
		"a lone dollar":              {"name: x\nsteps:\n- send: give 5$", "t.yaml:3: send: a dollar that begins no variable"},
		"a variable in small":        {"name: x\nsteps:\n- send: '${name}'", "t.yaml:3: send: a dollar that begins no variable"},
		"the same in a pattern":      {"name: x\nsteps:\n- expect: '${name}'", `t.yaml:3: expect: "${" that begins no variable`},
		"a prompt with a text":       {"name: x\nsteps:\n- prompt: '>'", `t.yaml:3: prompt: want a mapping, have ">"`},
		"a bad pattern of MSSP":      {"name: x\nsteps:\n- mssp: {NAME: '('}", "t.yaml:3: NAME: error parsing regexp: missing closing ): `(`"},
		"a number as its pattern":    {"name: x\nsteps:\n- mssp: {PLAYERS: 0}", "t.yaml:3: PLAYERS: want a text, have 0"},
		"a variable without a name":  {"name: x\nsteps:\n- mssp: {'': a}", "t.yaml:3: mssp: a variable without a name"},
		"more after close":           {"name: x\nsteps:\n- close\n- prompt", "t.yaml:4: nothing can follow close"},
		"a name taken": {
			"conversations:\n- {name: x, steps: [prompt]}\n- {name: x, steps: [prompt]}",
			`t.yaml:3: the name "x" is taken by the one at t.yaml:2`},
		"a list and one":      {"conversations: [{name: x, steps: [prompt]}]\nname: y", `t.yaml:2: unknown key "name"`},
		"binary":              {"name: !!binary aGk=\nsteps: [prompt]", "t.yaml:1: name: want a text, have aGk="},
		"a circle of aliases": {"&a\nname: *a\nsteps: *a", "t.yaml:1: name: want a text, have a mapping\nt.yaml:1: steps: want a list, have a mapping"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("t.yaml", []byte(tt.text))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestParseSaysAllFaultsAtOnceWithHints(t *testing.T) {
	_, err := Parse("t.yaml", []byte("nam: x\nport: 0\nsteps:\n- expect: '('\n- wait\n- send: $\n"))
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatal(err)
	}
	var got []string
	for _, err := range joined.Unwrap() {
		var fault *Fault
		if !errors.As(err, &fault) {
			t.Fatalf("%T", err)
		}
		got = append(got, fault.Where+" "+fault.Hint())
	}
	want := []string{
		"t.yaml:1 keys known here: name, port, steps, within",
		"t.yaml:2 name the port inside the container, from 1 to 65535",
		"t.yaml:4 patterns are Go's: https://pkg.go.dev/regexp/syntax",
		"t.yaml:5 a step is one of: expect: PATTERN, send: LINE, prompt, mssp: {VARIABLE: PATTERN}, close",
		"t.yaml:6 write $$ for a dollar, and a variable as ${NAME}, in capitals",
		"t.yaml:1 say what it shows, such as `name: a new player looks around`",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAFileIsBounded(t *testing.T) {
	many := func(n int, format string) (text string) {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	again := strings.Repeat("- *a\n", 10_000)
	tests := map[string]struct{ text, want string }{
		"bytes":     {strings.Repeat(" ", maxFile+1), "t.yaml: larger than 1024 KiB"},
		"steps":     {"conversations:\n- &a {name: x, steps: [" + strings.Repeat("prompt,", 9999) + "]}\n" + again, "t.yaml:2: more than 10000 steps"},
		"variables": {"name: x\nsteps:\n- &a {mssp: {" + many(maxVariables+1, "V%d: x,") + "}}\n", "t.yaml:3: mssp: more than 256 variables"},
		"faults":    {"conversations:\n- &a {" + many(10_000, "k%d: x,") + "}\n" + again, "t.yaml: more faults than are told here"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("t.yaml", []byte(tt.text))
			if err == nil || !strings.HasSuffix(err.Error(), tt.want) || strings.Count(err.Error(), "\n") > maxFaults {
				t.Errorf("%.300v", err)
			}
		})
	}
}

func TestDecodeReadsAPartOfAComposeFile(t *testing.T) {
	var file yaml.Node
	err := yaml.Unmarshal([]byte(`
services: {}
x-devenv:
  smoke:
    - name: costs
      steps:
        - expect: name$$
        - send: $${RANDOM_NAME} has 5$$$$
`), &file)
	if err != nil {
		t.Fatal(err)
	}
	node := file.Content[0].Content[3].Content[1].Content[0]
	got, err := Decode("compose.yaml", node)
	want := Conversation{Name: "costs", Where: "compose.yaml:5", Steps: []Step{
		{Verb: Expect, Text: "name$", Where: "compose.yaml:7"},
		{Verb: Send, Text: "${RANDOM_NAME} has 5$$", Where: "compose.yaml:8"},
	}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	node.Content[1].Value = ""
	if _, err := Decode("compose.yaml", node); err == nil || err.Error() != "compose.yaml:5: name: is empty" {
		t.Error(err)
	}
}
