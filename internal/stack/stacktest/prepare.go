package stacktest

import (
	"context"
	"slices"
	"strings"

	"devenv/compose"
)

// Prepare does what Preparing does.
func (e *Engine) Prepare(ctx context.Context, _ *compose.Plan, service string, args []string, each func(line string)) (int, error) {
	e.mu.Lock()
	e.calls = append(e.calls, "prepare "+service+" "+strings.Join(args, " "))
	err := e.reachable()
	e.mu.Unlock()
	switch {
	case err != nil:
		return 0, err
	case e.Preparing != nil:
		return e.Preparing(ctx, service, args, each)
	case args[0] != "echo":
		return 1, nil
	}
	each(strings.Join(args[1:], " "))
	return 0, nil
}

// Prepared lists what was prepared in a project.
func (e *Engine) Prepared(_ context.Context, project string) ([]compose.Prepared, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []compose.Prepared
	for name, v := range e.volumes {
		if digest := v.labels[compose.LabelPrepared]; digest != "" && v.project == project {
			all = append(all, compose.Prepared{Volume: name, Digest: digest})
		}
	}
	slices.SortFunc(all, func(a, b compose.Prepared) int { return strings.Compare(a.Volume, b.Volume) })
	return all, e.reachable()
}

// NotePrepared makes a volume that says what was prepared, or changes it.
func (e *Engine) NotePrepared(_ context.Context, project string, done compose.Prepared) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls = append(e.calls, "note "+done.Volume)
	e.volumes[done.Volume] = owned{project, map[string]string{compose.LabelPrepared: done.Digest}, map[string]string{}}
	return e.reachable()
}

func preparedOnce(p *party) {
	plan := p.plan(p.service("game", "runs", ""))
	if err := p.Create(p.ctx, plan); err != nil {
		p.Fatal(err)
	}
	before := p.containers()
	var said []string
	each := func(line string) { said = append(said, line) }
	code, err := p.Prepare(p.ctx, plan, "game", []string{"echo", "seeded", "the world"}, each)
	if err != nil || code != 0 || !slices.Equal(said, []string{"seeded the world"}) {
		p.Errorf("echo: %d, %v, said %q", code, err, said)
	}
	if code, err := p.Prepare(p.ctx, plan, "game", []string{"false"}, each); err != nil || code != 1 {
		p.Errorf("false: %d, %v", code, err)
	}
	if now := p.containers(); len(now) != len(before) || now[0].State != compose.Created {
		p.Errorf("containers are %+v", now)
	}
	p.noted(plan)
}

// noted notes something twice, and looks how long it is known.
func (p *party) noted(plan *compose.Plan) {
	p.Helper()
	done := compose.Prepared{Volume: plan.PreparedVolume("game", compose.Prepare{Name: "seed"}), Digest: "one"}
	for _, digest := range []string{"one", "two"} {
		done.Digest = digest
		if err := p.NotePrepared(p.ctx, p.project, done); err != nil {
			p.Fatal(err)
		}
	}
	for _, removal := range []compose.Removal{compose.KeepVolumes, compose.RemoveVolumes} {
		if known, err := p.Prepared(p.ctx, p.project); err != nil || !slices.Equal(known, []compose.Prepared{done}) {
			p.Errorf("known is %+v, %v", known, err)
		}
		if err := p.Down(p.ctx, plan, removal); err != nil {
			p.Fatal(err)
		}
	}
	if known, err := p.Prepared(p.ctx, p.project); err != nil || len(known) > 0 {
		p.Errorf("known without volumes is %+v, %v", known, err)
	}
}
