package stack

import (
	"context"
	"slices"
	"strings"
	"time"

	"devenv/compose"
)

// clear stops what uses the volumes, and saves what they hold.
func (r *restore) clear(ctx context.Context) error {
	if len(r.journal.Services) > 0 {
		r.tell("stopping %s", strings.Join(r.journal.Services, ", "))
	}
	if err := r.Engine.StopServices(ctx, r.plan, r.stops, nil); err != nil {
		return err
	}
	if r.o.NoBackup || r.resumed {
		return nil
	}
	return r.backUp(ctx)
}

// backUp saves the volumes that are about to be replaced.
func (r *restore) backUp(ctx context.Context) error {
	var volumes []compose.Volume
	for _, f := range r.fills {
		if f.there {
			volumes = append(volumes, f.to)
		}
	}
	if len(volumes) == 0 {
		return nil
	}
	origin := r.o.Origin
	origin.Name = r.freeName("before-restore-" + time.Now().Format("2006-01-02-150405"))
	m, err := r.manifest(ctx, r.plan, r.before, origin)
	if err != nil {
		return err
	}
	draft, err := r.Store.Draft(r.Self.String())
	if err != nil {
		return err
	}
	defer draft.Discard()
	if m.Volumes, err = r.copyOut(ctx, draft, r.helper, volumes); err != nil {
		return err
	}
	if err := draft.Commit(m); err != nil {
		return err
	}
	r.journal.Backup = origin.Name
	r.tell("what was there is snapshot %s", origin.Name)
	return nil
}

// giveBack starts again what was stopped, where no volume has been touched.
func (r *restore) giveBack(ctx context.Context) error {
	if len(r.journal.Services) == 0 || r.resumed {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goOn)
	defer cancel()
	return r.startAgain(ctx, r.plan, r.journal.Services)
}

// replace empties and fills the volumes. From here on the journal tells.
func (r *restore) replace(ctx context.Context) error {
	if err := r.Store.Begin(r.journal); err != nil {
		return err
	}
	var users []compose.Container
	for _, c := range r.before {
		if slices.ContainsFunc(r.fills, func(f filling) bool {
			return slices.ContainsFunc(f.to.Users, func(u compose.VolumeUser) bool { return u.Container == c.ID })
		}) {
			users = append(users, c)
		}
	}
	if err := r.Engine.Remove(ctx, users); err != nil {
		return err
	}
	for _, v := range r.empty {
		if err := r.Engine.RenewVolume(ctx, v); err != nil {
			return err
		}
	}
	quiet, err := r.Engine.Containers(ctx, r.plan.Project)
	if err != nil {
		return err
	}
	if err := r.copyIn(ctx, r.from, r.helper, r.fills); err != nil {
		return err
	}
	if err := r.undisturbed(ctx, r.plan.Project, quiet); err != nil {
		return err
	}
	if err := r.unprepare(ctx); err != nil {
		return err
	}
	return r.Store.Finish()
}

// unprepare has all work done again that prepares a service: what it did is not in
// data of before.
func (r *restore) unprepare(ctx context.Context) error {
	engine := r.Stack.Engine
	done, err := engine.Prepared(ctx, r.plan.Project)
	if err != nil {
		return err
	}
	for _, d := range done {
		d.Digest = "restored"
		if err := engine.NotePrepared(ctx, r.plan.Project, d); err != nil {
			return err
		}
	}
	return nil
}
