package report

import (
	"fmt"
	"io"
	"strings"

	"devenv/internal/telnet"
)

// A Swept is what smoke runs that are over had left, and what became of it. A group
// is in one of its lists.
type Swept struct {
	DryRun  bool         `json:"dry_run"` // nothing was removed; Removed is what would be
	Removed []SweptGroup `json:"removed"`
	Kept    []SweptGroup `json:"kept"`
	Failed  []SweptGroup `json:"failed"` // what could not be removed
}

// A SweptGroup is what one run has made in one project.
type SweptGroup struct {
	Project    string   `json:"project,omitempty"` // "" belongs to none
	Why        string   `json:"why"`               // it was removed or kept; one line
	Fault      string   `json:"fault,omitempty"`   // why it could not be removed
	Containers []string `json:"containers,omitempty"`
	Networks   []string `json:"networks,omitempty"`
	Volumes    []string `json:"volumes,omitempty"`
}

// SweptError is a sweep that could not remove everything.
type SweptError struct{ Failed []SweptGroup }

func (e *SweptError) Error() string {
	var faults []string
	for _, g := range e.Failed {
		faults = append(faults, telnet.VisibleLine(g.Fault))
	}
	return "could not be removed: " + strings.Join(faults, "; ")
}

// Hint says how to find out why.
func (e *SweptError) Hint() string {
	return "something else may use it: `docker ps -a` and `docker network inspect` tell; then run `devenv gc` again"
}

// Err is nil when all was removed that was to be, else a [SweptError].
func (s Swept) Err() error {
	if len(s.Failed) == 0 {
		return nil
	}
	return &SweptError{Failed: s.Failed}
}

// SweptText writes a line for each group and one for each kind of what it has.
func SweptText(w io.Writer, s Swept) error {
	var page strings.Builder
	removed := "removed"
	if s.DryRun {
		removed = "would remove"
	}
	writeGroups(&page, removed, s.Removed)
	writeGroups(&page, "could not remove", s.Failed)
	writeGroups(&page, "kept", s.Kept)
	if page.Len() == 0 {
		page.WriteString("no smoke run has left anything\n")
	}
	_, err := io.WriteString(w, page.String())
	return err
}

func writeGroups(w io.Writer, done string, groups []SweptGroup) {
	for _, g := range groups {
		name := "what belongs to no project"
		if g.Project != "" {
			name = telnet.VisibleLine(g.Project)
		}
		fmt.Fprintf(w, "%s %s: %s\n", done, name, telnet.VisibleLine(g.Why))
		if g.Fault != "" {
			fmt.Fprintf(w, "  fault: %s\n", telnet.VisibleLine(g.Fault))
		}
		for _, list := range []struct {
			kind  string
			names []string
		}{{"containers", g.Containers}, {"networks", g.Networks}, {"volumes", g.Volumes}} {
			if len(list.names) > 0 {
				fmt.Fprintf(w, "  %s: %s\n", list.kind, telnet.VisibleLine(strings.Join(list.names, ", ")))
			}
		}
	}
}
