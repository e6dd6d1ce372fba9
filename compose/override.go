package compose

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/compose-spec/compose-go/v2/interpolation"
	"github.com/compose-spec/compose-go/v2/paths"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/transform"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v3"
)

// overrides are the override parts of a profile as compose files of their own,
// to be merged after the user's. Each part is taken from the file it stands in,
// so that tags such as !reset and ${VARIABLES} work in it.
func (p *Project) overrides(profile string) ([]types.ConfigFile, error) {
	var files []types.ConfigFile
	for _, service := range sortedKeys(p.settings.Services) {
		override, from := p.settings.override(service, profile)
		if override == nil {
			continue
		}
		at := overridePath(service, from)
		parts, err := p.parts(at)
		if err != nil {
			return nil, &FileError{Where: p.sources.where(at), Err: fmt.Errorf("%s: %w", at, err)}
		}
		if len(parts) == 0 { // in a file that only compose-go can find
			parts = []any{escapeDollars(override)}
		}
		for _, part := range parts {
			text, err := marshalOverride(service, part)
			if err != nil {
				return nil, &FileError{Where: p.sources.where(at), Err: fmt.Errorf("%s: %w", at, err)}
			}
			files = append(files, types.ConfigFile{Filename: p.Files[0], Content: text})
		}
	}
	return files, nil
}

func overridePath(service, profile string) path {
	return path{"services", service, extension, "profiles", profile, "override"}
}

func marshalOverride(service string, part any) ([]byte, error) {
	var text bytes.Buffer
	enc := yaml.NewEncoder(&text)
	enc.SetIndent(2)
	err := enc.Encode(map[string]any{"services": map[string]any{service: part}})
	return text.Bytes(), err
}

// parts are the override as it stands in the files, in merge order.
func (p *Project) parts(at path) ([]any, error) {
	var parts []any
	for _, h := range p.sources.hits(at) {
		if h.alone {
			parts = nil
		}
		part := inlined(h.value)
		if h.value.Tag == "!override" { // of the parts, not of the service
			part.Tag = ""
		}
		if h.file.foreign {
			var err error
			if part, err = h.file.settled(at[1], part); err != nil {
				return nil, err
			}
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// inlined copies a node with what its aliases stand for and without comments,
// so that it can leave the file that has the anchors.
func inlined(node *yaml.Node) *yaml.Node {
	from := resolve(node)
	copied := &yaml.Node{Kind: from.Kind, Style: from.Style, Tag: from.Tag, Value: from.Value}
	if copied.Tag == "!!null" {
		copied.Value = "null" // an empty one would be written as "" between { and }
	}
	for _, n := range from.Content {
		copied.Content = append(copied.Content, inlined(n))
	}
	return copied
}

// settled gives a part of another folder or env file the meaning it has there:
// variables replaced and paths absolute, as compose-go does to a file that is
// included or extended.
func (f *sourceFile) settled(service string, part *yaml.Node) (*yaml.Node, error) {
	var said any
	if err := untagged(part).Decode(&said); err != nil {
		return nil, err
	}
	model := map[string]any{"services": map[string]any{service: said}}
	model, err := interpolation.Interpolate(model, interpolation.Options{Substitute: template.Substitute, LookupValue: f.env.Resolve})
	if err != nil {
		return nil, err
	}
	if model, err = transform.Canonical(model, false); err != nil {
		return nil, err
	}
	if err := paths.ResolveRelativePaths(model, f.dir, nil); err != nil {
		return nil, err
	}
	var node yaml.Node
	if err := node.Encode(escapeDollars(model["services"].(map[string]any)[service])); err != nil {
		return nil, err
	}
	tagLike(&node, part)
	return &node, nil
}

// untagged is a copy without compose's own tags, and without what they reset.
func untagged(node *yaml.Node) *yaml.Node {
	copied := *node
	copied.Content = nil
	if copied.Tag == "!override" {
		copied.Tag = ""
	}
	for i, n := range node.Content {
		inMapping := node.Kind == yaml.MappingNode
		if n.Tag == "!reset" || inMapping && i%2 == 0 && node.Content[i+1].Tag == "!reset" {
			continue
		}
		copied.Content = append(copied.Content, untagged(n))
	}
	return &copied
}

// tagLike puts the tags of a mapping back that untagged took off.
func tagLike(node, tagged *yaml.Node) {
	if tagged.Tag == "!override" {
		node.Tag = tagged.Tag
	}
	if node.Kind != yaml.MappingNode || tagged.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(tagged.Content); i += 2 {
		key, value := tagged.Content[i], tagged.Content[i+1]
		if value.Tag == "!reset" {
			node.Content = append(node.Content, key, value)
			continue
		}
		if _, same := child(node, key.Value); same != nil {
			tagLike(same, value)
		}
	}
}

// escapeDollars keeps a value that was interpolated once from being
// interpolated again.
func escapeDollars(value any) any {
	switch v := value.(type) {
	case string:
		return strings.ReplaceAll(v, "$", "$$")
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = escapeDollars(v[i])
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(v))
		for k := range v {
			m[k] = escapeDollars(v[k])
		}
		return m
	}
	return value
}
