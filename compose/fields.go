package compose

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v3"
)

// A difference is one key of a service that an override changed, with secrets
// masked: a new password is told, and not which.
type difference struct{ key, before, after string }

func differences(before, after types.ServiceConfig) []difference {
	b, a := fields(before), fields(after)
	keys := maps.Clone(b)
	maps.Copy(keys, a)
	var all []difference
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if b[key].text != a[key].text {
			all = append(all, difference{key, b[key].masked, a[key].masked})
		}
	}
	return all
}

// A field is one line about a service.
type field struct{ text, masked string }

// fields flattens a service to one line a key, environment, labels and build to
// one a key of their own.
func fields(s types.ServiceConfig) map[string]field {
	s.Extensions = nil
	var tree map[string]any
	text, err := yaml.Marshal(s)
	if err != nil || yaml.Unmarshal(text, &tree) != nil {
		return nil
	}
	flat := map[string]field{}
	for key, value := range tree {
		if m, ok := value.(map[string]any); ok && (key == "environment" || key == "labels" || key == "build") {
			for k, v := range m {
				flat[key+"."+k] = newField(k, v)
			}
			continue
		}
		flat[key] = newField(key, value)
	}
	return flat
}

func newField(key string, value any) field {
	return field{line(value), line(masked(key, value))}
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
