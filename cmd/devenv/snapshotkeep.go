package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"devenv/compose"
	"devenv/internal/owner"
	"devenv/internal/report"
	"devenv/internal/snapshot"
	"devenv/internal/stack"
	"devenv/internal/telnet"

	"github.com/urfave/cli/v2"
)

// What can be done with snapshots without an engine.

func (w world) snapshotNames(p *compose.Project) []string {
	store, err := w.store(p.Name)
	if err != nil {
		return nil
	}
	names, _ := store.Names() // to complete a word, what can be read is enough
	return names
}

func (w world) snapshotList(c *cli.Context, _ []string) error {
	f, err := parseFormat(c)
	if err != nil {
		return err
	}
	store, _, err := w.openStore(c)
	if err != nil {
		return err
	}
	all, err := store.List()
	if err != nil {
		w.noteFault(err)
	}
	if f == asJSON {
		return report.Write(w.stdout, all)
	}
	return writeSnapshots(w.stdout, all)
}

func writeSnapshots(out io.Writer, all []snapshot.Manifest) error {
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "NAME\tWHEN\tSIZE\tPROFILE\tCOMMIT")
	for _, m := range all {
		commit := stack.Short(m.Commit)
		if m.Dirty {
			commit += "+"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", m.Name, m.When.Local().Format("2006-01-02 15:04"), stack.Bytes(m.Bytes()),
			telnet.VisibleLine(m.Profile), telnet.VisibleLine(commit))
	}
	return table.Flush()
}

func (w world) snapshotRemove(c *cli.Context, names []string) error {
	store, _, err := w.openStore(c)
	if err != nil {
		return err
	}
	left, err := store.Journal()
	if err != nil {
		return err
	}
	for _, name := range names {
		if left != nil && (name == left.Snapshot || name == left.Backup) {
			return stack.Unfinished(store)
		}
	}
	for _, name := range names {
		if err := store.Remove(name); err != nil {
			return err
		}
		fmt.Fprintln(w.stderr, "removed snapshot", name)
	}
	return nil
}

func (w world) snapshotExport(c *cli.Context, args []string) (err error) {
	store, _, err := w.openStore(c)
	if err != nil {
		return err
	}
	from, err := store.Open(args[0])
	if err != nil {
		return err
	}
	if err := from.Verify(c.Context); err != nil {
		return err
	}
	if args[1] == "-" {
		if _, terminal := terminalOf(w.stdout); terminal {
			return errUsage(c, "snapshot export: a terminal cannot take it; write to a file, or into a pipe")
		}
		return from.Export(broken{ctx: c.Context, w: w.stdout})
	}
	return exportTo(c.Context, from, args[1])
}

// exportTo writes a file that is not there. What is not whole is removed.
func exportTo(ctx context.Context, from *snapshot.Snapshot, file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if os.IsExist(err) {
		return &snapshot.Fault{Err: fmt.Errorf("%s exists already", file), Fix: "name another file, or remove that one"}
	}
	if err != nil {
		return &snapshot.Fault{Err: err}
	}
	err = from.Export(broken{ctx: ctx, w: f})
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		os.Remove(file)
	}
	return err
}

func (w world) snapshotImport(c *cli.Context, args []string) error {
	f, err := parseFormat(c)
	if err != nil {
		return err
	}
	store, project, err := w.openStore(c)
	if err != nil {
		return err
	}
	in := w.stdin
	if args[0] != "-" {
		file, err := os.Open(args[0])
		if err != nil {
			return &snapshot.Fault{Err: err}
		}
		defer file.Close()
		in = file
	}
	name := ""
	if len(args) > 1 {
		name = args[1]
	}
	m, err := store.Import(broken{ctx: c.Context, r: in}, name, project, owner.Self().String())
	if err != nil {
		return err
	}
	return w.writeSnapshot(m, f)
}

// writeSnapshot tells of a snapshot that was made.
func (w world) writeSnapshot(m snapshot.Manifest, f format) error {
	if f == asJSON {
		return report.Write(w.stdout, m)
	}
	_, err := fmt.Fprintf(w.stdout, "snapshot %s: %s, %s\n", m.Name, stack.Count(int64(len(m.Volumes)), "volume"), stack.Bytes(m.Bytes()))
	return err
}

// A broken stream breaks off when its context ends.
type broken struct {
	ctx context.Context
	r   io.Reader
	w   io.Writer
}

func (b broken) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.r.Read(p)
}

func (b broken) Write(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.w.Write(p)
}
