package stacktest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"devenv/compose"
	"devenv/internal/stack"

	"github.com/compose-spec/compose-go/v2/types"
)

// Create does what docker compose does: it creates what is missing, replaces
// what has changed, and leaves the rest alone.
func (e *Engine) Create(ctx context.Context, plan *compose.Plan) error {
	e.mu.Lock()
	e.calls = append(e.calls, "create "+plan.Project)
	e.make(plan)
	err := e.reachable()
	e.mu.Unlock()
	if err != nil {
		return err
	}
	for _, name := range plan.Model.ServiceNames() {
		if err := e.converge(ctx, plan.Project, plan.Model.Services[name]); err != nil {
			return err
		}
	}
	return e.fill(plan)
}

// converge brings the containers of a service to the number and shape wanted.
func (e *Engine) converge(ctx context.Context, project string, s types.ServiceConfig) error {
	for number := 1; number <= s.GetScale(); number++ {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		old, err := e.create(project, s, number)
		if err != nil {
			return err
		}
		if old != nil {
			e.remove([]*container{old})
		}
	}
	e.remove(e.find(func(c *container) bool {
		return c.project == project && c.Service == s.Name && c.Number > s.GetScale()
	}))
	return nil
}

// create makes a container where there is none that fits; it returns the one
// to be replaced.
func (e *Engine) create(project string, s types.ServiceConfig, number int) (old *container, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	ref, image, err := e.image(project, s)
	if err != nil {
		return nil, err
	}
	hash, err := hashOf(s)
	if err != nil {
		return nil, err
	}
	for _, c := range e.containers {
		if c.project != project || c.Service != s.Name || c.Number != number {
			continue
		}
		if c.hash == hash && c.ImageID == image.ID {
			return nil, nil
		}
		old = c
	}
	labels := maps.Clone(image.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	maps.Copy(labels, s.Labels)
	c := &container{project: project, hash: hash, model: s}
	c.Container = compose.Container{
		ID:      e.id("container"),
		Name:    fmt.Sprintf("%s-%s-%d", project, s.Name, number),
		Service: s.Name,
		Number:  number,
		Image:   ref,
		ImageID: image.ID,
		Labels:  labels,
		State:   compose.Created,
		Hash:    hash,
		Restart: s.Restart != "" && s.Restart != "no",
		Early:   s.HealthCheck != nil && !s.HealthCheck.Disable && s.HealthCheck.StartInterval == nil,
	}
	e.containers = append(e.containers, c)
	e.tell(c, created)
	return old, nil
}

// image is the image of a service; one that is not built is pulled.
func (e *Engine) image(project string, s types.ServiceConfig) (string, compose.Image, error) {
	ref := s.Image
	if ref == "" {
		ref = project + "-" + s.Name
	}
	image, ok := e.images[ref]
	if !ok && s.Build != nil {
		return "", compose.Image{}, fmt.Errorf("no such image: %s", ref)
	}
	if !ok {
		image = compose.Image{ID: e.id("image")}
		e.images[ref] = image
	}
	return ref, image, nil
}

// hashOf leaves out what docker compose leaves out: a new build.target alone
// changes nothing.
func hashOf(s types.ServiceConfig) (string, error) {
	s.Build, s.PullPolicy, s.Scale, s.DependsOn, s.Profiles = nil, "", nil, nil, nil
	text, err := json.Marshal(s)
	return string(text), err
}

func (e *Engine) find(fits func(*container) bool) []*container {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(e.containers), func(c *container) bool { return !fits(c) })
}

// Start starts the containers of a service that do not run.
func (e *Engine) Start(ctx context.Context, plan *compose.Plan, service string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls = append(e.calls, "start "+service)
	for _, c := range e.containers {
		if c.project != plan.Project || c.Service != service || c.runs() {
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		c.Restarts = 0
		if err := e.start(c); err != nil {
			return err
		}
	}
	return e.reachable()
}

// Examine holds when the container says that it is healthy.
func (e *Engine) Examine(_ context.Context, id string) (bool, string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.containers {
		if c.ID == id {
			return c.Health == compose.Healthy, c.HealthLog, e.reachable()
		}
	}
	return false, "", fmt.Errorf("no such container: %s", id)
}

// Bring creates all of a plan and starts it, one service after the other, those
// that others depend on first.
func Bring(ctx context.Context, e stack.Engine, plan *compose.Plan) error {
	if err := e.Create(ctx, plan); err != nil {
		return err
	}
	started := map[string]bool{}
	var start func(service string) error
	start = func(service string) error {
		if started[service] {
			return nil
		}
		started[service] = true
		for name := range plan.Model.Services[service].DependsOn {
			if err := start(name); err != nil {
				return err
			}
		}
		return e.Start(ctx, plan, service)
	}
	for _, name := range plan.Model.ServiceNames() {
		if err := start(name); err != nil {
			return err
		}
	}
	return nil
}

// Remove stops and removes containers.
func (e *Engine) Remove(_ context.Context, containers []compose.Container) error {
	e.remove(e.find(func(c *container) bool {
		return slices.ContainsFunc(containers, func(r compose.Container) bool { return r.ID == c.ID })
	}))
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.reachable()
}

// Down removes the containers of a project, and its volumes when removal says so.
func (e *Engine) Down(ctx context.Context, plan *compose.Plan, removal compose.Removal) error {
	project := plan.Project
	e.mu.Lock()
	e.calls = append(e.calls, "down "+project)
	err := e.reachable()
	e.mu.Unlock()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return err
	}
	e.remove(e.find(func(c *container) bool { return c.project == project }))
	e.mu.Lock()
	defer e.mu.Unlock()
	ours := func(_ string, o owned) bool { return o.project == project }
	maps.DeleteFunc(e.networks, ours)
	if removal != compose.KeepVolumes {
		maps.DeleteFunc(e.volumes, ours)
	}
	return nil
}
