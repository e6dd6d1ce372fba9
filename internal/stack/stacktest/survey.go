package stacktest

import (
	"context"

	"devenv/compose"
)

// Finds says what a survey of a service comes to, from now on. Of others it finds an
// image of root, and nothing in their volumes.
func (e *Engine) Finds(service string, found compose.Survey) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.surveys[service] = found
}

// Survey finds what it was told.
func (e *Engine) Survey(_ context.Context, _ *compose.Plan, service string) (compose.Survey, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls = append(e.calls, "survey "+service)
	return e.surveys[service], e.reachable()
}

func surveyed(p *party) {
	p.planOf(p.project, "services:\n"+p.service("game", "runs", "    volumes: ['world:/world']\n    x-devenv: { user: host }\n")+"volumes: { world: {} }\n")
	loaded, err := compose.Load(p.ctx, compose.Source{ProjectDirectory: p.dir, ProjectName: p.project})
	if err != nil {
		p.Fatal(err)
	}
	plan, err := loaded.For(compose.Owner{User: 1000, Group: 1000}).Plan(compose.Request{Profile: "prod"})
	if err != nil {
		p.Fatal(err)
	}
	found, err := p.Survey(p.ctx, plan, "game")
	if err != nil || found.MapsUsers || found.User != "" || found.Volumes["/world"].Filled {
		p.Errorf("found %+v, %v", found, err)
	}
	if all := p.containers(); len(all) > 0 {
		p.Errorf("it has left %+v", all)
	}
}
