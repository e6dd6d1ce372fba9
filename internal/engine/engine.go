// Package engine runs plans on a Docker Engine, through docker/compose/v2 as a
// library and the Engine API. It is the only package that imports docker/*, and
// the only one that touches the global variables of those libraries.
//
// It decides nothing: what to build, start and remove is in the plan.
package engine

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/docker/cli/cli/command"
	"github.com/docker/cli/cli/flags"
	composeapi "github.com/docker/compose/v2/pkg/api"
	composelib "github.com/docker/compose/v2/pkg/compose"
	"github.com/docker/docker/client"
)

// An Engine is a Docker Engine that has answered.
type Engine struct {
	cli     command.Cli
	api     client.APIClient
	compose composeapi.Compose
	host    string // where it is, as DOCKER_HOST would say
	log     *filter
	mode    Progress
}

// Options say how an Engine tells its story.
type Options struct {
	Log      io.Writer // the story; never the answer
	Progress Progress
}

// UnreachableError is an engine that does not answer.
type UnreachableError struct {
	Host string
	Err  error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("no docker engine answers at %s: %s", e.Host, plainCause(e.Err))
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// Hint says how to get one.
func (e *UnreachableError) Hint() string {
	if os.Getenv("DOCKER_HOST") != "" {
		return "check DOCKER_HOST, or unset it to use the engine of this machine"
	}
	return "start Docker (`systemctl start docker`, or Docker Desktop), or choose another one with DOCKER_HOST or `docker context use`"
}

// plainCause takes the client's own advice off its message.
func plainCause(err error) string {
	text := err.Error()
	if strings.Contains(text, "permission denied") {
		return "permission denied; your user may not use it"
	}
	if i := strings.Index(text, ". Is the docker daemon running"); i >= 0 {
		return "it is not running"
	}
	return text
}

// New connects to the engine that the docker command would use: DOCKER_HOST,
// else the current docker context. The error is an [UnreachableError] when none
// answers.
func New(ctx context.Context, o Options) (*Engine, error) {
	quiet(o)
	log := &filter{w: o.Log}
	out := composeStream(o, log)
	cli, err := command.NewDockerCli(command.WithOutputStream(out), command.WithErrorStream(out))
	if err != nil {
		return nil, fmt.Errorf("set up the docker client: %w", err)
	}
	if err := cli.Initialize(flags.NewClientOptions()); err != nil {
		return nil, &UnreachableError{Host: "the docker context", Err: err}
	}
	if err := known(cli); err != nil {
		return nil, err
	}
	if err := cli.Apply(command.WithAPIClient(finisher{cli.Client()})); err != nil {
		return nil, fmt.Errorf("set up the docker client: %w", err)
	}
	e := &Engine{cli: cli, api: cli.Client(), host: cli.DockerEndpoint().Host, log: log, mode: o.Progress}
	if err := e.ping(ctx); err != nil {
		return nil, err
	}
	e.compose = composelib.NewComposeService(cli)
	return e, nil
}

// known checks what the docker client would end the program for: a context that
// does not exist, and a DOCKER_HOST that is no address.
func known(cli command.Cli) error {
	name := cli.CurrentContext()
	if host := os.Getenv("DOCKER_HOST"); host != "" && os.Getenv("DOCKER_CONTEXT") == "" {
		if _, err := client.ParseHostURL(host); err != nil {
			return &UnreachableError{Host: host, Err: err}
		}
	}
	if name == command.DefaultContextName {
		return nil
	}
	if _, err := cli.ContextStore().GetMetadata(name); err != nil {
		return &UnreachableError{Host: "docker context " + name, Err: err}
	}
	return nil
}

// patience is how long an engine may take to say that it is there.
const patience = 10 * time.Second

func (e *Engine) ping(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := e.api.Ping(bounded)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case bounded.Err() != nil:
		err = fmt.Errorf("no answer within %v", patience)
	}
	return &UnreachableError{Host: e.host, Err: err}
}

// Close ends the connection.
func (e *Engine) Close() error { return e.api.Close() }

// Local tells whether the engine runs on this machine, so that its ports are
// ours and its containers' addresses can be dialled.
func (e *Engine) Local() bool {
	return strings.HasPrefix(e.host, "unix://") || strings.HasPrefix(e.host, "npipe://")
}

// Host is the name under which published ports can be dialled from here.
func (e *Engine) Host() string {
	u, err := url.Parse(e.host)
	if e.Local() || err != nil || u.Hostname() == "" {
		return "127.0.0.1"
	}
	return u.Hostname()
}

// Version says which engine it is, for people.
func (e *Engine) Version(ctx context.Context) (string, error) {
	v, err := e.api.ServerVersion(ctx)
	if err != nil {
		return "", fmt.Errorf("ask the engine for its version: %w", err)
	}
	return fmt.Sprintf("%s (API %s)", v.Version, v.APIVersion), nil
}
