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
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// A File is a parsed Dockerfile. It has one stage or more.
type File struct {
	Path   string // as given to Parse; for messages
	Stages []Stage

	escape rune
	args   []instructions.KeyValuePairOptional // ARG before the first FROM
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
	_, _, _, newer := parser.DetectSyntax(text)
	f := &File{Path: path, escape: ast.EscapeToken}
	for _, node := range ast.AST.Children {
		if err := f.add(node, newer); err != nil {
			return nil, parseError(path, parser.WithLocation(err, node.Location()))
		}
	}
	if len(f.Stages) == 0 {
		return nil, &ParseError{Path: path, Err: errors.New("no FROM, so there is nothing to build")}
	}
	return f, nil
}

// add puts an instruction where it belongs. In a file whose syntax directive
// asks for another parser, a flag that this one does not know is left to that.
func (f *File) add(node *parser.Node, newer bool) error {
	command, err := instructions.ParseInstructionWithLinter(node, linter.New(&linter.Config{}))
	if err != nil && newer && len(f.Stages) > 0 && strings.HasPrefix(err.Error(), "unknown flag") {
		command, err = &unknown{node}, nil
	}
	if err != nil {
		return err
	}
	if stage, ok := command.(*instructions.Stage); ok {
		f.Stages = append(f.Stages, newStage(*stage))
		return nil
	}
	if len(f.Stages) > 0 {
		last := &f.Stages[len(f.Stages)-1]
		last.commands = append(last.commands, command.(instructions.Command))
		return nil
	}
	arg, ok := command.(*instructions.ArgCommand)
	if !ok {
		return fmt.Errorf("%s stands before the first FROM", strings.ToUpper(node.Value))
	}
	f.args = append(f.args, arg.Args...)
	return nil
}

// An unknown instruction has a flag of a newer syntax than this parser's.
type unknown struct{ node *parser.Node }

func (u *unknown) Name() string             { return u.node.Value }
func (u *unknown) Location() []parser.Range { return u.node.Location() }

func (u *unknown) String() string {
	text := u.node.Original
	for _, doc := range u.node.Heredocs {
		text += "\n" + doc.Content
	}
	return text
}

func newStage(s instructions.Stage) Stage {
	stage := Stage{Name: strings.ToLower(s.Name), Base: s.BaseName, source: s.SourceCode}
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
// whatever its case. A number is no name there.
func (f *File) Has(target string) bool { return f.Index(target) >= 0 }

// Index finds the stage of a target; an empty target is the last stage; -1
// when there is none.
func (f *File) Index(target string) int {
	if target == "" {
		return len(f.Stages) - 1
	}
	return f.named(target, len(f.Stages))
}

// named finds the last stage of a name among the first n.
func (f *File) named(name string, n int) int {
	for i := n - 1; i >= 0; i-- {
		if f.Stages[i].Name != "" && strings.EqualFold(f.Stages[i].Name, name) {
			return i
		}
	}
	return -1
}

// RunsByItself tells whether the image of target has a CMD or ENTRYPOINT of
// its own, in its stage or in the stages it is built FROM. What the base image
// brings is not known here.
func (f *File) RunsByItself(target string) bool {
	for i := f.Index(target); i >= 0; i = f.parent(i, nil) {
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
	return f.named(f.expand(f.Stages[i].Base, args), i)
}

// expand replaces the build arguments in a word of a FROM line.
func (f *File) expand(word string, args map[string]*string) string {
	lex := shell.NewLex(f.escape)
	env := argEnv{}
	for _, a := range f.args {
		if a.Value != nil {
			env[a.Key] = expand(lex, *a.Value, env)
		}
		if v, ok := args[a.Key]; ok && v != nil {
			env[a.Key] = *v
		}
	}
	return expand(lex, word, env)
}

func expand(lex *shell.Lex, word string, env argEnv) string {
	expanded, _, err := lex.ProcessWord(word, env)
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
