package engine

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"devenv/compose"

	"github.com/containerd/errdefs"
	composeapi "github.com/docker/compose/v2/pkg/api"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/pkg/stdcopy"
	"github.com/docker/go-connections/nat"
)

// Containers lists the containers of a project, also those that have ended, by
// service and number. One-off containers of `docker compose run` are not among
// them.
func (e *Engine) Containers(ctx context.Context, project string) ([]compose.Container, error) {
	of := byProject(project)
	of.Add("label", composeapi.OneoffLabel+"=False")
	list, err := e.api.ContainerList(ctx, container.ListOptions{All: true, Filters: of})
	if err != nil {
		return nil, e.wrap("list containers", err)
	}
	found := make([]*compose.Container, len(list))
	errs := make([]error, len(list))
	var wg sync.WaitGroup
	for i, c := range list {
		wg.Go(func() { found[i], errs[i] = e.inspect(ctx, c.ID) })
	}
	wg.Wait()
	var containers []compose.Container
	for i, c := range found {
		if errs[i] != nil {
			return nil, errs[i]
		}
		if c != nil {
			containers = append(containers, *c)
		}
	}
	slices.SortFunc(containers, func(a, b compose.Container) int {
		if a.Service != b.Service {
			return strings.Compare(a.Service, b.Service)
		}
		return a.Number - b.Number
	})
	return containers, nil
}

// inspect is nil for a container that has gone since it was listed.
func (e *Engine) inspect(ctx context.Context, id string) (*compose.Container, error) {
	c, err := e.api.ContainerInspect(ctx, id)
	if errdefs.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, e.wrap("inspect container "+id, err)
	}
	number, _ := strconv.Atoi(c.Config.Labels[composeapi.ContainerNumberLabel])
	started, _ := time.Parse(time.RFC3339Nano, c.State.StartedAt)
	observed := &compose.Container{
		ID:       c.ID,
		Name:     strings.TrimPrefix(c.Name, "/"),
		Service:  c.Config.Labels[composeapi.ServiceLabel],
		Number:   number,
		Image:    c.Config.Image,
		ImageID:  c.Image,
		Labels:   c.Config.Labels,
		State:    compose.State(c.State.Status),
		PID:      c.State.Pid,
		ExitCode: c.State.ExitCode,
		OOM:      c.State.OOMKilled,
		Error:    Plain(c.State.Error),
		Hash:     c.Config.Labels[composeapi.ConfigHashLabel],
		Restarts: c.RestartCount,
		Started:  started,
		Restart:  restarts(c.HostConfig.RestartPolicy),
		HostMode: c.HostConfig.NetworkMode.IsHost(),
		Ports:    ports(c.NetworkSettings.Ports),
	}
	for _, n := range c.NetworkSettings.Networks {
		if n.IPAddress != "" {
			observed.Networks = append(observed.Networks, n.IPAddress)
		}
	}
	slices.Sort(observed.Networks)
	setHealth(observed, c.State.Health)
	observed.Early = healthCommand(c.Config) != nil && c.Config.Healthcheck.StartInterval == 0
	return observed, nil
}

func setHealth(c *compose.Container, h *container.Health) {
	if h == nil || h.Status == container.NoHealthcheck {
		return
	}
	c.Health = compose.Health(h.Status)
	if n := len(h.Log); n > 0 {
		c.HealthLog = plainText(h.Log[n-1].Output)
	}
}

// restarts tells whether the engine starts a container again that crashes.
func restarts(p container.RestartPolicy) bool {
	return p.IsAlways() || p.IsUnlessStopped() || p.IsOnFailure()
}

// ports lists each tcp port once; where it is published on IPv4 and IPv6, the
// former is kept.
func ports(m nat.PortMap) []compose.Port {
	var list []compose.Port
	for port, bindings := range m {
		if port.Proto() != "tcp" {
			continue
		}
		p := compose.Port{Target: uint16(port.Int())}
		for _, b := range bindings {
			if n, err := strconv.ParseUint(b.HostPort, 10, 16); err == nil && (p.Published == 0 || !strings.Contains(b.HostIP, ":")) {
				p.Published, p.HostIP = uint16(n), b.HostIP
			}
		}
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b compose.Port) int { return int(a.Target) - int(b.Target) })
	return list
}

// Holders lists every published port of every running container.
func (e *Engine) Holders(ctx context.Context) ([]compose.Holder, error) {
	list, err := e.api.ContainerList(ctx, container.ListOptions{})
	if err != nil {
		return nil, e.wrap("list containers", err)
	}
	var holders []compose.Holder
	for _, c := range list {
		for _, p := range c.Ports {
			if p.PublicPort == 0 {
				continue
			}
			holders = append(holders, compose.Holder{
				Container: nameOf(c.Names),
				Project:   c.Labels[composeapi.ProjectLabel],
				Protocol:  p.Type,
				Port:      compose.Port{Target: p.PrivatePort, Published: p.PublicPort, HostIP: p.IP},
			})
		}
	}
	return holders, nil
}

func nameOf(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return strings.TrimPrefix(names[0], "/")
}

// Events sends what happens to the containers of a project, from now until ctx
// ends or the engine goes away; then the channel is closed.
func (e *Engine) Events(ctx context.Context, project string) <-chan compose.Event {
	of := byProject(project)
	of.Add("type", string(events.ContainerEventType))
	messages, errs := e.api.Events(ctx, events.ListOptions{Filters: of, Since: e.now(ctx)})
	out := make(chan compose.Event)
	go func() {
		defer close(out)
		for {
			select {
			case m := <-messages:
				select {
				case out <- event(m):
				case <-ctx.Done():
					return
				}
			case <-errs:
				return
			}
		}
	}()
	return out
}

// now is the engine's time, which may not be ours. An engine answers a request
// for events before it has begun to listen for them; told since when, it leaves
// no gap. "" is a time that it does not tell.
func (e *Engine) now(ctx context.Context) string {
	info, err := e.api.Info(ctx)
	if err != nil {
		return ""
	}
	return info.SystemTime
}

func event(m events.Message) compose.Event {
	action, _, _ := strings.Cut(string(m.Action), ":")
	code, _ := strconv.Atoi(m.Actor.Attributes["exitCode"])
	return compose.Event{
		Container: m.Actor.ID,
		Service:   m.Actor.Attributes[composeapi.ServiceLabel],
		Action:    compose.Action(action),
		ExitCode:  code,
	}
}

// Logs is the last lines of what a container printed, as plain text.
func (e *Engine) Logs(ctx context.Context, id string, lines int) ([]string, error) {
	c, err := e.api.ContainerInspect(ctx, id)
	if err != nil {
		return nil, e.wrap("inspect container "+id, err)
	}
	r, err := e.api.ContainerLogs(ctx, id, container.LogsOptions{ShowStdout: true, ShowStderr: true, Tail: strconv.Itoa(lines)})
	if err != nil {
		return nil, e.wrap("read the log of container "+id, err)
	}
	defer r.Close()
	var text bytes.Buffer
	if c.Config.Tty {
		_, err = io.Copy(&text, io.LimitReader(r, 1<<20))
	} else {
		_, err = stdcopy.StdCopy(&text, &text, io.LimitReader(r, 1<<20))
	}
	if err != nil {
		return nil, e.wrap("read the log of container "+id, err)
	}
	all := plainLines(text.String())
	return all[max(0, len(all)-lines):], nil
}
