package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"devenv/compose"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/cli/cli/command"
	"github.com/docker/cli/cli/flags"
	composeapi "github.com/docker/compose/v2/pkg/api"
	composelib "github.com/docker/compose/v2/pkg/compose"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
	"github.com/docker/docker/client"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Prepare runs a command in a container of its own that is made as those of the
// service are, but for ports, and is removed again, whatever happens. Each line that
// it prints is plain; the code is that of the command.
func (e *Engine) Prepare(ctx context.Context, plan *compose.Plan, service string, args []string, each func(line string)) (code int, err error) {
	id, err := e.makeBeside(ctx, plan, service, args)
	if id != "" {
		defer func() { err = errors.Join(err, e.discardOneOff(ctx, id)) }()
	}
	if err != nil {
		return 0, e.wrap("create a container of "+service, err)
	}
	beside := compose.Container{ID: id, Name: id, Service: service}
	if err := e.fill(ctx, beside, outsideVolumes(plan, service)); err != nil {
		return 0, err
	}
	out, errs := &liner{each: each}, &liner{each: each}
	code, err = e.runPrepared(ctx, id, compose.OneOff{Remove: true}, compose.Streams{Out: out, Err: errs})
	out.end()
	errs.end()
	return code, err
}

// unsetVariable is asked for by a config that is put into the container last, and
// so keeps compose's library from starting it.
const unsetVariable = "DEVENV_STARTS_THIS_ITSELF"

// makeBeside has compose create a container with all that the service says, and its
// secrets and configs. The library would start it, too, but takes all signals from
// the program before it does, for good; so it is made to fail just before that. The
// ID is there also where that fails otherwise.
func (e *Engine) makeBeside(ctx context.Context, plan *compose.Plan, service string, args []string) (id string, err error) {
	noted := &noted{APIClient: e.api}
	cli, err := command.NewDockerCli(command.WithAPIClient(noted), command.WithInputStream(io.NopCloser(&bytes.Buffer{})),
		command.WithOutputStream(io.Discard), command.WithErrorStream(io.Discard))
	if err != nil {
		return "", err
	}
	if err := cli.Initialize(flags.NewClientOptions()); err != nil {
		return "", err
	}
	_, err = composelib.NewComposeService(cli).RunOneOffContainer(ctx, beside(plan.Model, service), composeapi.RunOptions{
		CreateOptions: composeapi.CreateOptions{IgnoreOrphans: true, QuietPull: true},
		Service:       service, Command: args, NoDeps: true, Detach: true, AutoRemove: true,
	})
	if ctx.Err() != nil {
		return noted.id, ctx.Err()
	}
	if err != nil && strings.Contains(err.Error(), unsetVariable) {
		return noted.id, nil
	}
	if err == nil {
		err = errors.New("docker compose has started it out of turn")
	}
	return noted.id, err
}

// beside is a model in which the service is alone, and nothing of it stands in the
// way of its own container.
func beside(model *types.Project, service string) *types.Project {
	m := labelled(model)
	s := m.Services[service]
	s.DependsOn, s.Ports, s.Build, s.PullPolicy = nil, nil, nil, types.PullPolicyNever
	s.Image = composeapi.GetImageNameOrDefault(s, m.Name)
	s.HealthCheck = &types.HealthCheckConfig{Disable: true}
	s.Tty, s.StdinOpen = false, false
	m.Configs = maps.Clone(m.Configs)
	if m.Configs == nil {
		m.Configs = types.Configs{}
	}
	m.Configs[unsetVariable] = types.ConfigObjConfig{Name: unsetVariable, Environment: unsetVariable}
	s.Configs = append(slices.Clone(s.Configs), types.ServiceConfigObjConfig{Source: unsetVariable})
	m.Services = types.Services{service: s}
	return m
}

// noted notes which container is created.
type noted struct {
	client.APIClient
	id string
}

// ContainerCreate notes the container.
func (n *noted) ContainerCreate(ctx context.Context, config *container.Config, host *container.HostConfig, net *network.NetworkingConfig, platform *ocispec.Platform, name string) (container.CreateResponse, error) {
	made, err := n.APIClient.ContainerCreate(ctx, config, host, net, platform, name)
	if err == nil {
		n.id = made.ID
	}
	return made, err
}

// outsideVolumes are the uploads for a service that are not in a volume, which has
// its copy since the service was created.
func outsideVolumes(plan *compose.Plan, service string) []compose.Upload {
	return slices.DeleteFunc(slices.Clone(plan.Uploads), func(u compose.Upload) bool {
		return u.Service != service || slices.ContainsFunc(plan.Model.Services[service].Volumes, func(v types.ServiceVolumeConfig) bool {
			return v.Type == types.VolumeTypeVolume && v.Source != "" && strings.HasPrefix(u.Target+"/", strings.TrimSuffix(v.Target, "/")+"/")
		})
	})
}

// A liner passes what is written to it on, line by line, as plain text.
type liner struct {
	each func(line string)
	rest []byte
}

// Write passes on the lines that have come to their end.
func (l *liner) Write(text []byte) (int, error) {
	l.rest = append(l.rest, text...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 && len(l.rest) < longestLine {
			return len(text), nil
		}
		if i < 0 {
			i = len(l.rest) - 1
		}
		line := l.rest[:i+1]
		l.rest = l.rest[i+1:]
		l.pass(line)
	}
}

// end passes on a last line that has none.
func (l *liner) end() {
	if len(l.rest) > 0 {
		l.pass(l.rest)
	}
	l.rest = nil
}

func (l *liner) pass(line []byte) {
	for _, plain := range plainLines(string(line)) {
		l.each(plain)
	}
}

// Prepared lists what was prepared in a project.
func (e *Engine) Prepared(ctx context.Context, project string) ([]compose.Prepared, error) {
	of := byProject(project)
	of.Add("label", compose.LabelPrepared)
	list, err := e.api.VolumeList(ctx, volume.ListOptions{Filters: of})
	if err != nil {
		return nil, e.wrap("list volumes", err)
	}
	var all []compose.Prepared
	for _, v := range list.Volumes {
		all = append(all, compose.Prepared{Volume: v.Name, Digest: v.Labels[compose.LabelPrepared]})
	}
	slices.SortFunc(all, func(a, b compose.Prepared) int { return strings.Compare(a.Volume, b.Volume) })
	return all, nil
}

// NotePrepared makes the volume that says what was prepared, in place of one that says
// otherwise. It holds nothing, and no service mounts it.
func (e *Engine) NotePrepared(ctx context.Context, project string, done compose.Prepared) error {
	if err := e.forgetPrepared(ctx, project, done.Volume); err != nil {
		return err
	}
	_, err := e.api.VolumeCreate(ctx, volume.CreateOptions{Name: done.Volume, Labels: map[string]string{
		composeapi.ProjectLabel: project,
		compose.LabelPrepared:   done.Digest,
	}})
	return e.wrap("make volume "+done.Volume, err)
}

// forgetPrepared removes the volume that says what was prepared, where there is one
// of the project.
func (e *Engine) forgetPrepared(ctx context.Context, project, name string) error {
	of := byProject(project)
	of.Add("label", compose.LabelPrepared)
	list, err := e.api.VolumeList(ctx, volume.ListOptions{Filters: of})
	if err != nil {
		return e.wrap("list volumes", err)
	}
	for _, v := range list.Volumes {
		if v.Name == name {
			err = e.api.VolumeRemove(ctx, name, true)
		}
	}
	return e.wrap("remove volume "+name, err)
}
