package compose

import (
	"bytes"
	"os"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v3"
)

// A source map remembers the YAML of every file, so that a fault found in the
// merged model can name the file and line it came from, and so that tags such
// as !reset are still there when an override is merged.
type sourceMap struct {
	files    []*sourceFile            // those of the user and those they include, in merge order
	extended map[string][]*sourceFile // those that extends names, by path
	included map[string]bool
}

// A source file is one document of a file.
type sourceFile struct {
	name    string
	dir     string        // where its relative paths start
	env     types.Mapping // what its variables stand for
	foreign bool          // dir or env are not those of the project
	root    *yaml.Node    // a mapping
}

// readSources parses what it can; a file that is no YAML, or not there, is left
// to compose-go to complain about.
func readSources(d types.ConfigDetails) sourceMap {
	m := sourceMap{extended: map[string][]*sourceFile{}, included: map[string]bool{}}
	for _, f := range d.ConfigFiles {
		m.read(f.Content, sourceFile{name: f.Filename, dir: d.WorkingDir, env: d.Environment})
	}
	return m
}

func (m *sourceMap) read(text []byte, like sourceFile) {
	for _, f := range documents(text, like) {
		m.include(f)
		m.follow(f)
		m.files = append(m.files, f)
	}
}

func documents(text []byte, like sourceFile) []*sourceFile {
	var files []*sourceFile
	dec := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var doc yaml.Node
		if dec.Decode(&doc) != nil || len(doc.Content) == 0 {
			return files
		}
		file := like
		file.root = doc.Content[0]
		files = append(files, &file)
	}
}

// include reads the files that f includes. As in compose-go, their paths start
// at the folder of the first, and they have an env file of their own.
func (m *sourceMap) include(f *sourceFile) {
	_, entries := child(f.root, "include")
	if entries == nil {
		return
	}
	for _, entry := range list(resolve(entries)) {
		names, dir, env := f.includes(resolve(entry))
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil || m.included[name] {
				continue
			}
			m.included[name] = true
			m.read(text, sourceFile{name: name, dir: dir, env: env, foreign: true})
		}
	}
}

// includes reads one entry of include: a path, or a mapping.
func (f *sourceFile) includes(entry *yaml.Node) (names []string, dir string, env types.Mapping) {
	named := entry
	if entry.Kind == yaml.MappingNode {
		_, named = child(entry, "path")
	}
	if names = f.paths(named); len(names) == 0 {
		return nil, "", nil
	}
	dir = filepath.Dir(names[0])
	if _, value := child(entry, "project_directory"); value != nil {
		dir = f.path(value.Value)
	}
	_, value := child(entry, "env_file")
	envFiles := f.paths(value)
	if dotEnv := filepath.Join(dir, ".env"); len(envFiles) == 0 && isFile(dotEnv) {
		envFiles = []string{dotEnv}
	}
	more, err := dotenv.GetEnvFromFile(f.env, envFiles)
	if err != nil {
		return names, dir, f.env // compose-go complains
	}
	return names, dir, f.env.Clone().Merge(more)
}

// follow reads the files that services of f extend.
func (m *sourceMap) follow(f *sourceFile) {
	_, services := child(f.root, "services")
	if services == nil || resolve(services).Kind != yaml.MappingNode {
		return
	}
	nodes := resolve(services).Content
	for i := 0; i+1 < len(nodes); i += 2 {
		name, _ := f.extended(path{"services", nodes[i].Value, ""})
		if _, known := m.extended[name]; known || name == "" {
			continue
		}
		text, _ := os.ReadFile(name)
		dir := filepath.Dir(name)
		files := documents(text, sourceFile{name: name, dir: dir, env: f.env, foreign: f.foreign || dir != f.dir})
		m.extended[name] = files
		for _, base := range files {
			m.follow(base)
		}
	}
}

func (f *sourceFile) paths(node *yaml.Node) []string {
	if node == nil {
		return nil
	}
	var names []string
	for _, n := range list(resolve(node)) {
		names = append(names, f.path(resolve(n).Value))
	}
	return names
}

// path is a path as f writes it, variables and all, made absolute.
func (f *sourceFile) path(name string) string {
	if value, err := template.Substitute(name, f.env.Resolve); err == nil {
		name = value
	}
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(f.dir, name)
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}
