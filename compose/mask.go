package compose

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

const mask = "***"

// What looks like a secret: by the name it is given, in name=value, name: value
// or --name value, after the word Bearer, or as the user part of a URL. A name
// that ends in _FILE or _DIR is the place of one, which is no secret. Better one value
// too many than one too few.
var (
	secretName  = regexp.MustCompile(`(?i)(password|passwd|passphrase|(^|[_.-]|db|pg|smtp|mysql|require)pass|(^|[_.-]|db|pg)pwd?|secret|token|credential|cookie|salt|private_?key|api_?key|access_?key|[_.-]key(_base)?)s?([_.-]|$)|(^|[_.-])(auth|authorization)$`)
	secretFile  = regexp.MustCompile(`(?i)[_-](file|path|dir)$`)
	pair        = regexp.MustCompile(`([\w.-]+)["']?(?:\s*[=:]\s*("[^"]*"|'[^']*')|(?:=|\s=\s*|:\s+)((?i:(?:bearer|basic|digest|token)\s+)?["']?[^\s&;,"']+))`)
	option      = regexp.MustCompile(`(?:^|[^\w.-])(--?[A-Za-z][\w.-]*)\s+("[^"]*"|'[^']*'|[^\s"';&|-][^\s"';&|]*)`)
	credentials = regexp.MustCompile(`(?i)(\bbearer\s+)[\w.~+/=-]+|(^basic\s+)[\w.~+/=-]+$`)
	letter      = regexp.MustCompile(`[\pL\pN]`)
	urlPassword = regexp.MustCompile(`(://[^\s/:@]*:)[^\s/]+@`)
	urlToken    = regexp.MustCompile(`(https?://)[^\s/:@]+@`)
)

// IsSecret tells whether a variable, key or option of this name has a value that must
// not be shown. PWD is no password, but where a shell is.
func IsSecret(name string) bool {
	return name != "PWD" && secretName.MatchString(name) && !secretFile.MatchString(name)
}

// isSecretOption tells whether what follows the word is a secret.
func isSecretOption(word string) bool {
	return strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--no-") && !strings.Contains(word, "=") && IsSecret(word)
}

// maskText hides what looks like a secret in a text.
func maskText(text string) string {
	if strings.Contains(text, "://") {
		text = urlPassword.ReplaceAllString(text, "${1}"+mask+"@")
		text = urlToken.ReplaceAllString(text, "${1}"+mask+"@")
	}
	text = maskAfter(text, pair, IsSecret)
	text = maskAfter(text, option, isSecretOption)
	return credentials.ReplaceAllString(text, "${1}${2}"+mask)
}

// maskAfter hides the values that valuesAfter finds.
func maskAfter(text string, named *regexp.Regexp, secret func(string) bool) string {
	var b strings.Builder
	written := 0
	for _, value := range valuesAfter(text, named, secret) {
		b.WriteString(text[written:value.from] + mask)
		written = value.to
	}
	return b.String() + text[written:]
}

// A span is a part of a text.
type span struct{ from, to int }

// valuesAfter finds the values of an expression whose first group is a name, and
// whose others are a value. What stands after a harmless name is looked at again:
// it may be a name too.
func valuesAfter(text string, named *regexp.Regexp, secret func(string) bool) []span {
	var all []span
	for begin := 0; ; {
		at := named.FindStringSubmatchIndex(text[begin:])
		if at == nil {
			return all
		}
		value := span{begin + at[4], begin + at[5]}
		if at[4] < 0 {
			value = span{begin + at[6], begin + at[7]}
		}
		if !secret(text[begin+at[2]:begin+at[3]]) || isPunctuation(text, value.from, value.to) {
			begin += at[3]
			continue
		}
		if quote := text[value.from]; (quote == '"' || quote == '\'') && text[value.to-1] == quote && value.to-value.from > 1 {
			value = span{value.from + 1, value.to - 1} // so that JSON stays JSON
		}
		all = append(all, value)
		begin = value.to
	}
}

// isPunctuation tells a value apart from the end of a sentence or a pattern, such
// as "Password: $". What stands right after = is a value, whatever it is.
func isPunctuation(text string, from, to int) bool {
	return text[from-1] == ' ' && !letter.MatchString(text[from:to])
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
		return maskedList(v)
	case nil, bool:
		return value
	case string:
		if v != "" && IsSecret(key) {
			return mask
		}
		return maskText(v)
	default:
		if IsSecret(key) {
			return mask
		}
		return value
	}
}

// maskedList hides the words after the options that want a secret, too.
func maskedList(words []any) []any {
	list := make([]any, len(words))
	option := ""
	for i := range words {
		word, _ := words[i].(string)
		list[i] = masked("", words[i])
		if word != "" && !strings.HasPrefix(word, "-") && isSecretOption(option) {
			list[i] = mask
		}
		option = word
	}
	return list
}

// maskedModel hides what looks like a secret in a compose model, and all that
// its configs hold: a file of any format.
func maskedModel(tree map[string]any) any {
	model := masked("", tree).(map[string]any)
	configs, _ := model["configs"].(map[string]any)
	for _, config := range configs {
		if config, ok := config.(map[string]any); ok && config["content"] != nil {
			config["content"] = mask
		}
	}
	return model
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
	err = enc.Encode(maskedModel(tree))
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
	return json.MarshalIndent(maskedModel(tree), "", "  ")
}
