package stack

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"devenv/compose"
	"devenv/internal/owner"
	"devenv/internal/snapshot"
)

// A Vault reads and writes what is in volumes, as one tar stream with the folder
// [snapshot.Root] at its top. Helpers that it makes are gone when a call is over.
// RenewVolume makes a volume, or makes it empty; no container may mount it.
type Vault interface {
	NamedVolumes(ctx context.Context, project string) ([]compose.Volume, error)
	ReadVolume(ctx context.Context, v compose.Volume, h compose.Helper, w io.Writer) error
	WriteVolume(ctx context.Context, v compose.Volume, h compose.Helper, r io.Reader) error
	RenewVolume(ctx context.Context, v compose.Volume) error
}

// A SnapshotEngine can save and restore volumes.
type SnapshotEngine interface {
	DailyEngine
	Vault
}

// Snapshots saves and restores the volumes of a project. Its Engine and that of the
// Daily are the same.
type Snapshots struct {
	Daily
	Engine SnapshotEngine
	Store  snapshot.Store
	Self   owner.Owner
	Show   func(text string) // what commands in containers printed; foreign
}

// Origin is what a snapshot is made of, and where.
type Origin struct {
	Name   string // of the snapshot
	Commit string // of git; "" is not known
	Dirty  bool
}

// Save keeps the data of all volumes of the plan's project. Services that write to
// them hold still meanwhile: one that says how to quiesce goes on running, any other is
// stopped, and started again whatever happens.
func (s Snapshots) Save(ctx context.Context, plan *compose.Plan, o Origin) (snapshot.Manifest, error) {
	if err := errors.Join(s.Store.Free(o.Name), s.Unfinished()); err != nil {
		return snapshot.Manifest{}, err
	}
	unlock, err := s.Store.Lock(s.Self.String(), s.dead)
	if err != nil {
		return snapshot.Manifest{}, err
	}
	defer unlock()
	if err := s.sweep(ctx, plan.Project); err != nil {
		return snapshot.Manifest{}, err
	}
	volumes, err := s.volumes(ctx, plan)
	if err != nil {
		return snapshot.Manifest{}, err
	}
	if len(volumes) == 0 {
		return snapshot.Manifest{}, &snapshot.Fault{Err: fmt.Errorf("project %s has no volumes on this engine", plan.Project), Fix: "`devenv up` makes those that the files declare"}
	}
	containers, err := s.Engine.Containers(ctx, plan.Project)
	if err != nil {
		return snapshot.Manifest{}, err
	}
	helper, err := s.helper(ctx, plan, containers)
	if err != nil {
		return snapshot.Manifest{}, err
	}
	m, err := s.manifest(ctx, plan, containers, o)
	if err != nil {
		return m, err
	}
	draft, err := s.Store.Draft(s.Self.String())
	if err != nil {
		return m, err
	}
	defer draft.Discard()
	still, err := s.still(ctx, plan, containers, volumes)
	var quiet []compose.Container
	if err == nil {
		quiet, err = s.Engine.Containers(ctx, plan.Project)
	}
	if err == nil {
		m.Volumes, err = s.copyOut(ctx, draft, helper, volumes)
	}
	if err == nil {
		err = s.undisturbed(ctx, plan.Project, quiet)
	}
	if err == nil {
		err = draft.Commit(m)
	}
	going := still.end(ctx)
	if err == nil && going != nil {
		s.tell("snapshot %s is made all the same", m.Name)
	}
	return m, errors.Join(err, going)
}

// undisturbed tells whether nothing was started since all held still: what was read
// from beside a writer is not whole.
func (s Snapshots) undisturbed(ctx context.Context, project string, quiet []compose.Container) error {
	now, err := s.Engine.Containers(ctx, project)
	if err != nil {
		return err
	}
	for _, c := range now {
		before := slices.ContainsFunc(quiet, func(q compose.Container) bool {
			return q.ID == c.ID && q.State == c.State && q.Started.Equal(c.Started)
		})
		if alive(c) && !before {
			return &snapshot.Fault{Err: fmt.Errorf("container %s was started while the volumes were read or written", c.Name), Fix: "stop it, and do the same once more"}
		}
	}
	return nil
}

// sweep removes what killed runs have left in the store and on the engine.
func (s Snapshots) sweep(ctx context.Context, project string) error {
	swept, err := s.Store.Sweep(s.dead)
	if swept > 0 {
		s.tell("removed %s that interrupted runs have left", Count(int64(swept), "unfinished snapshot"))
	}
	if err != nil {
		s.tell("unfinished snapshots could not be removed: %v", err)
	}
	groups, err := s.Engine.Remains(ctx)
	for _, g := range groups {
		if !isHelper(g.Project, project) || !judged(g, s.Self, time.Now(), s.Engine.Local()).over {
			continue
		}
		if err := s.Engine.Down(ctx, &compose.Plan{Project: g.Project}, compose.RemoveVolumes); err != nil {
			return err
		}
	}
	return err
}

// dead tells whether the owner of something in the store has ended.
func (s Snapshots) dead(label string) bool {
	process, known := owner.Parse(label)
	return !known || process.Dead(s.Self, true)
}

// volumes lists those of the project, each key once: where the engine has two, that
// which the plan means.
func (s Snapshots) volumes(ctx context.Context, plan *compose.Plan) ([]compose.Volume, error) {
	all, err := s.Engine.NamedVolumes(ctx, plan.Project)
	if err != nil {
		return nil, err
	}
	meant := func(v compose.Volume) bool { return plan.Model != nil && plan.Model.Volumes[v.Key].Name == v.Name }
	var once []compose.Volume
	for _, v := range all {
		last := len(once) - 1
		switch {
		case last < 0 || once[last].Key != v.Key:
			once = append(once, v)
		case meant(v):
			s.tell("volume %s is left out: the files call %s another one now", once[last].Name, v.Key)
			once[last] = v
		default:
			s.tell("volume %s is left out: %s is %s", v.Name, v.Key, once[last].Name)
		}
	}
	return once, nil
}

// manifest is all but the volumes.
func (s Snapshots) manifest(ctx context.Context, plan *compose.Plan, containers []compose.Container, o Origin) (snapshot.Manifest, error) {
	version, err := s.Engine.Version(ctx)
	m := snapshot.Manifest{
		Version: snapshot.Version, Name: o.Name, Project: plan.Project, Profile: plan.Profile, Services: targets(containers),
		Commit: o.Commit, Dirty: o.Dirty, When: time.Now().UTC().Truncate(time.Second), Engine: version,
	}
	return m, err
}

func targets(containers []compose.Container) map[string]snapshot.Target {
	all := map[string]snapshot.Target{}
	for _, c := range containers {
		all[c.Service] = snapshot.Target{Profile: c.Labels[compose.LabelProfile], Target: c.Labels[compose.LabelTarget]}
	}
	return all
}

// helperMark is between the names of a project and of what its helpers belong to.
const helperMark = "-snapshot-"

// isHelper tells by the name of a project whether it is of helpers of another one.
func isHelper(name, of string) bool { return strings.HasPrefix(name, of+helperMark) }

// helperTime is after how long nobody can still need a helper.
const helperTime = 24 * time.Hour

// helper chooses an image of the project that is there.
func (s Snapshots) helper(ctx context.Context, plan *compose.Plan, containers []compose.Container) (compose.Helper, error) {
	image := ""
	for _, c := range containers {
		image = c.ImageID
	}
	if image == "" {
		refs := images(plan.Services)
		there, err := s.Engine.Images(ctx, refs)
		if err != nil {
			return compose.Helper{}, err
		}
		i := slices.IndexFunc(refs, func(ref string) bool { return there[ref].ID != "" })
		if i < 0 {
			return compose.Helper{}, &StartError{Err: errors.New("none of the project's images is on this engine, and volumes are looked into through one"), Fix: "`devenv up` builds and pulls them"}
		}
		image = there[refs[i]].ID
	}
	now := time.Now().UTC()
	return compose.Helper{Image: image, Project: plan.Project + helperMark + strings.ToLower(rand.Text()[:8]), Labels: map[string]string{
		compose.LabelOwner:    s.Self.String(),
		compose.LabelStarted:  now.Format(time.RFC3339),
		compose.LabelDeadline: now.Add(helperTime).Format(time.RFC3339),
	}}, nil
}
