package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"devenv/compose"
	"devenv/internal/owner"
	"devenv/internal/report"
	"devenv/internal/stack"
	"devenv/internal/telnet"

	"github.com/urfave/cli/v2"
)

// What is done with snapshots and the engine.

func (w world) snapshotSave(c *cli.Context, args []string) error {
	f, err := parseFormat(c)
	if err != nil {
		return err
	}
	v, err := w.vault(c)
	if err != nil {
		return err
	}
	name := v.FreeName(time.Now())
	if len(args) > 0 {
		name = args[0]
	}
	v.tellExternal()
	m, err := v.Save(c.Context, v.plan, v.origin(c.Context, name))
	if err != nil {
		return err
	}
	return w.writeSnapshot(m, f)
}

func (w world) snapshotRestore(c *cli.Context, args []string) error {
	f, err := parseFormat(c)
	if err != nil {
		return err
	}
	v, err := w.vault(c)
	if err != nil {
		return err
	}
	from, err := v.Store.Open(args[0])
	if err != nil {
		return err
	}
	o := stack.RestoreOptions{Declared: v.project.Volumes(), Force: c.Bool("force"), NoBackup: c.Bool("no-backup"), Origin: v.origin(c.Context, args[0])}
	for _, note := range stack.Differences(from.Manifest, v.plan, o.Origin) {
		fmt.Fprintln(w.stderr, "note:", telnet.VisibleLine(note))
	}
	ran, err := v.Restore(c.Context, v.plan, o)
	if err != nil {
		return err
	}
	fmt.Fprintln(w.stderr, "restored snapshot", args[0])
	if len(ran) == 0 { // and nothing is to
		if f == asJSON {
			return report.JSON(w.stdout, report.Report{Project: v.plan.Project, Profile: v.plan.Profile, At: time.Now(), Services: []report.Service{}})
		}
		return nil
	}
	plan, err := v.project.Plan(compose.Request{Profile: v.plan.Profile, Services: ran})
	if err != nil {
		return err
	}
	rep, err := v.Up(c.Context, plan, stack.UpOptions{Building: stack.BuildStale, Keep: true})
	if err != nil {
		return err
	}
	if err := writeReport(w.stdout, rep, f); err != nil {
		return err
	}
	return rep.Err()
}

// A vault is the snapshots of a project, and the plan of what runs.
type vault struct {
	stack.Snapshots
	world   world
	project *compose.Project
	plan    *compose.Plan
}

// vault reads the files and reaches the engine.
func (w world) vault(c *cli.Context) (vault, error) {
	progress, err := w.progress(c)
	if err != nil {
		return vault{}, err
	}
	j, err := w.job(c, nil, progress)
	if err != nil {
		return vault{}, err
	}
	v := vault{Snapshots: stack.Snapshots{Daily: j.Daily, Self: owner.Self(), Show: w.show}, world: w, project: j.asked.project}
	engine, ok := j.Stack.Engine.(stack.SnapshotEngine)
	if !ok {
		return v, errors.New("this engine does not look into volumes")
	}
	v.Engine = engine
	if v.Store, err = w.store(v.project.Name); err != nil {
		return v, err
	}
	left, err := v.Store.Journal()
	if err != nil {
		return v, err
	}
	if left != nil && !v.project.Asked(j.asked.request.Profile) {
		j.asked.request.Profile = left.Profile
	}
	v.plan, err = w.running(c.Context, j.Stack, j.asked)
	return v, err
}

// show writes what a command in a container printed.
func (w world) show(text string) { fmt.Fprintln(w.stderr, telnet.Visible(text)) }

// tellExternal names the volumes that are somebody else's.
func (v vault) tellExternal() {
	for _, d := range v.project.Volumes() {
		if d.External {
			fmt.Fprintf(v.world.stderr, "note: volume %s is external and is left out\n", d.Key)
		}
	}
}

// origin is what git says of the project's folder, as far as it says anything.
func (v vault) origin(ctx context.Context, name string) stack.Origin {
	o := stack.Origin{Name: name}
	commit, err := v.git(ctx, "rev-parse", "--verify", "HEAD")
	if err != nil {
		return o
	}
	changes, err := v.git(ctx, "status", "--porcelain")
	o.Commit, o.Dirty = commit, err == nil && changes != ""
	return o
}

func (v vault) git(ctx context.Context, args ...string) (string, error) {
	// A monitor that the repository names would be a program to run.
	command := exec.CommandContext(ctx, "git", append([]string{"--no-optional-locks", "-c", "core.fsmonitor=false"}, args...)...)
	command.Dir = v.plan.Model.WorkingDir
	command.Env = v.world.environment
	out, err := command.Output()
	return strings.TrimSpace(string(out)), err
}
