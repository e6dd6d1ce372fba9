// Package dockerfile reads the stages of a Dockerfile with BuildKit's own
// parser, so that what is a stage here is a stage for the engine too.
//
// It stands before the plan: package compose asks it which stages exist, what
// a stage needs, and for a digest of all that goes into one. It knows nothing
// of services, profiles or engines.
package dockerfile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// A File is a parsed Dockerfile.
type File struct {
	Path   string // as given to Parse; for messages
	Stages []Stage

	text []byte
	args []instructions.KeyValuePairOptional // ARG before the first FROM
}

// A Stage is one FROM and what follows it.
type Stage struct {
	Name string // as written after AS, lower-cased; "" for a stage without a name
	Base string // as written after FROM
	Line int    // of its FROM

	commands []instructions.Command
	source   string
}

// ParseError is a Dockerfile that BuildKit's parser refuses.
type ParseError struct {
	Path string
	Line int // 0 when the parser does not say
	Err  error
}

func (e *ParseError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.Path, e.Err)
	}
	return fmt.Sprintf("%s:%d: %v", e.Path, e.Line, e.Err)
}

func (e *ParseError) Unwrap() error { return e.Err }

// Read parses the Dockerfile at path. The error is a [ParseError] when the
// file is there but is not a Dockerfile.
func Read(path string) (*File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, text)
}

// Parse parses the text of a Dockerfile; path is for messages only.
func Parse(path string, text []byte) (*File, error) {
	ast, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, parseError(path, err)
	}
	stages, args, err := instructions.Parse(ast.AST, linter.New(&linter.Config{}))
	if err != nil {
		return nil, parseError(path, err)
	}
	f := &File{Path: path, text: text}
	for _, a := range args {
		f.args = append(f.args, a.Args...)
	}
	for _, s := range stages {
		f.Stages = append(f.Stages, newStage(s))
	}
	return f, nil
}

func newStage(s instructions.Stage) Stage {
	stage := Stage{Name: strings.ToLower(s.Name), Base: s.BaseName, commands: s.Commands, source: s.SourceCode}
	if len(s.Location) > 0 {
		stage.Line = s.Location[0].Start.Line
	}
	return stage
}

func parseError(path string, err error) error {
	e := &ParseError{Path: path, Err: rootCause(err)}
	var at *parser.LocationError
	if errors.As(err, &at) && len(at.Locations) > 0 && len(at.Locations[0]) > 0 {
		e.Line = at.Locations[0][0].Start.Line
	}
	return e
}

// rootCause takes off the wrappers that only carry a location or a stack.
func rootCause(err error) error {
	for {
		var at *parser.LocationError
		if !errors.As(err, &at) || at.Unwrap() == nil {
			return err
		}
		err = at.Unwrap()
	}
}

// Names lists the stages that have a name, in the order of the file.
func (f *File) Names() []string {
	var names []string
	for _, s := range f.Stages {
		if s.Name != "" {
			names = append(names, s.Name)
		}
	}
	return names
}

// Last is the stage that is built when no target is given.
func (f *File) Last() Stage { return f.Stages[len(f.Stages)-1] }

// Has tells whether target names a stage as BuildKit would find it: by name,
// whatever its case, or by number, counted from 0.
func (f *File) Has(target string) bool { return f.index(target) >= 0 }

// index finds the stage of a target; an empty target is the last stage; -1
// when there is none.
func (f *File) index(target string) int {
	if target == "" {
		return len(f.Stages) - 1
	}
	for i, s := range f.Stages {
		if strings.EqualFold(s.Name, target) {
			return i
		}
	}
	if n, err := strconv.Atoi(target); err == nil && n >= 0 && n < len(f.Stages) {
		return n
	}
	return -1
}

// RunsByItself tells whether the image of target has a CMD or ENTRYPOINT of
// its own, in its stage or in the stages it is built FROM. What the base image
// brings is not known here.
func (f *File) RunsByItself(target string) bool {
	for i := f.index(target); i >= 0; i = f.parent(i, nil) {
		for _, c := range f.Stages[i].commands {
			switch c.(type) {
			case *instructions.CmdCommand, *instructions.EntrypointCommand:
				return true
			}
		}
	}
	return false
}

// parent is the earlier stage that stage i is built FROM, or -1.
func (f *File) parent(i int, args map[string]*string) int {
	base := f.expand(f.Stages[i].Base, args)
	for j := range i {
		if f.Stages[j].Name != "" && strings.EqualFold(f.Stages[j].Name, base) {
			return j
		}
	}
	return -1
}

// expand replaces the build arguments in a word of a FROM line.
func (f *File) expand(word string, args map[string]*string) string {
	env := argEnv{}
	for _, a := range f.args {
		if a.Value != nil {
			env[a.Key] = *a.Value
		}
		if v, ok := args[a.Key]; ok && v != nil {
			env[a.Key] = *v
		}
	}
	expanded, _, err := shell.NewLex('\\').ProcessWord(word, env)
	if err != nil {
		return word
	}
	return expanded
}

// argEnv is a set of build arguments as the shell lexer wants it.
type argEnv map[string]string

func (e argEnv) Get(key string) (string, bool) { v, ok := e[key]; return v, ok }

func (e argEnv) Keys() []string {
	keys := make([]string, 0, len(e))
	for k := range e {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
