package stack

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"devenv/compose"
	"devenv/internal/owner"
	"devenv/internal/snapshot"
)

// UnfinishedError is a restore that was interrupted, so that volumes are not whole.
type UnfinishedError struct {
	Journal snapshot.Journal
	File    string // where it is
}

func unfinished(j snapshot.Journal, s snapshot.Store) *UnfinishedError {
	return &UnfinishedError{j, s.JournalFile()}
}

func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("a restore of snapshot %s was interrupted; volumes that may not be whole: %s", e.Journal.Snapshot, strings.Join(e.Journal.Volumes, ", "))
}

// Hint says how to finish it.
func (e *UnfinishedError) Hint() string {
	hint := "`devenv snapshot restore " + e.Journal.Snapshot + "` finishes it"
	if e.Journal.Backup != "" {
		hint += "; `devenv snapshot restore " + e.Journal.Backup + "` brings back what was there before"
	}
	return hint + "; to go on with what is there, remove " + e.File
}

// Unfinished is an [UnfinishedError] where a restore was interrupted.
func (s Snapshots) Unfinished() error { return Unfinished(s.Store) }

// Unfinished is that of a store.
func Unfinished(store snapshot.Store) error {
	left, err := store.Journal()
	if left == nil || err != nil {
		return err
	}
	return unfinished(*left, store)
}

// Writable tells whether services may write to the volumes of a store now: nobody saves
// or restores them, and no restore was interrupted.
func Writable(store snapshot.Store, self owner.Owner) error {
	if err := store.Busy(Snapshots{Self: self}.dead); err != nil {
		return err
	}
	return Unfinished(store)
}

// FreeName is the name of a snapshot that is made now.
func (s Snapshots) FreeName(now time.Time) string { return s.freeName(now.Format("2006-01-02-1504")) }

// freeName is a name, or the first of those with a number that is free.
func (s Snapshots) freeName(name string) string {
	next := name
	for n := 2; s.Store.Free(next) != nil && n < 1000; n++ {
		next = fmt.Sprintf("%s-%d", name, n)
	}
	return next
}

// Differences are what was otherwise when a snapshot was made, one line each.
func Differences(m snapshot.Manifest, plan *compose.Plan, now Origin) []string {
	var all []string
	if m.Profile != "" && m.Profile != plan.Profile {
		all = append(all, fmt.Sprintf("the snapshot was made as profile %s; this is %s", m.Profile, plan.Profile))
	}
	for _, name := range slices.Sorted(maps.Keys(m.Services)) {
		was := m.Services[name].Target
		is := plan.Model.Services[name].Labels[compose.LabelTarget]
		if was != "" && is != "" && was != is {
			all = append(all, fmt.Sprintf("service %s was built to %s; this is %s", name, was, is))
		}
	}
	if m.Commit != "" && now.Commit != "" && m.Commit != now.Commit {
		all = append(all, fmt.Sprintf("the snapshot was made at commit %s; this is %s", Short(m.Commit), Short(now.Commit)))
	}
	return all
}

// Short is a commit as people say it.
func Short(commit string) string { return commit[:min(len(commit), 12)] }
