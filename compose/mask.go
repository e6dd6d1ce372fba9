package compose

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

const mask = "***"

// What looks like a secret: by the name it is given, in a name=value, or as the
// user part of a URL. A name that ends in _FILE is the place of one, which is
// no secret. Better one value too many than one too few.
var (
	secretName  = regexp.MustCompile(`(?i)(password|passwd|passphrase|(^|[_.-]|db|pg|smtp|mysql)pass|_pwd|secret|token|credential|cookie|salt|private_?key|api_?key|access_?key|[_.-]key(_base)?)s?([_.-]|$)|[_.-]auth$`)
	secretFile  = regexp.MustCompile(`(?i)_(file|path)$`)
	secretPair  = regexp.MustCompile(`([\w.-]+)=([^\s&;,"']+)`)
	urlPassword = regexp.MustCompile(`(://[^\s/:@]*:)[^\s/]+@`)
	urlToken    = regexp.MustCompile(`(https?://)[^\s/:@]+@`)
)

func isSecret(name string) bool { return secretName.MatchString(name) && !secretFile.MatchString(name) }

// maskText hides what looks like a secret in a text.
func maskText(text string) string {
	if strings.Contains(text, "://") {
		text = urlPassword.ReplaceAllString(text, "${1}"+mask+"@")
		text = urlToken.ReplaceAllString(text, "${1}"+mask+"@")
	}
	return secretPair.ReplaceAllStringFunc(text, func(pair string) string {
		if name, _, _ := strings.Cut(pair, "="); isSecret(name) {
			return name + "=" + mask
		}
		return pair
	})
}

// masked hides what looks like a secret in a tree of YAML or JSON; key is the
// name under which value stands.
func masked(key string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		m := make(map[string]any, len(v))
		for k := range v {
			m[k] = masked(k, v[k])
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = masked("", v[i])
		}
		return list
	case nil, bool:
		return value
	case string:
		if v != "" && isSecret(key) {
			return mask
		}
		return maskText(v)
	default:
		if isSecret(key) {
			return mask
		}
		return value
	}
}

// Config is the compose model of the plan as YAML, secrets masked. What secrets
// and configs hold from the environment, compose-go leaves out itself.
func (p *Plan) Config() ([]byte, error) {
	written, err := p.Model.MarshalYAML()
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	if err := yaml.Unmarshal(written, &tree); err != nil {
		return nil, err
	}
	var text bytes.Buffer
	enc := yaml.NewEncoder(&text)
	enc.SetIndent(2)
	err = enc.Encode(masked("", tree))
	return text.Bytes(), err
}

// ConfigJSON is the compose model of the plan as JSON, secrets masked.
func (p *Plan) ConfigJSON() ([]byte, error) {
	written, err := p.Model.MarshalJSON()
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	dec := json.NewDecoder(bytes.NewReader(written))
	dec.UseNumber()
	if err := dec.Decode(&tree); err != nil {
		return nil, err
	}
	return json.MarshalIndent(masked("", tree), "", "  ")
}
