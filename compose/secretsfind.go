package compose

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v3"
)

// interpolated are the values of the project's variables, those of .env and of the
// process, that are called like secrets and stand in one of the texts. One that
// does not is not the project's.
func (p *Plan) interpolated(texts, names []string) []string {
	all := strings.Join(texts, "\n")
	var values []string
	for _, name := range sortedKeys(p.Model.Environment) {
		value := p.Model.Environment[name]
		if !IsSecret(name) || isTruth(value) || slices.Contains(names, value) {
			continue
		}
		if newSecrets([]string{value}).hideWords(all) != all {
			values = append(values, value)
		}
	}
	return values
}

// texts are all words of the model, which was read from YAML and can be written so.
func (p *Plan) texts() []string {
	written, err := p.Model.MarshalYAML()
	var root yaml.Node
	if err != nil || yaml.Unmarshal(written, &root) != nil {
		return nil
	}
	return scalars(&root)
}

func scalars(node *yaml.Node) []string {
	if node.Kind == yaml.ScalarNode {
		return []string{node.Value}
	}
	var all []string
	for _, n := range node.Content {
		all = append(all, scalars(n)...)
	}
	return all
}

// variablesOf are the mappings of a service that hold variables.
func variablesOf(s types.ServiceConfig) []types.MappingWithEquals {
	all := []types.MappingWithEquals{s.Environment}
	if s.Build != nil {
		all = append(all, s.Build.Args)
	}
	for _, hook := range slices.Concat(s.PostStart, s.PreStop) {
		all = append(all, hook.Environment)
	}
	return all
}

// commandsOf are the commands that run in the containers of a service.
func commandsOf(s types.ServiceConfig) [][]string {
	all := [][]string{s.Command, s.Entrypoint}
	if s.HealthCheck != nil {
		all = append(all, s.HealthCheck.Test)
	}
	for _, hook := range slices.Concat(s.PostStart, s.PreStop) {
		all = append(all, hook.Command)
	}
	return all
}

// commandSecrets are the words after the options of a command that want a secret, and
// what is a secret by its name within a word, which may be a script.
func commandSecrets(words []string) []string {
	var values []string
	option := ""
	for _, word := range words {
		if isSecretOption(option) && !strings.HasPrefix(word, "-") && isLiteral(word) {
			values = append(values, word)
		}
		values = append(values, namedSecrets(word)...)
		option = word
	}
	return values
}

// scheme is what stands before a secret in a header.
var scheme = regexp.MustCompile(`(?i)^(bearer|basic|digest|token)\s+`)

// namedSecrets are the values in a text that maskText would hide for their name.
func namedSecrets(text string) []string {
	var values []string
	for _, at := range slices.Concat(valuesAfter(text, pair, IsSecret), valuesAfter(text, option, isSecretOption)) {
		value := strings.Trim(text[at.from:at.to], `"'`)
		value = value[len(scheme.FindString(value)):]
		if isLiteral(value) {
			values = append(values, value)
		}
	}
	return values
}

// isLiteral tells a value apart from one that a shell puts in, and from a switch.
func isLiteral(value string) bool { return !strings.HasPrefix(value, "$") && !isTruth(value) }

// userinfo is what stands before the host of a URL, found as maskText finds it.
var userinfo = regexp.MustCompile(`://[^\s/:@]*:([^\s/]+)@|https?://([^\s/:@]+)@`)

// urlSecrets are the passwords and tokens of the URLs in a text, as written and
// as meant.
func urlSecrets(text string) []string {
	var values []string
	for _, found := range userinfo.FindAllStringSubmatch(text, -1) {
		secret := found[1] + found[2]
		values = append(values, secret)
		if meant, err := url.PathUnescape(secret); err == nil && meant != secret {
			values = append(values, meant)
		}
	}
	return values
}
