package stack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"devenv/compose"
	"devenv/internal/snapshot"
)

// RestoreOptions say how Restore goes about it.
type RestoreOptions struct {
	Declared []compose.DeclaredVolume // by the files
	Force    bool                     // also restores volumes that the files do not know
	NoBackup bool                     // of what is there
	Origin   Origin                   // what there is now; its name is that of the snapshot
}

// Restore replaces the data of volumes by that of a snapshot, after it has saved what
// is there as another one. The services that use them are stopped, and their
// containers removed; those that ran are the answer, to be brought up. Whatever
// happens, either all is as it was, or a journal tells Unfinished what to do.
func (s Snapshots) Restore(ctx context.Context, plan *compose.Plan, o RestoreOptions) (ran []string, err error) {
	unlock, err := s.Store.Lock(s.Self.String(), s.dead)
	if err != nil {
		return nil, err
	}
	defer unlock()
	r, err := s.restoring(ctx, plan, o)
	if err != nil {
		return nil, err
	}
	if err := r.clear(ctx); err != nil {
		return nil, errors.Join(err, r.giveBack(ctx))
	}
	if err = r.replace(ctx); err != nil {
		s.tell("the restore is unfinished: %s", unfinished(r.journal, s.Store).Hint())
		return nil, err
	}
	return r.journal.Services, nil
}

// A restore is one under way.
type restore struct {
	Snapshots
	o       RestoreOptions
	plan    *compose.Plan
	from    *snapshot.Snapshot
	helper  compose.Helper
	fills   []filling
	before  []compose.Container // of the project
	stops   []string            // services to be stopped
	there   []compose.Volume
	empty   []compose.Volume // that were made by the one that was interrupted
	journal snapshot.Journal
	resumed bool // finishes one that was interrupted
}

// restoring finds out all that can be known before anything is touched.
func (s Snapshots) restoring(ctx context.Context, plan *compose.Plan, o RestoreOptions) (*restore, error) {
	from, err := s.Store.Open(o.Origin.Name)
	if err != nil {
		return nil, err
	}
	s.tell("checking snapshot %s", from.Name)
	if err := from.Verify(ctx); err != nil {
		return nil, err
	}
	r := &restore{Snapshots: s, o: o, plan: plan, from: from}
	if err := errors.Join(r.known(), s.sweep(ctx, plan.Project)); err != nil {
		return nil, err
	}
	if r.before, err = s.Engine.Containers(ctx, plan.Project); err != nil {
		return nil, err
	}
	if r.helper, err = s.helper(ctx, plan, r.before); err != nil {
		return nil, err
	}
	if err := r.aim(ctx); err != nil {
		return nil, err
	}
	return r, r.begin()
}

// known refuses volumes that the files do not declare as the project's own.
func (r *restore) known() error {
	var unknown []string
	for _, v := range r.from.Volumes {
		i := r.declared(v.Key)
		if i < 0 && !r.o.Force || i >= 0 && r.o.Declared[i].External {
			unknown = append(unknown, v.Key)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return &snapshot.Fault{
		Err: fmt.Errorf("snapshot %q has volumes that project %s does not declare as its own: %s", r.from.Name, r.plan.Project, strings.Join(unknown, ", ")),
		Fix: "declare them under `volumes:`; --force restores those that the files do not know all the same",
	}
}

// declared is the place of a volume in the files: as the plan has it, else the first.
func (r *restore) declared(key string) int {
	name := r.plan.Model.Volumes[key].Name
	first := slices.IndexFunc(r.o.Declared, func(d compose.DeclaredVolume) bool { return d.Key == key })
	meant := slices.IndexFunc(r.o.Declared, func(d compose.DeclaredVolume) bool { return d.Key == key && d.Name == name })
	if meant >= 0 {
		return meant
	}
	return first
}

// aim decides which volume each archive goes to, and which services must stop.
func (r *restore) aim(ctx context.Context) error {
	var err error
	if r.there, err = r.volumes(ctx, r.plan); err != nil {
		return err
	}
	var errs []error
	for _, v := range r.from.Volumes {
		exists := false
		to := compose.Volume{Key: v.Key, Name: r.plan.Project + "_" + v.Key, Project: r.plan.Project}
		if i := r.declared(v.Key); i >= 0 {
			to.Name = r.o.Declared[i].Name
			declared := r.plan.Model.Volumes[v.Key]
			to.Driver, to.Options, to.Labels = declared.Driver, declared.DriverOpts, declared.Labels
		}
		if i := slices.IndexFunc(r.there, func(t compose.Volume) bool { return t.Key == v.Key }); i >= 0 {
			to, exists = r.there[i], true
		}
		errs = append(errs, r.replaceable(to))
		r.fills = append(r.fills, filling{v, to, exists})
	}
	for _, v := range r.there {
		if !slices.ContainsFunc(r.fills, func(f filling) bool { return f.to.Key == v.Key }) {
			r.tell("volume %s is not in snapshot %s and stays as it is", v.Key, r.from.Name)
		}
	}
	r.stops = r.affected()
	return errors.Join(errs...)
}

// replaceable refuses a volume that cannot be emptied.
func (r *restore) replaceable(v compose.Volume) error {
	var errs []error
	if device := v.Options["device"]; device != "" && v.Options["type"] != "tmpfs" {
		errs = append(errs, &snapshot.Fault{Err: fmt.Errorf("volume %s keeps its files in %s, outside the engine, and cannot be replaced", v.Key, device), Fix: "copy the files there by hand"})
	}
	for _, u := range v.Users {
		errs = append(errs, mustBeOurs(r.plan, v, u))
	}
	return errors.Join(errs...)
}

// affected are the services that use the volumes, and those that depend on them: what
// these remember is not what will be there.
func (r *restore) affected() []string {
	hit := map[string]bool{}
	for _, f := range r.fills {
		for _, u := range f.to.Users {
			hit[u.Service] = true
		}
	}
	var all []string
	for _, name := range dependenciesFirst(r.plan) {
		for on := range r.plan.Model.Services[name].DependsOn {
			hit[name] = hit[name] || hit[on]
		}
		if hit[name] {
			all = append(all, name)
		}
	}
	return all
}

// begin notes what the journal will say; one that is there is gone on with.
func (r *restore) begin() error {
	r.journal = snapshot.Journal{Snapshot: r.from.Name, Profile: r.plan.Profile, When: time.Now().UTC()}
	for _, f := range r.fills {
		r.journal.Volumes = append(r.journal.Volumes, f.to.Key)
	}
	for _, name := range r.stops {
		if slices.ContainsFunc(of(name, r.before), func(c compose.Container) bool { return alive(c) }) {
			r.journal.Services = append(r.journal.Services, name)
		}
	}
	left, err := r.Store.Journal()
	if left == nil || err != nil {
		return err
	}
	if err := r.complete(*left); err != nil {
		return err
	}
	r.resumed = true
	r.journal.Backup = left.Backup
	for _, name := range left.Services {
		if _, known := r.plan.Service(name); known && !slices.Contains(r.journal.Services, name) {
			r.journal.Services = append(r.journal.Services, name)
		}
	}
	r.tell("finishing a restore that was interrupted; what was there before it is %s", backupName(*left))
	return nil
}

// complete refuses a snapshot that would leave volumes as the interrupt has left them.
// Those that its backup does not have were not there before, and are emptied.
func (r *restore) complete(left snapshot.Journal) error {
	for _, key := range left.Volumes {
		if slices.Contains(r.journal.Volumes, key) {
			continue
		}
		if r.from.Name != left.Backup {
			return unfinished(left, r.Store)
		}
		for _, v := range r.there {
			if v.Key == key {
				r.empty = append(r.empty, v)
			}
		}
	}
	return nil
}

func backupName(j snapshot.Journal) string {
	if j.Backup == "" {
		return "not saved"
	}
	return "snapshot " + j.Backup
}
