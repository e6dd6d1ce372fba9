package conversation

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"devenv/internal/telnet"

	"go.yaml.in/yaml/v3"
)

// maxPrompt is how much of a prompt a recording waits for, in characters.
const maxPrompt = 60

// password names the variable of the first secret; the next is PASSWORD2.
const password = "PASSWORD"

// Conversation is what was recorded so far. Before each line it waits for the
// last line the server had said by then (numbers may be others, and of a long
// line the beginning is enough), and at the end for what the server said last.
// It has no steps when nothing was said.
func (r *Recorder) Conversation() Conversation {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := Conversation{Name: cmp.Or(strings.TrimSpace(sendable(r.Name)), "a recorded session"), Port: r.Port}
	r.settle()
	secrets := newSecrets(r.exchanges)
	for _, e := range r.exchanges {
		c.Steps = append(c.Steps, secrets.expect(e.prompt)...)
		c.Steps = append(c.Steps, secrets.send(e))
	}
	c.Steps = append(c.Steps, secrets.expect(lastLine(r.hearing.text()))...)
	if r.hungUp {
		c.Steps = append(c.Steps, Step{Verb: Close})
	}
	return c
}

// YAML is the recording as a file that [Parse] reads, with a comment where a
// password was left out; an error when nothing was said.
func (r *Recorder) YAML() ([]byte, error) {
	c := r.Conversation()
	if len(c.Steps) == 0 {
		return nil, errors.New("nothing was said that could be recorded")
	}
	if len(c.Steps) > maxSteps {
		return nil, fmt.Errorf("recorded %d steps, more than the %d that a conversation may have", len(c.Steps), maxSteps)
	}
	n := c.node()
	steps := n.Content[len(n.Content)-1].Content
	for i, s := range c.Steps {
		if names := s.variables(); s.Hidden && len(names) > 0 {
			steps[i].HeadComment = "typed unseen, and not recorded: set " + EnvPrefix + strings.Join(names, " and "+EnvPrefix)
		}
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	err := errors.Join(enc.Encode(n), enc.Close())
	return out.Bytes(), err
}

// secrets are the lines that were typed unseen, in the order of their variables.
type secrets []string

func newSecrets(exchanges []exchange) (all secrets) {
	for _, e := range exchanges {
		if e.secret() && !slices.Contains(all, e.typed) {
			all = append(all, e.typed)
		}
	}
	return all
}

// secret reports whether nobody shall read the line. Where the words of a prompt
// asked for a password, even that the server repeats it does not make it public.
func (e exchange) secret() bool {
	return e.asked && e.typed != "" || e.echo && !e.echoed
}

func (s secrets) variable(i int) string {
	if i == 0 {
		return "${" + password + "}"
	}
	return "${" + password + strconv.Itoa(i+1) + "}"
}

// A stand-in is a character that stands for a secret while a text is put into
// its form. It is of private use, and so in nothing that can be seen.
func standIn(i int) string { return string(rune(0xF0000 + i)) }

// conceal replaces the secrets in a text by their stand-ins, the longest first.
func (s secrets) conceal(text string, seen func(string) string) string {
	order := make([]int, 0, len(s))
	for i := range s {
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(i, j int) int { return len(s[j]) - len(s[i]) })
	for _, i := range order {
		if secret := seen(s[i]); len(secret) >= minSecret {
			text = strings.ReplaceAll(text, secret, standIn(i))
		}
	}
	return text
}

// reveal replaces the stand-ins by the variables.
func (s secrets) reveal(text string) string {
	for i := range s {
		text = strings.ReplaceAll(text, standIn(i), s.variable(i))
	}
	return text
}

// send is the step for what was typed.
func (s secrets) send(e exchange) Step {
	if e.secret() {
		return Step{Verb: Send, Text: s.variable(slices.Index(s, e.typed)), Hidden: true}
	}
	typed := strings.Map(dropStandIns, e.typed)
	concealed := s.conceal(typed, func(secret string) string { return secret })
	text := s.reveal(strings.ReplaceAll(concealed, "$", "$$"))
	return Step{Verb: Send, Text: text, Hidden: concealed != typed}
}

func dropStandIns(r rune) rune {
	if r >= 0xF0000 {
		return -1
	}
	return r
}

var digits = regexp.MustCompile(`[0-9]+`)

// expect is the step that waits for a line of the server; none for "".
func (s secrets) expect(line string) []Step {
	if line == "" {
		return nil
	}
	text := []rune(s.conceal(line, telnet.Visible))
	text = text[:min(len(text), maxPrompt)]
	pattern := digits.ReplaceAllLiteralString(regexp.QuoteMeta(string(text)), "[0-9]+")
	return []Step{{Verb: Expect, Text: s.reveal(pattern)}}
}
