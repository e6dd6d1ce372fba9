package engine

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"devenv/compose"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/containerd/errdefs"
	"github.com/docker/cli/cli/command"
	"github.com/docker/cli/cli/flags"
	composeapi "github.com/docker/compose/v2/pkg/api"
	composelib "github.com/docker/compose/v2/pkg/compose"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
)

// Run makes a container of a service for one command, runs it to its end and
// returns its exit code. What the service depends on, and its image, must be
// there. Interrupts are the command's; a second one kills it.
//
// The container is docker compose's; its library would also attach to it, but
// sends it each signal twice, and can't be told which streams to use.
func (e *Engine) Run(ctx context.Context, plan *compose.Plan, service string, o compose.OneOff, s compose.Streams) (code int, err error) {
	id, err := e.prepare(ctx, plan, service, o, s)
	if err != nil {
		return 0, e.wrap("create a container of "+service, err)
	}
	if err = e.own(ctx, plan); err == nil {
		code, err = e.runPrepared(ctx, id, o, s)
	}
	if err != nil && o.Remove {
		err = errors.Join(err, e.discardOneOff(ctx, id))
	}
	return code, err
}

// prepare has compose create the container with all that the service says, and
// start it, which is not passed on.
func (e *Engine) prepare(ctx context.Context, plan *compose.Plan, service string, o compose.OneOff, s compose.Streams) (id string, err error) {
	unstarted := &unstarted{APIClient: e.api}
	cli, err := command.NewDockerCli(command.WithAPIClient(unstarted), command.WithInputStream(closable(s.In)),
		command.WithOutputStream(io.Discard), command.WithErrorStream(e.cli.Err()))
	if err != nil {
		return "", err
	}
	if err := cli.Initialize(flags.NewClientOptions()); err != nil {
		return "", err
	}
	model := labelled(plan.Model)
	alone := model.Services[service]
	alone.DependsOn = nil
	model.Services = types.Services{service: alone}
	draw(e.mode)
	defer draw(Quiet)
	_, err = composelib.NewComposeService(cli).RunOneOffContainer(ctx, model, composeapi.RunOptions{
		CreateOptions: composeapi.CreateOptions{IgnoreOrphans: true, QuietPull: e.mode == Quiet},
		Service:       service, Command: o.Args, Entrypoint: o.Entrypoint, Environment: o.Env, User: o.User, WorkingDir: o.Dir,
		Tty: o.Terminal, Interactive: s.In != nil, AutoRemove: o.Remove, NoDeps: true, Detach: true,
	})
	if err == nil && unstarted.id == "" {
		err = errors.New("docker compose has made none")
	}
	return unstarted.id, err
}

// closable is input as compose wants it, which looks whether it is a terminal.
func closable(in io.Reader) io.ReadCloser {
	if c, ok := in.(io.ReadCloser); ok {
		return c
	}
	return io.NopCloser(in)
}

// unstarted notes which container is to be started, and does not.
type unstarted struct {
	client.APIClient
	id string
}

// ContainerStart notes the container.
func (u *unstarted) ContainerStart(_ context.Context, id string, _ container.StartOptions) error {
	u.id = id
	return nil
}

// runPrepared starts a container and stays with it until it has ended.
func (e *Engine) runPrepared(ctx context.Context, id string, o compose.OneOff, s compose.Streams) (int, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	attached, err := e.api.ContainerAttach(ctx, id, container.AttachOptions{Stream: true, Stdin: s.In != nil, Stdout: true, Stderr: true, DetachKeys: detachKeys})
	if err != nil {
		return 0, e.wrap("attach to container "+id, err)
	}
	defer attached.Close()
	ends, failed := e.api.ContainerWait(ctx, id, ending(o))
	if err := e.api.ContainerStart(ctx, id, container.StartOptions{}); err != nil {
		return 0, e.wrap("start the command", err)
	}
	defer e.passSignals(ctx, id)()
	go resize(ctx, s.Sizes, func(size container.ResizeOptions) error { return e.api.ContainerResize(ctx, id, size) })
	if err := carry(ctx, attached, s, o.Terminal); err != nil {
		return 0, e.wrap("run the command", err)
	}
	select {
	case end := <-ends:
		return int(end.StatusCode), nil
	case err := <-failed:
		return 0, e.wrap("wait for the command", err)
	}
}

// ending is what a one-off container is waited for.
func ending(o compose.OneOff) container.WaitCondition {
	if o.Remove {
		return container.WaitConditionRemoved
	}
	return container.WaitConditionNextExit
}

// passSignals passes interrupts on to a container: the first as it is, further
// ones as an end. Compose's library has taken them from whoever waited for them.
func (e *Engine) passSignals(ctx context.Context, id string) (stop func()) {
	caught := make(chan os.Signal, 2)
	signal.Notify(caught, os.Interrupt, syscall.SIGTERM)
	go func() {
		names := map[os.Signal]string{os.Interrupt: "SIGINT", syscall.SIGTERM: "SIGTERM"}
		for first := true; ; first = false {
			select {
			case <-ctx.Done():
				return
			case s := <-caught:
				name := names[s]
				if !first {
					name = "SIGKILL"
				}
				_ = e.api.ContainerKill(ctx, id, name) // it may have ended just now
			}
		}
	}()
	return func() { signal.Stop(caught) }
}

// discardOneOff removes a container that has not come to its end.
func (e *Engine) discardOneOff(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hung)
	defer cancel()
	err := e.api.ContainerRemove(ctx, id, container.RemoveOptions{Force: true, RemoveVolumes: true})
	if err == nil || errdefs.IsNotFound(err) || errdefs.IsConflict(err) {
		return nil
	}
	return e.wrap("remove container "+id, err)
}
