package compose

import (
	"errors"

	"devenv/internal/dockerfile"
)

// ServiceStages are the stages of one built service.
type ServiceStages struct {
	Service    string  `json:"service"`
	Dockerfile string  `json:"dockerfile"`
	Stages     []Stage `json:"stages"`
	// Missing are the stages that profiles want and the Dockerfile has not, such
	// as "prod wants runner".
	Missing []string `json:"missing,omitempty"`
}

// A Stage is one stage and the profiles that build it.
type Stage struct {
	Name     string   `json:"name"` // "" has none
	From     string   `json:"from"`
	Line     int      `json:"line"`
	Profiles []string `json:"profiles"`
}

// Targets lists every stage of every built service as --target wants it: game=runner.
func (p *Project) Targets() []string {
	built, err := p.Stages()
	if err != nil {
		return nil
	}
	var all []string
	for _, s := range built {
		for _, stage := range s.Stages {
			if stage.Name != "" {
				all = append(all, s.Service+"="+stage.Name)
			}
		}
	}
	return all
}

// Stages lists the stages of each built service, in the order of the file, and
// which profiles use which. Profiles whose plan has a fault use none.
func (p *Project) Stages() ([]ServiceStages, error) {
	used, missing, firstErr := p.usedStages()
	var all []ServiceStages
	services := p.base.model.AllServices()
	for _, name := range p.ServiceNames() {
		if services[name].Build == nil {
			continue
		}
		d := p.base.dockerfiles[name]
		if d.err != nil {
			return nil, serviceFault(name, d.err)
		}
		list := ServiceStages{Service: name, Dockerfile: d.path, Missing: missing[name]}
		if d.file != nil {
			for i, stage := range d.file.Stages {
				list.Stages = append(list.Stages, Stage{stage.Name, stage.Base, stage.Line, used.of(name, d.file, i)})
			}
		}
		all = append(all, list)
	}
	if len(all) == 0 {
		return nil, firstErr
	}
	return all, nil
}

// usage is, by profile and service, the target that is built.
type usage map[string]map[string]string

// usedStages plans every profile; missing is, by service, what profiles want
// in vain.
func (p *Project) usedStages() (used usage, missing map[string][]string, first error) {
	used, missing = usage{}, map[string][]string{}
	for _, profile := range p.Profiles() {
		plan, err := p.Plan(Request{Profile: profile})
		if err != nil {
			if first == nil {
				first = err
			}
			for _, fault := range stageErrors(err) {
				missing[fault.Service] = append(missing[fault.Service], profile+" wants "+fault.Stage)
			}
			continue
		}
		used[profile] = map[string]string{}
		for _, s := range plan.BuiltServices() {
			used[profile][s.Name] = s.Target
		}
	}
	return used, missing, first
}

// stageErrors finds every StageError among joined errors.
func stageErrors(err error) []*StageError {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*StageError
		for _, one := range joined.Unwrap() {
			all = append(all, stageErrors(one)...)
		}
		return all
	}
	var fault *StageError
	if errors.As(err, &fault) {
		return []*StageError{fault}
	}
	return nil
}

func (u usage) of(service string, file *dockerfile.File, stage int) []string {
	profiles := []string{}
	for _, profile := range sortedKeys(u) {
		target, ok := u[profile][service]
		if ok && file.Index(target) == stage {
			profiles = append(profiles, profile)
		}
	}
	return profiles
}
