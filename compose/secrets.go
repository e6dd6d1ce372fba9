package compose

import (
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// Secrets are the values of a plan that must not be shown.
type Secrets struct {
	words   map[uint32][]word // by their first bytes, longest first
	first   []bool            // which first bytes may begin a word, by hash
	starred bool              // some word has the mask's letter in it
}

// Secrets are the values of the secrets of the plan, of variables and build
// arguments that are called like one, of env files, and the passwords of URLs. It
// reads the files of the secrets; one that cannot be read has no value. Those of
// an isolated plan are those of the plan it is made of, which builds.
func (p *Plan) Secrets() *Secrets {
	if p.origin != nil {
		return p.origin.Secrets()
	}
	values := p.declaredSecrets()
	for _, name := range p.Model.ServiceNames() {
		s := p.Model.Services[name]
		values = append(values, secretVariables(s.Environment)...)
		if s.Build != nil {
			values = append(values, secretVariables(s.Build.Args)...)
		}
		for _, text := range texts(s) {
			values = append(values, urlSecrets(text)...)
		}
		values = append(values, p.fromEnvFile(name)...)
	}
	return newSecrets(values)
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
	return values
}

func secretVariables(variables types.MappingWithEquals) []string {
	var values []string
	for _, name := range sortedKeys(variables) {
		if value := variables[name]; value != nil && isSecret(name) && !isTruth(*value) {
			values = append(values, *value)
		}
	}
	return values
}

// fromEnvFile are the values of the env files of a service, also those with
// harmless names: people keep secrets there. Words that logs are full of are none.
func (p *Plan) fromEnvFile(service string) []string {
	var values []string
	for _, value := range p.envFiles[service] {
		if value != nil && !p.isPlain(*value) {
			values = append(values, *value)
		}
	}
	slices.Sort(values)
	return values
}

// smallNumber is a port, a count or a time.
var smallNumber = regexp.MustCompile(`^[0-9]{1,5}$`)

func (p *Plan) isPlain(value string) bool {
	_, service := p.Model.Services[value]
	stage := slices.Contains([]string{"dev", "test", "prod", "development", "production", p.Profile}, value)
	return service || stage || isTruth(value) || smallNumber.MatchString(value)
}

// isTruth tells a word that only switches something on or off.
func isTruth(value string) bool {
	return slices.Contains([]string{"true", "false", "yes", "no", "on", "off", "enabled", "disabled"}, strings.ToLower(value))
}

// texts are all places of a service in which a URL may stand.
func texts(s types.ServiceConfig) []string {
	all := slices.Concat(s.Command, s.Entrypoint)
	variables := []types.MappingWithEquals{s.Environment}
	if s.Build != nil {
		variables = append(variables, s.Build.Args)
	}
	for _, mapping := range variables {
		for _, value := range mapping {
			if value != nil {
				all = append(all, *value)
			}
		}
	}
	if s.HealthCheck != nil {
		all = append(all, s.HealthCheck.Test...)
	}
	slices.Sort(all)
	return all
}

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
