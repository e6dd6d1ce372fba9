package conversation

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"strings"
)

// EnvPrefix stands before the name of a variable in the environment, by custom:
// ${PASSWORD} is DEVENV_PASSWORD.
const EnvPrefix = "DEVENV_"

// randomName is the variable that is made up for each play.
const randomName = "RANDOM_NAME"

const dollarFix = "write $$ for a dollar, and a variable as ${NAME}, in capitals"

// lineEnds cannot stand within a line that is sent.
const lineEnds = "\r\n\x00"

// Where variables stand in the two kinds of text. In a pattern a dollar is an
// anchor, and "${" makes no sense as one.
var (
	inLine    = regexp.MustCompile(`\$\$|\$\{[A-Z][A-Z0-9_]*\}|\$`)
	inPattern = regexp.MustCompile(`(?s)\\.|\$\{[A-Z][A-Z0-9_]*\}|\$\{`)
)

// fillLine puts the values of variables into a line to send.
func fillLine(text string, value func(name string) string) (filled string, err error) {
	filled = inLine.ReplaceAllStringFunc(text, func(found string) string {
		switch found {
		case "$$":
			return "$"
		case "$":
			err = errors.New("a dollar that begins no variable")
			return found
		}
		return value(found[2 : len(found)-1])
	})
	return filled, err
}

// fillPattern puts the values of variables, quoted, into a regular expression.
func fillPattern(text string, value func(name string) string) (filled string, err error) {
	filled = inPattern.ReplaceAllStringFunc(text, func(found string) string {
		switch {
		case found[0] == '\\':
			return found
		case found == "${":
			err = errors.New(`"${" that begins no variable`)
			return found
		}
		return regexp.QuoteMeta(value(found[2 : len(found)-1]))
	})
	return filled, err
}

// anything stands for the value of a variable while there is none.
func anything(string) string { return "x" }

// Unset is nil when vars has a value for every variable of the conversation but
// RANDOM_NAME, else it joins one [*Fault] for each that a step lacks.
func (c Conversation) Unset(vars map[string]string) error {
	var faults []error
	for _, s := range c.Steps {
		for _, fault := range s.unset(vars) {
			faults = append(faults, fault)
		}
	}
	return errors.Join(faults...)
}

func (s Step) unset(vars map[string]string) (faults []*Fault) {
	for _, name := range s.variables() {
		value, set := vars[name]
		switch {
		case !set && name != randomName:
			faults = append(faults, &Fault{
				Where: s.Where,
				Err:   fmt.Errorf("%s: ${%s} has no value", s.Verb, name),
				Fix:   fmt.Sprintf("set %s%s; only %s is made up", EnvPrefix, name, randomName),
			})
		case strings.ContainsAny(value, lineEnds):
			faults = append(faults, &Fault{Where: s.Where, Err: fmt.Errorf("%s: the value of ${%s} is more than one line", s.Verb, name)})
		}
	}
	return faults
}

// variables names those of the step, each once.
func (s Step) variables() (names []string) {
	seen := map[string]bool{}
	note := func(name string) string {
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
		return ""
	}
	switch s.Verb {
	case Send:
		fillLine(s.Text, note)
	case Expect:
		fillPattern(s.Text, note)
	}
	return names
}

// values are the variables of one play.
func values(vars map[string]string) map[string]string {
	all := maps.Clone(vars)
	if all == nil {
		all = map[string]string{}
	}
	if _, given := all[randomName]; !given {
		all[randomName] = makeName()
	}
	return all
}

// makeName makes up a name of ten letters that can be spoken: games refuse
// names that are long, hold digits, or look like noise.
func makeName() string {
	const consonants, vowels = "bdgklmnrtv", "aeiou"
	name := make([]byte, 10)
	for i := range name {
		letters := consonants
		if i%2 == 1 {
			letters = vowels
		}
		name[i] = letters[rand.IntN(len(letters))]
	}
	return strings.ToUpper(string(name[:1])) + string(name[1:])
}
