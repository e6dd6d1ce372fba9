package compose

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// How many letters a word must have to be hidden: wherever it is found, or only
// where it stands alone.
const (
	hiddenAnywhere = 8
	hiddenAlone    = 4
)

// A word is one form of a secret.
type word struct {
	text  string
	alone bool // hidden only between what is no letter and no digit
}

// newSecrets makes the words of the values, each once. Of a value of many lines
// the long lines are secrets too, since texts are hidden by lines.
func newSecrets(values []string) *Secrets {
	s := &Secrets{values: values, words: map[uint32][]word{}, first: make([]bool, 1<<16)}
	seen := map[string]bool{}
	for _, value := range values {
		value = strings.TrimSpace(value)
		s.add(value, seen)
		if !strings.Contains(value, "\n") {
			continue
		}
		for line := range strings.Lines(value) {
			if line = strings.TrimSpace(line); utf8.RuneCountInString(line) >= hiddenAnywhere {
				s.add(line, seen)
			}
		}
	}
	for _, words := range s.words {
		slices.SortFunc(words, func(a, b word) int { return cmp.Compare(len(b.text), len(a.text)) })
	}
	return s
}

// add takes in all forms of a value that is long enough to be told from others.
func (s *Secrets) add(value string, seen map[string]bool) {
	if utf8.RuneCountInString(value) < hiddenAlone {
		return
	}
	for _, form := range forms(value) {
		letters := utf8.RuneCountInString(form)
		if seen[form] || letters < hiddenAlone || strings.Contains(form, "\n") {
			continue
		}
		seen[form] = true
		key := firstBytes(form)
		s.words[key] = append(s.words[key], word{form, letters < hiddenAnywhere})
		s.first[hash(key)] = true
		s.starred = s.starred || strings.Contains(form, mask[:1])
	}
}

// forms are the ways in which programs write a value.
func forms(value string) []string {
	raw := []byte(value)
	return []string{
		value,
		url.QueryEscape(value),
		url.PathEscape(value),
		escaped(value, true),
		escaped(value, false),
		inYAML(value),
		strings.ReplaceAll(value, "'", "''"), // within single quotes in YAML
		base64.StdEncoding.EncodeToString(raw),
		base64.RawStdEncoding.EncodeToString(raw),
		base64.URLEncoding.EncodeToString(raw),
		base64.RawURLEncoding.EncodeToString(raw),
	}
}

// escaped is the value within quotes in JSON; some programs escape what HTML
// would read, too.
func escaped(value string, html bool) string {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(html)
	if enc.Encode(value) != nil {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text.String()), `"`), `"`)
}

// inYAML is the value within double quotes in YAML, "" where YAML cannot write it.
func inYAML(value string) string {
	if !utf8.ValidString(value) {
		return ""
	}
	text, err := yaml.Marshal(&yaml.Node{Kind: yaml.ScalarNode, Style: yaml.DoubleQuotedStyle, Value: value})
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(string(text)), `"`), `"`)
}
