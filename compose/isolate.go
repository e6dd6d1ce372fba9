package compose

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// Labels of everything that belongs to a smoke run: who has made it, when, and
// from when on nobody can still need it.
const (
	LabelOwner    = "devenv.owner"
	LabelStarted  = "devenv.started"
	LabelDeadline = "devenv.deadline"
)

// A Universe is what a run has of its own beside the developer's environment.
type Universe struct {
	Project string            // the name of its own
	Labels  map[string]string // put on every container, network and volume
	Images  map[string]string // by service: ID of the image that was built for it
}

// Why an isolated plan differs from the one that it is made of.
const (
	ownName    = "a smoke run has names of its own"
	ownNetwork = "a smoke run has networks of its own"
	ownVolume  = "a smoke run has volumes of its own"
	ownLabels  = "to tell what belongs to a smoke run"
	ownCopy    = "a smoke run works on a copy"
	freePort   = "the engine chooses a free port"
	builtImage = "the image that was built"
)

// Isolate is the plan in a universe of its own: its model can run beside that of
// the plan and touches nothing of it. The plan is not changed. It reads the disk,
// to know what is mounted and how large it is. What cannot be isolated is told
// all at once, each as a [FileError]. A built service without an image in the
// universe is a fault of the caller.
func (p *Plan) Isolate(u Universe) (*Plan, error) {
	p = p.AsImage(p.AsUsers())                  // no file of this machine is made
	model, err := p.Model.WithServicesEnabled() // a copy of all of it
	if err != nil {
		return nil, fmt.Errorf("copy the model of %s: %w", p.Project, err)
	}
	is := &isolation{plan: p, universe: u, model: model}
	if err := is.imagesKnown(); err != nil {
		return nil, err
	}
	is.refuse()
	is.rename()
	is.networks()
	is.volumes()
	is.binds()
	is.noteReach()
	for _, name := range model.ServiceNames() {
		is.service(name)
	}
	return is.isolated(), errors.Join(is.faults...)
}

// An isolation holds an isolated plan while it is being made.
type isolation struct {
	plan     *Plan
	universe Universe
	model    *types.Project

	changes []Change
	notes   []string
	uploads []Upload
	faults  []error
}

// isolated is the plan that has come out, nil where something was refused.
func (is *isolation) isolated() *Plan {
	if len(is.faults) > 0 {
		return nil
	}
	plan := *is.plan
	plan.origin = is.plan
	plan.Project, plan.Model = is.universe.Project, is.model
	plan.Services = slices.Clone(is.plan.Services)
	for i := range plan.Services {
		plan.Services[i].Built = false
	}
	plan.Changes = slices.Concat(is.plan.Changes, is.changes)
	plan.Notes = slices.Concat(is.plan.Notes, is.notes)
	plan.Uploads = sortedUploads(is.uploads)
	return &plan
}

func (is *isolation) change(service, field, from, to, cause string) {
	if from != to {
		is.changes = append(is.changes, Change{service, field, from, to, cause})
	}
}

func (is *isolation) note(format string, args ...any) {
	is.notes = append(is.notes, fmt.Sprintf(format, args...))
}

// imagesKnown is the rule that every built service has its image.
func (is *isolation) imagesKnown() error {
	for _, name := range is.model.ServiceNames() {
		if is.model.Services[name].Build != nil && is.universe.Images[name] == "" {
			return fmt.Errorf("service %q is built, and its image is not given", name)
		}
	}
	return nil
}

func (is *isolation) rename() {
	is.change("", "name", is.model.Name, is.universe.Project, ownName)
	is.model.Name = is.universe.Project
	is.model.DisabledServices = types.Services{}
}

func (is *isolation) service(name string) {
	s := is.model.Services[name]
	is.image(&s)
	is.ports(&s)
	is.containerName(&s)
	is.macAddresses(&s)
	s.Labels = is.labelled(name, "labels", s.Labels)
	is.model.Services[name] = s
}

func (is *isolation) image(s *types.ServiceConfig) {
	id := is.universe.Images[s.Name]
	if id == "" {
		return
	}
	is.change(s.Name, "image", s.Image, id, builtImage)
	is.change(s.Name, "pull_policy", s.PullPolicy, types.PullPolicyNever, builtImage)
	s.Build, s.Image, s.PullPolicy = nil, id, types.PullPolicyNever
}

func (is *isolation) ports(s *types.ServiceConfig) {
	for i, port := range s.Ports {
		is.change(s.Name, fmt.Sprintf("ports.%d.published", port.Target), port.Published, "", freePort)
		s.Ports[i].Published = ""
	}
}

// containerName makes the name that the author gave the container an alias: the
// engine has each name once, and others of the project may use it.
func (is *isolation) containerName(s *types.ServiceConfig) {
	name := s.ContainerName
	if name == "" {
		return
	}
	is.change(s.Name, "container_name", name, "", ownName)
	s.ContainerName = ""
	if len(s.Networks) == 0 && name != s.Name {
		is.note("service %q: nothing finds its container as %s in a smoke run, since it has no network of its own", s.Name, name)
	}
	for _, key := range sortedKeys(s.Networks) {
		network := s.Networks[key]
		if network == nil {
			network = &types.ServiceNetworkConfig{}
		}
		if name == s.Name || slices.Contains(network.Aliases, name) {
			continue
		}
		network.Aliases = append(network.Aliases, name)
		s.Networks[key] = network
		is.change(s.Name, "networks."+key+".aliases", "", name, "others may know it by its container_name")
	}
}

// macAddresses drops fixed ones, which the environment beside has too.
func (is *isolation) macAddresses(s *types.ServiceConfig) {
	is.change(s.Name, "mac_address", s.MacAddress, "", ownNetwork)
	s.MacAddress = ""
	for _, key := range sortedKeys(s.Networks) {
		if network := s.Networks[key]; network != nil {
			is.change(s.Name, "networks."+key+".mac_address", network.MacAddress, "", ownNetwork)
			network.MacAddress = ""
		}
	}
}

// labelled adds the labels of the universe, as one change.
func (is *isolation) labelled(service, field string, labels types.Labels) types.Labels {
	all := types.Labels{}
	maps.Copy(all, labels)
	maps.Copy(all, is.universe.Labels)
	is.change(service, field, "", strings.Join(sortedKeys(is.universe.Labels), ", "), ownLabels)
	return all
}
