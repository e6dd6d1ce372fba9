package compose

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// A Prepare is work that a service needs to have done once before it starts, such
// as a migration, as x-devenv.prepare says.
type Prepare struct {
	Name    string
	Command []string // run as the command of a container of the service
	Inputs  []string // patterns of files; when what these hold changes, it is done again
}

// String is the command as a shell would take it.
func (p Prepare) String() string {
	var words []string
	for _, word := range p.Command {
		if !plainWord.MatchString(word) {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

var (
	plainWord   = regexp.MustCompile(`^[\w@%+=:,./-]+$`)
	prepareName = regexp.MustCompile(`^[a-zA-Z0-9][\w.-]*$`)
)

// LabelPrepared is on the volumes that say what was prepared in an environment.
const LabelPrepared = "devenv.prepared"

// A Prepared is a [Prepare] that has succeeded in an environment: observed.
type Prepared struct {
	Volume string // that says so
	Digest string // of what it depended on
}

// PreparedVolume is the name of the volume that says that work of a service is
// done. It holds nothing: it goes when the data of the environment does.
func (p *Plan) PreparedVolume(service string, work Prepare) string {
	sum := sha256.Sum256([]byte(service + "\x00" + work.Name))
	return p.Project + "_devenv-prepared-" + service + "-" + hex.EncodeToString(sum[:6])
}

// Isolated tells a plan that [Plan.Isolate] has made.
func (p *Plan) Isolated() bool { return p.origin != nil }

// PrepareDigest is a fingerprint of all that work depends on: its command, the ID of
// the image, and the files that its inputs name, below the folder of the compose file.
// Patterns that name none are told. It reads the disk; errors are a [FileError].
func (p *Plan) PrepareDigest(service string, work Prepare, image string) (digest string, idle []string, err error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q\n", work.Command, image)
	for _, pattern := range work.Inputs {
		files, err := inputFiles(p.Model.WorkingDir, pattern)
		if err == nil {
			err = sumFiles(sum, p.Model.WorkingDir, files)
		}
		if err != nil {
			return "", nil, &FileError{Err: fmt.Errorf("service %q: inputs of prepare %s: %w", service, work.Name, err), Fix: "make it readable, or name other inputs"}
		}
		if len(files) == 0 {
			idle = append(idle, pattern)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), idle, nil
}

// inputFiles are the files that a pattern names, and those in the folders that it
// names, in order.
func inputFiles(dir, pattern string) ([]string, error) {
	if !filepath.IsAbs(pattern) {
		pattern = filepath.Join(dir, pattern)
	}
	named, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, name := range named {
		if real, err := filepath.EvalSymlinks(name); err == nil {
			name = real
		}
		err := filepath.WalkDir(name, func(file string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				files = append(files, file)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// sumFiles adds the names and the texts of files. Of links it adds where they lead;
// what is neither has no text.
func sumFiles(sum io.Writer, dir string, files []string) error {
	for _, file := range files {
		info, err := os.Lstat(file)
		if err != nil {
			return err
		}
		name := file
		if short, err := filepath.Rel(dir, file); err == nil {
			name = filepath.ToSlash(short)
		}
		text := []byte{}
		switch {
		case info.Mode().IsRegular():
			text, err = os.ReadFile(file)
		case info.Mode()&fs.ModeSymlink != 0:
			var to string
			to, err = os.Readlink(file)
			text = []byte(to)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%q %s %x\n", name, info.Mode().Type(), sha256.Sum256(text))
	}
	return nil
}

// prepares reads a list of work; nil is one that is not there.
func (d *decoder) prepares(p path, value any, there bool) []Prepare {
	if !there {
		return nil
	}
	items, ok := value.([]any)
	if !ok {
		d.fault(p, `write a list, such as [ { name: migrate, command: mix ecto.migrate } ]`, "want a list, have %s", describe(value))
		return nil
	}
	all := []Prepare{}
	for i, item := range items {
		work := d.prepare(p, i, item)
		if slices.ContainsFunc(all, func(other Prepare) bool { return other.Name == work.Name }) && work.Name != "" {
			d.elementFault(p, i, "give each a name of its own", "name: %q is there twice", work.Name)
		}
		all = append(all, work)
	}
	return all
}

// elementFault is a fault of an element of a list, at its own line.
func (d *decoder) elementFault(p path, i int, fix, format string, args ...any) {
	d.faults = append(d.faults, &FileError{
		Where: d.sources.element(p, i),
		Err:   fmt.Errorf("%s[%d]: %s", p, i, fmt.Sprintf(format, args...)),
		Fix:   fix,
	})
}

// prepare reads one entry of x-devenv.prepare.
func (d *decoder) prepare(p path, i int, item any) Prepare {
	m, ok := item.(map[string]any)
	if !ok {
		d.elementFault(p, i, "write { name: migrate, command: mix ecto.migrate }", "want a mapping, have %s", describe(item))
		return Prepare{}
	}
	for _, key := range sortedKeys(m) {
		if !slices.Contains([]string{"name", "command", "inputs"}, key) {
			d.elementFault(p, i, "keys known here: name, command, inputs", "unknown key %q", key)
		}
	}
	var work Prepare
	if work.Name, ok = m["name"].(string); !ok || !prepareName.MatchString(work.Name) {
		d.elementFault(p, i, "letters, digits, and . _ - after the first", "name: want a name such as migrate, have %s", describe(m["name"]))
	}
	work.Command = d.shellWords(p, i, m["command"])
	work.Inputs = d.patterns(p, i, m["inputs"])
	return work
}

// shellWords reads a command as Compose reads that of a service.
func (d *decoder) shellWords(p path, i int, value any) []string {
	var words types.ShellCommand
	list, isList := texts(value)
	line, isLine := value.(string)
	var err error
	switch {
	case isList:
		words = list
	case isLine:
		err = words.DecodeMapstructure(line)
	}
	if err != nil || len(words) == 0 {
		d.elementFault(p, i, `write one such as mix ecto.migrate, or [ "mix", "ecto.migrate" ]`, "command: want a text or a list of texts, have %s", describe(value))
	}
	return words
}

// patterns reads the inputs of work.
func (d *decoder) patterns(p path, i int, value any) []string {
	if value == nil {
		return nil
	}
	all, ok := texts(value)
	if !ok {
		d.elementFault(p, i, `write a list, such as [ "priv/repo/migrations" ]`, "inputs: want a list of texts, have %s", describe(value))
	}
	for _, pattern := range all {
		if _, err := filepath.Match(pattern, ""); err != nil || pattern == "" {
			d.elementFault(p, i, "a file or folder, in which * and ? stand for a part of a name", "inputs: %q is not a pattern", pattern)
		}
	}
	return all
}

// texts are the items of a list that holds nothing else.
func texts(value any) (all []string, ok bool) {
	items, ok := value.([]any)
	for _, item := range items {
		text, isText := item.(string)
		if !isText {
			return nil, false
		}
		all = append(all, text)
	}
	return all, ok
}

// prepare is the work of a service for a profile, found as target is; else what
// the service says for every profile.
func (s settings) prepare(service, profile string) []Prepare {
	for _, name := range s.lineage(profile) {
		if work := s.Services[service].Profiles[name].Prepare; work != nil {
			return work
		}
	}
	return s.Services[service].Prepare
}
