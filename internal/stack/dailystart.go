package stack

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"devenv/compose"
	"devenv/internal/report"
)

// Start starts the containers of the plan that do not run, each as soon as what it
// depends on has happened, and waits until all are ready, as Up does. It creates
// none: a service that has too few is an [IdleError].
func (d Daily) Start(ctx context.Context, plan *compose.Plan) (report.Report, error) {
	before, err := d.startable(ctx, plan)
	if err == nil {
		err = d.guarded()
	}
	if err != nil {
		return report.Report{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	began := time.Now()
	created := make(chan error, 1)
	created <- nil // there is nothing to create
	w := newWait(d.Stack, plan, before)
	if err := w.run(ctx, created, d.Engine.Events(ctx, plan.Project)); err != nil {
		return report.Report{}, err
	}
	rep := w.report(ctx)
	rep.Took = time.Since(began)
	return rep, nil
}

// startable lists the containers of the project, where the services of the plan have
// as many as they should.
func (d Daily) startable(ctx context.Context, plan *compose.Plan) ([]compose.Container, error) {
	all, err := d.Engine.Containers(ctx, plan.Project)
	if err != nil {
		return nil, err
	}
	for _, s := range plan.Services {
		have, want := len(of(s.Name, all)), scale(plan, s.Name)
		if have >= want || plan.Model.Services[s.Name].Provider != nil {
			continue
		}
		why := fmt.Sprintf("has %d of %d containers", have, want)
		if have == 0 {
			why = noContainer
		}
		return nil, &IdleError{Service: s.Name, Why: why, Fix: "`devenv up " + s.Name + "` makes what is missing"}
	}
	return all, nil
}

// Restart stops services and starts them again, with those whose depends_on says to
// restart with them; without a name, all of the plan. It waits as Start does. The
// error may be a [DeclinedError].
func (d Daily) Restart(ctx context.Context, plan *compose.Plan, services []string, grace *time.Duration) (report.Report, error) {
	if len(services) > 0 {
		plan = plan.Only(withDependents(plan, services))
	}
	if _, err := d.startable(ctx, plan); err != nil {
		return report.Report{}, err
	}
	if err := d.part(ctx, plan, names(plan)); err != nil {
		return report.Report{}, err
	}
	return d.again(ctx, plan, grace)
}

// again stops the services of the plan and starts them.
func (d Daily) again(ctx context.Context, plan *compose.Plan, grace *time.Duration) (report.Report, error) {
	if err := d.Engine.StopServices(ctx, plan, names(plan), grace); err != nil {
		return report.Report{}, err
	}
	return d.Start(ctx, plan)
}

// Stop parts from the players of services, and stops these; see [Stopper]. The error
// may be a [DeclinedError].
func (d Daily) Stop(ctx context.Context, plan *compose.Plan, services []string, grace *time.Duration) error {
	if err := d.part(ctx, plan, services); err != nil {
		return err
	}
	return d.Engine.StopServices(ctx, plan, services, grace)
}

// withDependents adds the services that are restarted with one of these.
func withDependents(plan *compose.Plan, services []string) []string {
	all := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		if all[name] {
			return
		}
		all[name] = true
		for dependent, s := range plan.Model.Services {
			if s.DependsOn[name].Restart {
				add(dependent)
			}
		}
	}
	for _, name := range services {
		add(name)
	}
	return slices.Sorted(maps.Keys(all))
}

func names(plan *compose.Plan) []string {
	var all []string
	for _, s := range plan.Services {
		all = append(all, s.Name)
	}
	return all
}
