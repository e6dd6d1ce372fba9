package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"devenv/compose"
	"devenv/internal/stack"
	"devenv/internal/worktree"

	"github.com/urfave/cli/v2"
)

// portsFlag is for the commands that decide; the others go by what was decided.
func portsFlag() cli.Flag {
	return &cli.StringFlag{Name: "ports", Usage: "publish under `auto` (free ports that stay those of this worktree) or fixed ones (those of the file) from now on"}
}

// A site is the folder in which a project is worked on, with what is remembered of it.
type site struct {
	source compose.Source
	user   compose.Owner    // who works in it
	plain  *compose.Project // as the files say it
	file   worktree.File    // "" where nothing can be remembered
	entry  worktree.Entry
	known  bool // was on record
	auto   bool // ports are chosen here
	chosen compose.PortChoice
}

// loadProject reads the project in the shape that it has in this worktree: under the
// name that is remembered, and with ports of its own where they are auto. Where it
// has never been up, these are those that it would most likely get.
func (w world) loadProject(c *cli.Context) (*compose.Project, site, error) {
	return w.loadAgain(c.Context, c)
}

// loadAgain is loadProject for a time of its own.
func (w world) loadAgain(ctx context.Context, c *cli.Context) (*compose.Project, site, error) {
	s, err := w.site(ctx, c)
	if err != nil {
		return nil, s, err
	}
	book, err := s.file.Read()
	if err == nil {
		err = s.decide(&book, "", nil)
	}
	if err != nil {
		return nil, s, recordError(err)
	}
	project, err := s.project(ctx)
	return project, s, err
}

// site reads the files, and who has a say in where the ports come from: --ports, else
// what it last said here, else x-devenv.ports.
func (w world) site(ctx context.Context, c *cli.Context) (site, error) {
	s := site{source: w.source(c), user: w.user, chosen: compose.PortChoice(c.String("ports"))}
	if !slices.Contains([]compose.PortChoice{"", compose.AutoPorts, compose.FixedPorts}, s.chosen) {
		return s, errUsage(c, "--ports %q: want auto or fixed", c.String("ports"))
	}
	var err error
	if s.plain, err = compose.Load(ctx, s.source); err != nil {
		return s, err
	}
	s.file = w.recordFile()
	s.entry.Folder = withoutLinks(s.plain.Folder())
	return s, nil
}

// withoutLinks is the one path of a folder; that of one that is not here stays.
func withoutLinks(folder string) string {
	if real, err := filepath.EvalSymlinks(folder); err == nil && folder != "" {
		return real
	}
	return folder
}

// recordFile is where names and ports of worktrees are remembered; "" where this user
// has no place for it.
func (w world) recordFile() worktree.File {
	state := w.variable("XDG_STATE_HOME")
	if home := w.variable("HOME"); !filepath.IsAbs(state) {
		if _, err := os.Stat(home); home == "" || err != nil {
			return ""
		}
		state = filepath.Join(home, ".local", "state")
	}
	return worktree.File(filepath.Join(state, "devenv", "ports.json"))
}

// decide decides name and ports. The holder is the folder whose containers run under
// the plain name, and taken knows which ports are; nobody may know either.
func (s *site) decide(book *worktree.Book, holder string, taken func(string, uint16) bool) error {
	s.entry, s.known = book.Find(s.entry.Folder, s.plain.Name)
	s.entry.Choice = cmp.Or(string(s.chosen), s.entry.Choice)
	s.auto = compose.PortChoice(cmp.Or(s.entry.Choice, string(s.plain.PortChoice()))) == compose.AutoPorts
	if s.entry.Project == "" {
		s.entry.Project = s.plain.Name
		if s.auto && !s.plain.Named && !slices.Contains(s.source.Files, "-") {
			s.entry.Project = book.ProjectName(s.entry.Folder, s.plain.Name, holder)
		}
	}
	if !s.auto {
		return nil
	}
	if s.file == "" {
		return &compose.UsageError{
			Err: errors.New("ports cannot be remembered: there is no home folder"),
			Fix: "name a folder for it with XDG_STATE_HOME",
		}
	}
	ports, err := book.Assign(s.entry, s.plain.PublishedPorts(), s.chosen == compose.AutoPorts, taken)
	s.entry.Ports = ports
	return err
}

// project is the project of the site.
func (s *site) project(ctx context.Context) (*compose.Project, error) {
	project := s.plain
	if s.entry.Project != project.Name {
		source := s.source
		source.ProjectName = s.entry.Project
		var err error
		if project, err = compose.Load(ctx, source); err != nil {
			return nil, err
		}
	}
	if s.auto {
		project = project.Assign(s.entry.Ports)
	}
	return project.For(s.user), nil
}

// settle is the plan with the name and the ports that the engine leaves this worktree.
func (w world) settle(ctx context.Context, on stack.Stack, a *asked, plan *compose.Plan) (*compose.Plan, error) {
	changed, err := w.occupy(ctx, on, &a.site)
	if err != nil || !changed {
		return plan, err
	}
	if a.project, err = a.site.project(ctx); err != nil {
		return nil, err
	}
	request := a.request
	request.Profile = plan.Profile
	return a.project.Plan(request)
}

// occupy decides anew with what the engine knows, and remembers it, before the
// project is brought up. It reports whether something has come out otherwise.
func (w world) occupy(ctx context.Context, on stack.Stack, s *site) (changed bool, err error) {
	before := s.entry
	if !s.auto {
		w.noteName(s)
		return false, nil
	}
	holder := ""
	if !s.known {
		if holder, err = on.Folder(ctx, s.plain.Name); err != nil {
			return false, err
		}
		holder = withoutLinks(holder)
	}
	taken, err := on.Taken(ctx, s.entry.Project)
	if err != nil {
		return false, err
	}
	err = s.file.Change(func(book *worktree.Book) error { return s.claim(book, holder, taken) })
	return before.Project != s.entry.Project || !maps.Equal(before.Ports, s.entry.Ports), recordError(err)
}

// noteName remembers that the first folder to use a name with fixed ports has it, so
// that no worktree with ports of its own takes it. That this cannot be is no reason to
// fail.
func (w world) noteName(s *site) {
	if s.file == "" || s.known && s.chosen == "" {
		return
	}
	err := s.file.Change(func(book *worktree.Book) error {
		if !s.known && s.chosen == "" && book.Named(s.entry.Project, s.entry.Folder) {
			return nil
		}
		return s.claim(book, "", nil)
	})
	if err != nil {
		fmt.Fprintf(w.stderr, "note: it cannot be remembered that %s is worked on here: %v\n", s.entry.Project, err)
	}
}

// claim decides, and writes it into the book.
func (s *site) claim(book *worktree.Book, holder string, taken func(string, uint16) bool) error {
	if err := s.decide(book, holder, taken); err != nil {
		return err
	}
	book.Put(s.entry)
	return nil
}

// recordError makes a record that cannot be understood a fault of a file.
func recordError(err error) error {
	var broken *worktree.BrokenError
	if errors.As(err, &broken) {
		return &compose.FileError{Where: broken.File, Err: broken.Err, Fix: broken.Hint()}
	}
	return err
}
