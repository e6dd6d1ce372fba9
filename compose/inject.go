package compose

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// inject changes the model for the services that have a target, each target
// with an image tag of its own: docker compose neither rebuilds nor recreates
// for a new build.target, since neither the image's name nor its hash of the
// service has the target in it. pull_policy build keeps it from asking a
// registry for that name.
func (pl *planner) inject() {
	for _, name := range slices.Sorted(maps.Keys(pl.targets)) {
		s := pl.model.Services[name]
		pl.retarget(&s, pl.targets[name])
		pl.model.Services[name] = s
	}
	for _, name := range pl.model.ServiceNames() {
		if pl.project.settings.Services[name].overriding() {
			pl.label(name, LabelProfile, pl.profile)
		}
	}
}

func (pl *planner) retarget(s *types.ServiceConfig, t target) {
	build := *s.Build
	if build.Target != t.stage || t.stage == "" {
		pl.change(s.Name, "build.target", build.Target, stageName(t.stage), t.cause)
	}
	build.Target = t.stage
	s.Build = &build

	image := targetImage(imageName(*s, pl.project.Name), t.stage)
	pl.change(s.Name, "image", s.Image, image, "an image for each target")
	s.Image = image

	if s.PullPolicy != types.PullPolicyBuild {
		pl.change(s.Name, "pull_policy", s.PullPolicy, types.PullPolicyBuild, "the image is built, never pulled")
		s.PullPolicy = types.PullPolicyBuild
	}
	s.Labels = maps.Clone(s.Labels)
	if s.Labels == nil {
		s.Labels = types.Labels{}
	}
	s.Labels[LabelProfile] = pl.profile
	s.Labels[LabelTarget] = stageName(t.stage)
	pl.change(s.Name, "labels."+LabelProfile, "", pl.profile, "to tell what runs")
	pl.change(s.Name, "labels."+LabelTarget, "", stageName(t.stage), "to tell what runs")
}

func (pl *planner) label(service, label, value string) {
	s := pl.model.Services[service]
	if s.Labels[label] == value {
		return
	}
	s.Labels = maps.Clone(s.Labels)
	if s.Labels == nil {
		s.Labels = types.Labels{}
	}
	s.Labels[label] = value
	pl.model.Services[service] = s
	pl.change(service, "labels."+label, "", value, "to tell what runs")
}

func (pl *planner) change(service, field, from, to, cause string) {
	pl.changes = append(pl.changes, Change{service, field, from, to, cause})
}

// tellOverrides lists what the override of the profile changed, key by key.
func (pl *planner) tellOverrides() {
	declared := pl.project.base.model.AllServices()
	for _, name := range pl.model.ServiceNames() {
		if _, from := pl.project.settings.override(name, pl.profile); from == "" {
			continue
		}
		before, after := declared[name], pl.model.Services[name]
		for _, d := range differences(before, after) {
			pl.change(name, d.key, d.before, d.after, extension+" override of profile "+pl.profile)
		}
	}
}

// imageName is the image of a service: its own, or docker compose's name for it.
func imageName(s types.ServiceConfig, project string) string {
	if s.Image != "" {
		return s.Image
	}
	return project + "-" + s.Name
}

// targetImage adds the stage to the tag: game -> game:runner, game:1.2 ->
// game:1.2-runner. The last stage is "_last", which no stage can be called.
func targetImage(image, stage string) string {
	if stage == "" {
		stage = "_last"
	}
	image, _, _ = strings.Cut(image, "@")
	name, tag := image, ""
	if colon := strings.LastIndex(image, ":"); colon > strings.LastIndex(image, "/") {
		name, tag = image[:colon], image[colon+1:]
	}
	if tag == "" {
		return fmt.Sprintf("%s:%s", name, stage)
	}
	return fmt.Sprintf("%s:%s-%s", name, tag, stage)
}
