package compose

import (
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v3"
)

// fields flattens a service to one line a key, environment and labels to one a
// variable, with secrets masked; for telling what differs.
func fields(s types.ServiceConfig) map[string]string {
	s = masked(s)
	s.Extensions = nil
	var tree map[string]any
	text, err := yaml.Marshal(s)
	if err != nil || yaml.Unmarshal(text, &tree) != nil {
		return nil
	}
	flat := map[string]string{}
	for key, value := range tree {
		if m, ok := value.(map[string]any); ok && (key == "environment" || key == "labels" || key == "build") {
			for k, v := range m {
				flat[key+"."+k] = line(v)
			}
			continue
		}
		flat[key] = line(value)
	}
	return flat
}

func line(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(text)
}

const mask = "***"

var secretName = regexp.MustCompile(`(?i)(pass(word|wd|phrase)?|secret|token|credential|private|api_?key|_key|_key_base)($|_)`)

// masked hides what looks like a secret in environment and build arguments: by
// the name of the variable, and the password of a URL.
func masked(s types.ServiceConfig) types.ServiceConfig {
	s.Environment = maskedMapping(s.Environment)
	if s.Build != nil {
		build := *s.Build
		build.Args = maskedMapping(build.Args)
		s.Build = &build
	}
	return s
}

func maskedMapping(m types.MappingWithEquals) types.MappingWithEquals {
	m = maps.Clone(m)
	for key, value := range m {
		if value == nil || *value == "" {
			continue
		}
		hidden := maskURL(*value)
		if secretName.MatchString(key) {
			hidden = mask
		}
		m[key] = &hidden
	}
	return m
}

func maskURL(value string) string {
	if !strings.Contains(value, "://") {
		return value
	}
	u, err := url.Parse(value)
	if err != nil || u.User == nil {
		return value
	}
	if password, ok := u.User.Password(); ok && password != "" {
		return strings.Replace(value, ":"+password+"@", ":"+mask+"@", 1)
	}
	return value
}

// Config is the compose model of the plan as YAML, secrets masked.
func (p *Plan) Config() ([]byte, error) {
	return p.maskedModel().MarshalYAML()
}

// ConfigJSON is the compose model of the plan as JSON, secrets masked.
func (p *Plan) ConfigJSON() ([]byte, error) {
	return p.maskedModel().MarshalJSON()
}

func (p *Plan) maskedModel() *types.Project {
	model := *p.Model
	model.Services = maps.Clone(model.Services)
	for name, s := range model.Services {
		model.Services[name] = masked(s)
	}
	model.Secrets = maps.Clone(model.Secrets)
	for name, s := range model.Secrets {
		if s.Content != "" {
			s.Content = mask
		}
		model.Secrets[name] = s
	}
	return &model
}

// BuiltServices are the services whose image is built, in order.
func (p *Plan) BuiltServices() []Service {
	return slices.DeleteFunc(slices.Clone(p.Services), func(s Service) bool { return !s.Built })
}
