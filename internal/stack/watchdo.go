package stack

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"devenv/compose"
	"devenv/internal/report"
	"devenv/internal/watch"
)

// handle does what the changes of a burst ask for. What goes wrong is told.
func (w *watching) handle(ctx context.Context, changes []watch.Change) {
	duties := deal(w.rules, changes)
	if rebuilt := slices.DeleteFunc(slices.Clone(duties), func(d *duty) bool { return len(d.rebuild) == 0 }); len(rebuilt) > 0 {
		w.rebuild(ctx, rebuilt)
	}
	for _, d := range duties {
		w.serve(ctx, d)
	}
}

// serve copies, restarts and runs hooks.
func (w *watching) serve(ctx context.Context, d *duty) {
	for _, c := range d.copies {
		if !w.sync(ctx, d.service, c) {
			return
		}
	}
	if len(d.restart) > 0 {
		if len(d.copies) == 0 {
			w.tell("restart %s: %s", d.service, w.describe(d.restart))
		}
		w.restart(ctx, d.service)
	}
	for _, h := range d.hooks {
		w.hook(ctx, d.service, h)
	}
}

// sync copies into all containers of a service; it reports whether all went well.
func (w *watching) sync(ctx context.Context, service string, c copying) bool {
	began := time.Now()
	all, err := w.Engine.Containers(ctx, w.plan.Project)
	mine := of(service, all)
	if err == nil && len(mine) == 0 {
		err = &IdleError{Service: service, Why: noContainer}
	}
	var left string
	for _, container := range mine {
		said, fault := w.Engine.Sync(ctx, container, c.Copying)
		err, left = errors.Join(err, fault), cmp.Or(left, said)
	}
	if err != nil {
		w.fault(ctx, "sync "+service, err)
		return false
	}
	w.tell("sync %s: %s in %s", service, w.describe(c.changes), since(began))
	if left != "" {
		w.tell("sync %s: what is deleted here is still in the container: %s", service, left)
	}
	return true
}

// restart restarts a service, and those that restart with it, and waits until they
// are ready.
func (w *watching) restart(ctx context.Context, service string) {
	together := w.plan.Only(withDependents(w.plan, []string{service}))
	_, err := w.startable(ctx, together)
	if err == nil {
		err = w.part(ctx, together, names(together))
	}
	if err != nil {
		w.fault(ctx, "restart "+service, err)
		return
	}
	began := time.Now()
	quiet := w.Daily
	quiet.Tell = nil
	rep, err := quiet.again(ctx, together, nil)
	w.stayUp(ctx, []string{service})
	w.outcome(ctx, "restart "+service, began, rep, err)
}

func (w *watching) hook(ctx context.Context, service string, command compose.Command) {
	name := readable(strings.Join(command.Args, " "))
	all, err := w.Engine.Containers(ctx, w.plan.Project)
	if err != nil {
		w.fault(ctx, "exec "+service, err)
		return
	}
	for _, c := range of(service, all) {
		if c.State != compose.Running {
			w.tell("exec %s: %s: not run, its container %s", service, name, stateOf(c))
			continue
		}
		began := time.Now()
		code, err := w.Engine.Hook(ctx, c, command, func(line string) { w.tell("exec %s: | %s", service, line) })
		if err != nil {
			w.fault(ctx, "exec "+service+": "+name, err)
			continue
		}
		w.tell("exec %s: %s: exit code %d in %s", service, name, code, since(began))
	}
}

// rebuild builds services from the files as they are now, and replaces their
// containers. What runs goes on where nothing can be built.
func (w *watching) rebuild(ctx context.Context, duties []*duty) {
	var services []string
	for _, d := range duties {
		services = append(services, d.service)
		w.tell("rebuild %s: %s", d.service, w.describe(d.rebuild))
	}
	doing, began := "rebuild "+strings.Join(services, ", "), time.Now()
	plan, err := w.options.Plan(ctx)
	built := false
	if err == nil {
		built, err = w.build(ctx, plan.Only(services), BuildStale)
	}
	if err == nil {
		plan, err = w.settleUsers(ctx, plan)
	}
	if err != nil {
		w.broken(ctx, doing, err)
		return
	}
	if ctx.Err() != nil {
		return // nothing is begun after an interrupt
	}
	if !built && w.allRun(ctx, services) {
		w.tell("%s: nothing of this is in the image, so it stays", doing)
		return
	}
	w.plan = plan
	if err := w.part(ctx, plan, withDependents(plan, services)); err != nil {
		w.fault(ctx, doing, err)
		return
	}
	rep, err := w.replace(ctx, plan, services)
	w.stayUp(ctx, services)
	w.outcome(ctx, doing, began, rep, err)
	w.initial(ctx, plan.Only(services).Services)
}

// broken tells why there is no new image.
func (w *watching) broken(ctx context.Context, doing string, err error) {
	if ctx.Err() != nil {
		return
	}
	var build *BuildError
	if errors.As(err, &build) {
		w.tell("%v", build) // its hint is to run the command again
	} else {
		w.fault(ctx, doing, err)
	}
	w.tell("%s: what ran before goes on; the next save is another try", doing)
}

// allRun tells whether the containers of services run.
func (w *watching) allRun(ctx context.Context, services []string) bool {
	all, err := w.Engine.Containers(ctx, w.plan.Project)
	return err == nil && !slices.ContainsFunc(services, func(name string) bool {
		mine := of(name, all)
		return len(mine) == 0 || slices.ContainsFunc(mine, func(c compose.Container) bool { return c.State != compose.Running })
	})
}

// replace replaces the containers of services, starts them with those that restart
// with them, and waits until they are ready.
func (w *watching) replace(ctx context.Context, plan *compose.Plan, services []string) (report.Report, error) {
	before, err := w.Engine.Containers(ctx, plan.Project)
	if err != nil {
		return report.Report{}, err
	}
	s := w.Stack
	s.Tell, s.Engine = nil, replacing{w.Engine, services}
	return s.bring(ctx, plan.Only(withDependents(plan, services)), before, UpOptions{Timeout: w.options.Up.Timeout})
}

// A replacing engine creates what is of some services only, and is not broken off
// while it does: half of a replacement would be no game at all.
type replacing struct {
	DailyEngine
	services []string
}

// Create replaces the services' containers.
func (r replacing) Create(ctx context.Context, plan *compose.Plan) error {
	return r.Replace(context.WithoutCancel(ctx), plan, r.services)
}

// stayUp starts what an interrupt has caught stopped: watching ends, the game does not.
func (w *watching) stayUp(ctx context.Context, services []string) {
	if ctx.Err() == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cmp.Or(w.Grace, 30*time.Second))
	defer cancel()
	for _, name := range withDependents(w.plan, services) {
		if err := w.Engine.Start(ctx, w.plan, name); err != nil {
			w.tell("%s: %v", name, err)
		}
	}
}

// initial copies all files of the triggers of services that ask for it.
func (w *watching) initial(ctx context.Context, services []compose.Service) {
	for _, r := range w.rules {
		wanted := slices.ContainsFunc(services, func(s compose.Service) bool { return s.Name == r.Service })
		if !wanted || !r.Initial || r.Target == "" {
			continue
		}
		if all := w.files.Files(r.Matcher); len(all) > 0 {
			w.sync(ctx, r.Service, copyingOf(r.Trigger, all))
		}
	}
}

// outcome tells how services got on after a change.
func (w *watching) outcome(ctx context.Context, doing string, began time.Time, rep report.Report, err error) {
	if err != nil {
		w.fault(ctx, doing, err)
		return
	}
	if rep.Err() != nil {
		if err := w.options.Show(rep); err != nil {
			w.fault(ctx, doing, err)
		}
		return
	}
	for _, s := range rep.Services {
		w.tell("%s: %s in %s", s.Name, s.State, since(began))
	}
}

// fault tells what went wrong, and what to do about it.
func (w *watching) fault(ctx context.Context, doing string, err error) {
	if ctx.Err() != nil {
		return
	}
	w.tell("%s: %v", doing, err)
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) && hinted.Hint() != "" {
		w.tell("hint: %s", hinted.Hint())
	}
}

// since is a time for people: milliseconds, or tenths of a second.
func since(began time.Time) time.Duration {
	if took := time.Since(began); took < time.Second {
		return took.Round(time.Millisecond)
	}
	return time.Since(began).Round(100 * time.Millisecond)
}
