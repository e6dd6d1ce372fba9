package compose

import (
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// Secrets are the values of a plan that must not be shown.
type Secrets struct {
	values  []string          // of which the words are forms
	words   map[uint32][]word // by their first bytes, longest first
	first   []bool            // which first bytes may begin a word, by hash
	starred bool              // some word has the mask's letter in it
}

// EarlySecrets are what is known to be secret before there is a plan: the variables of
// an environment, as NAME=value, that are called like one.
func EarlySecrets(environment []string) *Secrets {
	var values []string
	for _, variable := range environment {
		if name, value, _ := strings.Cut(variable, "="); IsSecret(name) && !isTruth(value) {
			values = append(values, value)
		}
	}
	return newSecrets(values)
}

// With are the secrets and more of them.
func (s *Secrets) With(values ...string) *Secrets {
	return newSecrets(slices.Concat(s.values, values))
}

// Secrets are the values of the secrets of the plan, of variables and build
// arguments that are called like one, of the project's variables that are, where the
// model makes use of them, of env files, of options and settings in commands and
// variables, and the passwords of URLs. It reads the files of the secrets; one that
// cannot be read has no value. Those of an isolated plan are those of the plan it is
// made of, which builds.
func (p *Plan) Secrets() *Secrets {
	if p.origin != nil {
		return p.origin.Secrets()
	}
	values, texts, names := p.declaredSecrets(), p.texts(), p.names()
	for _, name := range p.Model.ServiceNames() {
		s := p.Model.Services[name]
		for _, variables := range variablesOf(s) {
			values = append(values, secretVariables(variables)...)
		}
		for _, command := range commandsOf(s) {
			values = append(values, commandSecrets(command)...)
		}
		values = append(values, fromEnvFile(p.envFiles[name], names)...)
	}
	for _, text := range texts {
		values = append(values, urlSecrets(text)...)
	}
	return newSecrets(append(values, p.interpolated(texts, names)...))
}

// declaredSecrets are what the secrets of the compose files hold.
func (p *Plan) declaredSecrets() []string {
	var values []string
	for _, name := range sortedKeys(p.Model.Secrets) {
		secret := p.Model.Secrets[name]
		values = append(values, secret.Content, p.Model.Environment[secret.Environment])
		if secret.File == "" {
			continue
		}
		if text, err := os.ReadFile(secret.File); err == nil {
			values = append(values, string(text))
		}
	}
	for _, name := range sortedKeys(p.Model.Configs) {
		if from := p.Model.Configs[name].Environment; IsSecret(from) {
			values = append(values, p.Model.Environment[from])
		}
	}
	return values
}

// secretVariables are the values of variables that are called like secrets, and the
// settings within others that are: a connection string has some.
func secretVariables(variables types.MappingWithEquals) []string {
	var values []string
	for _, name := range sortedKeys(variables) {
		value := variables[name]
		switch {
		case value == nil || isTruth(*value):
		case IsSecret(name):
			values = append(values, *value)
		default:
			values = append(values, namedSecrets(*value)...)
		}
	}
	return values
}

// fromEnvFile are the values of what came from the env files of a service, also those
// with harmless names: people keep secrets there. Words that logs are full of are none,
// and the folder in which a shell was is none.
func fromEnvFile(variables types.MappingWithEquals, names []string) []string {
	var values []string
	for name, value := range variables {
		if value != nil && !isPlain(*value, names) && name != "PWD" && name != "OLDPWD" {
			values = append(values, *value)
		}
	}
	slices.Sort(values)
	return values
}

// smallNumber is a port, a count or a time.
var smallNumber = regexp.MustCompile(`^[0-9]{1,5}$`)

// isPlain tells a word that logs are full of.
func isPlain(value string, names []string) bool {
	stage := slices.Contains([]string{"dev", "test", "prod", "development", "production"}, value)
	return stage || isTruth(value) || smallNumber.MatchString(value) || slices.Contains(names, value)
}

// isTruth tells a word that only switches something on or off.
func isTruth(value string) bool {
	return slices.Contains([]string{"true", "false", "yes", "no", "on", "off", "enabled", "disabled"}, strings.ToLower(value))
}

// names are those that the plan gives: of the project and of what is in it.
func (p *Plan) names() []string {
	names := slices.Concat([]string{p.Project, p.Profile}, p.profiles, p.Model.ServiceNames())
	for _, s := range p.Model.Services {
		names = append(names, s.Profiles...)
	}
	for key, volume := range p.Model.Volumes {
		names = append(names, key, volume.Name)
	}
	for key, network := range p.Model.Networks {
		names = append(names, key, network.Name)
	}
	return names
}
