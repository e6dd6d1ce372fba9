package compose

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// What compose-go says of faults that people make often.
var (
	notYAML      = regexp.MustCompile(`^failed to parse (.+): yaml: (?:line (\d+): )?(.*)`)
	nonStringKey = regexp.MustCompile(`^non-string key (?:at top level|in (\S+)): (.+)`)
	invalidValue = regexp.MustCompile(`invalid \w+: (\S+)$`)
	unknownKey   = regexp.MustCompile(`(\S+) additional propert\S+ '([^']+)'`)
)

// loadError puts file and line to what compose-go says, where the message names
// a path that stands in a file.
func loadError(err error, sources sourceMap) error {
	text := err.Error()
	fault := &FileError{Err: err}
	if m := notYAML.FindStringSubmatch(text); m != nil {
		fault.Where, fault.Err = strings.TrimSuffix(m[1]+":"+m[2], ":"), errors.New(m[3])
		return fault
	}
	fault.Where = placeOf(text, sources)
	if m := nonStringKey.FindStringSubmatch(text); m != nil {
		what := "key"
		if strings.HasSuffix(m[1], extension+".checks") {
			what = "port"
		}
		fault.Fix = fmt.Sprintf(`put the %s in quotes: "%s":`, what, m[2])
	}
	if strings.Contains(text, "project name") {
		fault.Fix = "give one with --project-name, or with name: in the compose file"
	}
	return fault
}

// placeOf is the place of what a text names: a path, else a value, else the file
// if there is but one.
func placeOf(text string, sources sourceMap) string {
	if p := pathIn(text, sources); p != nil {
		return sources.where(p)
	}
	if m := invalidValue.FindStringSubmatch(text); m != nil {
		if place := sources.mention(m[1]); place != "" {
			return place
		}
	}
	if len(sources.files) == 1 {
		return sources.files[0].name
	}
	return ""
}

// overrideError is loadError for a model with the overrides of a profile, which
// was well without them.
func (p *Project) overrideError(err error, profile string) error {
	at := pathIn(err.Error(), p.sources)
	if len(at) < 2 || at[0] != "services" {
		return loadError(err, p.sources)
	}
	if _, from := p.settings.override(at[1], profile); from != "" {
		at = slices.Concat(overridePath(at[1], from), at[2:])
	}
	return &FileError{Where: p.sources.where(at), Err: err}
}

// pathIn is the first path in a text whose beginning stands in a file.
func pathIn(text string, sources sourceMap) path {
	if m := nonStringKey.FindStringSubmatch(text); m != nil {
		return path(strings.Split(m[1], ".")).key(m[2])
	}
	if m := unknownKey.FindStringSubmatch(text); m != nil {
		return path(strings.Split(m[1], ".")).key(m[2])
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" :\"'`\n,", r) })
	for _, word := range words {
		if p := path(strings.Split(word, ".")); len(p) > 1 && sources.has(p[:2]) {
			return p
		}
	}
	return nil
}
