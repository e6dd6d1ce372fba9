package compose

import (
	"fmt"
	"strings"
)

// A FileError is a fault in what the user wrote: a compose file, its x-devenv
// part or a Dockerfile. Where says the place, as far as it is known: "file:line",
// "file", or "".
type FileError struct {
	Where string
	Err   error
	Fix   string // what to do about it; may be empty
}

func (e *FileError) Error() string {
	if e.Where == "" {
		return e.Err.Error()
	}
	return e.Where + ": " + e.Err.Error()
}

func (e *FileError) Unwrap() error { return e.Err }

// Hint says what the user can do about it.
func (e *FileError) Hint() string { return e.Fix }

// A StageError is a profile or a --target that wants a stage which the
// Dockerfile of the service does not have.
type StageError struct {
	Service string
	Stage   string   // wanted
	Cause   string   // who wants it, such as "profile prod"
	Path    string   // of the Dockerfile
	Have    []string // the stages with a name
	Profile string
	Where   string // where a compose file names the stage: "file:line", or ""
}

func (e *StageError) Error() string {
	if e.Where != "" {
		return fmt.Sprintf("%s: service %q: %s wants stage %q, and there is none of that name in %s", e.Where, e.Service, e.Cause, e.Stage, e.Path)
	}
	return fmt.Sprintf("%s: service %q: %s wants stage %q, and there is none of that name", e.Path, e.Service, e.Cause, e.Stage)
}

// Hint lists what there is and how to choose it.
func (e *StageError) Hint() string {
	if len(e.Have) == 0 {
		return fmt.Sprintf("no stage of %s has a name: write `FROM … AS %s`", e.Path, e.Stage)
	}
	return fmt.Sprintf("stages there: %s; choose one with --target %s=STAGE, or for good with x-devenv: {profiles: {%s: {target: STAGE}}} in service %s",
		strings.Join(e.Have, ", "), e.Service, e.Profile, e.Service)
}

// A UsageError is a profile, service or target asked for that does not exist.
type UsageError struct {
	Err error
	Fix string
}

func (e *UsageError) Error() string { return e.Err.Error() }

func (e *UsageError) Unwrap() error { return e.Err }

// Hint says what the user can ask for instead.
func (e *UsageError) Hint() string { return e.Fix }
