package stack

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"devenv/compose"
	"devenv/internal/owner"
	"devenv/internal/report"
)

// GCOptions say how GC goes about it.
type GCOptions struct {
	DryRun bool // find out only
}

// GC removes what smoke runs have left whose owner is dead or whose deadline has
// passed, as self sees it now. Of what belongs to no smoke run nothing is touched, and
// no project is taken down that has something of the kind. The error is one of
// looking; what could not be removed is told by the answer's Err.
func (s Stack) GC(ctx context.Context, self owner.Owner, now time.Time, o GCOptions) (report.Swept, error) {
	swept := report.Swept{DryRun: o.DryRun, Removed: []report.SweptGroup{}, Kept: []report.SweptGroup{}, Failed: []report.SweptGroup{}}
	groups, err := s.Engine.Remains(ctx)
	if err != nil {
		return swept, err
	}
	verdicts := s.judge(groups, self, now)
	faults := make([]error, len(groups))
	if !o.DryRun {
		faults = s.takeDown(ctx, groups, verdicts)
	}
	for i, g := range groups {
		told := report.SweptGroup{Project: g.Project, Why: verdicts[i].why, Containers: g.Containers, Networks: g.Networks, Volumes: g.Volumes}
		switch {
		case !verdicts[i].over:
			swept.Kept = append(swept.Kept, told)
		case faults[i] != nil:
			told.Fault = faults[i].Error()
			swept.Failed = append(swept.Failed, told)
		default:
			swept.Removed = append(swept.Removed, told)
		}
	}
	return swept, ctx.Err()
}

// takeDown takes the projects down of which all groups are over, side by side. Each
// is taken down once; its groups share what came of it.
func (s Stack) takeDown(ctx context.Context, groups []compose.Remains, verdicts []sentence) []error {
	down := map[string]func() error{}
	for i, g := range groups {
		if verdicts[i].over && down[g.Project] == nil {
			down[g.Project] = sync.OnceValue(func() error {
				return s.Engine.Down(ctx, &compose.Plan{Project: g.Project}, compose.Discard)
			})
		}
	}
	faults := make([]error, len(groups))
	var wg sync.WaitGroup
	for i, g := range groups {
		if verdicts[i].over {
			wg.Go(func() { faults[i] = down[g.Project]() })
		}
	}
	wg.Wait()
	return faults
}

// A sentence says whether a group is over, and why.
type sentence struct {
	over bool
	why  string
}

// judge judges each group. A project is taken down as a whole, so a group that is
// over stays as long as another one of its project does.
func (s Stack) judge(groups []compose.Remains, self owner.Owner, now time.Time) []sentence {
	verdicts := make([]sentence, len(groups))
	lasting := map[string]string{} // why, by project
	for i, g := range groups {
		verdicts[i] = judged(g, self, now, s.Engine.Local())
		if !verdicts[i].over {
			lasting[g.Project] = verdicts[i].why
		}
	}
	for i, g := range groups {
		if why, stays := lasting[g.Project]; stays && verdicts[i].over {
			verdicts[i] = sentence{why: "another run has a part in this project: " + why}
		}
	}
	return verdicts
}

func judged(g compose.Remains, self owner.Owner, now time.Time, local bool) sentence {
	process, known := owner.Parse(g.Owner)
	verdict := sentence{over: true}
	switch {
	case known && process.Dead(self, local):
		verdict.why = fmt.Sprintf("its run ended without taking it down (pid %d)", process.PID)
	case !g.Deadline.IsZero() && !now.Before(g.Deadline):
		verdict.why = fmt.Sprintf("its deadline passed %s ago", coarse(now.Sub(g.Deadline)))
	default:
		return sentence{why: stillNeeded(process, known, process.Near(self), until(g.Deadline, now))}
	}
	if g.Project == "" {
		return sentence{why: verdict.why + ", but it belongs to no compose project: remove it by hand"}
	}
	if len(g.Strangers) > 0 {
		return sentence{why: fmt.Sprintf("%s, but something of the project is not of that run (%s): `docker compose -p %s down -v` removes all of it", verdict.why, strings.Join(g.Strangers, ", "), g.Project)}
	}
	return verdict
}

// stillNeeded says why a group is not over, as far as is known.
func stillNeeded(process owner.Owner, known, near bool, until string) string {
	switch {
	case !known && until == "":
		return "its labels name neither a process nor a deadline: remove it by hand"
	case !known:
		return "its label names no process, so it may be needed " + until
	case until == "":
		return fmt.Sprintf("pid %d may still run, and its label names no deadline: remove it by hand", process.PID)
	case !near:
		return fmt.Sprintf("pid %d of another machine or container may still run, %s", process.PID, until)
	}
	return fmt.Sprintf("still running, pid %d, %s", process.PID, until)
}

// until is the clock at a deadline, with the day where that is another one; "" for
// none.
func until(deadline, now time.Time) string {
	if deadline.IsZero() {
		return ""
	}
	deadline = deadline.In(now.Location())
	if deadline.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return "until " + deadline.Format("15:04")
	}
	return "until " + deadline.Format("2006-01-02 15:04")
}

// coarse is a time in its largest units.
func coarse(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%dd%dh", d/(24*time.Hour), d%(24*time.Hour)/time.Hour)
	case d >= time.Hour:
		return strings.TrimSuffix(d.Truncate(time.Minute).String(), "0s")
	}
	return d.Truncate(time.Second).String()
}
