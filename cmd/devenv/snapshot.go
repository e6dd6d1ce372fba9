package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"devenv/internal/owner"
	"devenv/internal/snapshot"
	"devenv/internal/stack"
	"devenv/internal/telnet"

	"github.com/urfave/cli/v2"
)

func snapshotCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "snapshot",
		Usage:     "save the volumes, and restore them: the world, the database",
		ArgsUsage: "save|list|restore|remove|export|import [NAME...] [FILE]",
		Description: `A snapshot is the data of all named volumes of the project, kept on this machine in
$XDG_DATA_HOME/devenv/snapshots (else ~/.local/share). External volumes are left out.

  save [NAME]            a service that has x-devenv.quiesce runs on; others that write to
                         volumes are stopped meanwhile, and started again
  list
  restore NAME           what is there is saved first, as before-restore-...; the services
                         that use the volumes are stopped, and brought up again
  remove NAME...
  export NAME FILE       one file, to pass on; - is standard output
  import FILE [NAME]     the other way round; - is standard input

An interrupted restore loses nothing: the same command finishes it, and until then
` + "`devenv up`" + ` refuses to start.

Example:
  devenv snapshot save before-migration
  devenv snapshot restore before-migration
  devenv snapshot export before-migration - | ssh friend devenv snapshot import -`,
		Flags: flags(sourceFlags(), []cli.Flag{
			profileFlag(), formatFlag(), progressFlag(),
			&cli.BoolFlag{DisableDefaultText: true, Name: "force", Usage: "restore also volumes that the files do not declare"},
			&cli.BoolFlag{DisableDefaultText: true, Name: "no-backup", Usage: "restore without saving what is there"},
		}),
		Action: w.snapshot,
	}
}

// verbs are what can be done with snapshots, and how many words each takes.
var verbs = []struct {
	name        string
	least, most int
	names       bool // its first word is that of a snapshot
	do          func(w world, c *cli.Context, args []string) error
}{
	{"save", 0, 1, false, world.snapshotSave},
	{"list", 0, 0, false, world.snapshotList},
	{"restore", 1, 1, true, world.snapshotRestore},
	{"remove", 1, 1000, true, world.snapshotRemove},
	{"export", 2, 2, true, world.snapshotExport},
	{"import", 1, 2, false, world.snapshotImport},
}

func (w world) snapshot(c *cli.Context) error {
	verb, args := c.Args().First(), c.Args().Tail()
	for _, v := range verbs {
		if v.name != verb {
			continue
		}
		if len(args) < v.least || len(args) > v.most {
			return errUsage(c, "snapshot %s: have %d words after it, which is too %s", verb, len(args), map[bool]string{true: "few", false: "many"}[len(args) < v.least])
		}
		if verb != "restore" && (c.IsSet("force") || c.IsSet("no-backup")) {
			return errUsage(c, "snapshot %s: --force and --no-backup are of snapshot restore", verb)
		}
		return v.do(w, c, args)
	}
	if verb == "" {
		return errUsage(c, "snapshot: want one of %s", strings.Join(verbNames(), ", "))
	}
	return errUsage(c, "snapshot: %q is none of %s", verb, strings.Join(verbNames(), ", "))
}

func verbNames() []string {
	var all []string
	for _, v := range verbs {
		all = append(all, v.name)
	}
	return all
}

// store is where the snapshots of a project are.
func (w world) store(project string) (snapshot.Store, error) {
	data := w.variable("XDG_DATA_HOME")
	if !filepath.IsAbs(data) {
		home := w.variable("HOME")
		if !filepath.IsAbs(home) {
			return snapshot.Store{}, &snapshot.Fault{Err: errors.New("there is no place for snapshots: HOME is not set"), Fix: "set HOME or XDG_DATA_HOME"}
		}
		data = filepath.Join(home, ".local", "share")
	}
	return snapshot.Store{Dir: filepath.Join(data, "devenv", "snapshots", project)}, nil
}

// volumesWhole refuses what must not run on volumes that are not whole, or are being
// saved or restored.
func (w world) volumesWhole(project string) error {
	store, err := w.store(project)
	if err != nil {
		return nil // then nothing can have been restored
	}
	return stack.Writable(store, owner.Self())
}

// guard has a stack ask now, and again right before anything is created or started,
// whether services may write to their volumes.
func (w world) guard(s *stack.Stack, project string) error {
	s.Guard = func() error { return w.volumesWhole(project) }
	return s.Guard()
}

// openStore reads the files, and tells of a restore that was interrupted.
func (w world) openStore(c *cli.Context) (store snapshot.Store, project string, err error) {
	p, _, err := w.loadProject(c)
	if err != nil {
		return store, "", err
	}
	if store, err = w.store(p.Name); err != nil {
		return store, "", err
	}
	if left := stack.Unfinished(store); left != nil {
		w.noteFault(left)
	}
	return store, p.Name, nil
}

// noteFault tells of a fault that keeps nobody from going on.
func (w world) noteFault(err error) {
	for _, one := range flatten(err) {
		fmt.Fprintln(w.stderr, "note:", telnet.VisibleLine(one.Error()))
		var hinted interface{ Hint() string }
		if errors.As(one, &hinted) && hinted.Hint() != "" {
			fmt.Fprintln(w.stderr, "hint:", hinted.Hint())
		}
	}
}

// completeSnapshots offers what can follow the words after "snapshot".
func (w world) completeSnapshots(ctx context.Context, words []string, after []string) {
	if len(after) == 0 {
		for _, name := range verbNames() {
			fmt.Fprintln(w.stdout, name)
		}
		return
	}
	for _, v := range verbs {
		if v.name == after[0] && v.names && (len(after) == 1 || v.name == "remove") {
			w.completeNames(ctx, words, w.snapshotNames, "")
		}
	}
}
