package stacktest

import (
	"context"

	"devenv/compose"
)

// An owned thing is a network or a volume.
type owned struct {
	project string
	labels  map[string]string
	files   map[string]string // of a volume, by path
}

// make makes the networks and volumes that the plan names and does not expect to be
// there. The engine is locked.
func (e *Engine) make(plan *compose.Plan) {
	for key, n := range plan.Model.Networks {
		if !n.External {
			e.networks[plan.Project+"_"+key] = owned{project: plan.Project, labels: n.Labels}
		}
	}
	for key, v := range plan.Model.Volumes {
		name := plan.Project + "_" + key
		if _, there := e.volumes[name]; !bool(v.External) && !there {
			e.volumes[name] = owned{plan.Project, v.Labels, map[string]string{}}
		}
	}
}

// Remains finds everything that carries [compose.LabelOwner].
func (e *Engine) Remains(context.Context) ([]compose.Remains, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var things []compose.Thing
	for _, c := range e.containers {
		things = append(things, compose.Thing{Kind: compose.AContainer, Name: c.Name, Project: c.project, Labels: c.Labels})
	}
	for name, n := range e.networks {
		things = append(things, compose.Thing{Kind: compose.ANetwork, Name: name, Project: n.project, Labels: n.labels})
	}
	for name, v := range e.volumes {
		things = append(things, compose.Thing{Kind: compose.AVolume, Name: name, Project: v.project, Labels: v.labels})
	}
	return compose.FindRemains(things), e.reachable()
}
