package conversation

import (
	"regexp"
	"testing"
)

func TestARandomNameIsTheSameWithinAPlay(t *testing.T) {
	c := steps(t, "- expect: name\n- send: ${RANDOM_NAME}\n- expect: \"Welcome, ${RANDOM_NAME}\\\\.\"\n- send: ${RANDOM_NAME}\n")
	vars := values(nil)
	name := vars[randomName]
	if !regexp.MustCompile(`^[A-Z][a-z]{9}$`).MatchString(name) {
		t.Errorf("%q is no name", name)
	}
	if values(nil)[randomName] == name {
		t.Errorf("%s again", name)
	}
	script := []act{says("name?"), wants(name), says("Welcome, " + name + "."), wants(name)}
	r, err := playScript(t, Player{Vars: vars}, c, script, whole)
	if !r.OK() || err != nil {
		t.Errorf("%v, %v", r.Err(), err)
	}
	r, _ = playScript(t, Player{}, c, script, whole)
	if r.OK() {
		t.Error("another play has the same name")
	}
}

func TestVariablesInALine(t *testing.T) {
	value := func(name string) string { return "<" + name + ">" }
	tests := map[string]struct{ text, want string }{
		"none":                {"look", "look"},
		"some":                {"${A}, ${B_2}", "<A>, <B_2>"},
		"a dollar":            {"5$$", "5$"},
		"dollars":             {"$$$$", "$$"},
		"a dollar and a name": {"$${A}", "${A}"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := fillLine(tt.text, value); got != tt.want || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestVariablesInAPattern(t *testing.T) {
	value := func(string) string { return "a+b" }
	tests := map[string]struct{ text, want string }{
		"a value is quoted":         {"^${A}$", `^a\+b$`},
		"an anchor stays":           {"a$|$", "a$|$"},
		"what is quoted is no name": {`\${A}`, `\${A}`},
		"nor is a group":            {`(a$)`, `(a$)`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := fillPattern(tt.text, value); got != tt.want || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestUnsetNamesEveryVariableWithoutAValue(t *testing.T) {
	c := steps(t, "- expect: '${A}'\n- send: ${RANDOM_NAME} ${B} ${C} ${B}\n- send: '$${D}'\n")
	err := c.Unset(map[string]string{"B": "", "E": "unused"})
	want := "t.yaml:3: expect: ${A} has no value\nt.yaml:4: send: ${C} has no value"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	if err := c.Unset(map[string]string{"A": "1", "B": "2", "C": "3"}); err != nil {
		t.Error(err)
	}
}
