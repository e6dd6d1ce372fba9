package engine

import (
	"context"
	"errors"
	"testing"

	"devenv/compose"

	"github.com/compose-spec/compose-go/v2/types"
	composeapi "github.com/docker/compose/v2/pkg/api"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/docker/go-connections/nat"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func model() *types.Project {
	two := 2
	return &types.Project{
		Name:         "mud",
		WorkingDir:   "/src",
		ComposeFiles: []string{"/src/compose.yaml", "/src/more.yaml"},
		Services: types.Services{
			"game": {
				Name:   "game",
				Build:  &types.BuildConfig{Context: ".", Labels: types.Labels{"theirs": "1"}},
				Deploy: &types.DeployConfig{Replicas: &two},
			},
			"bot":  {Name: "bot", Build: &types.BuildConfig{Context: "bot"}},
			"post": {Name: "post", Image: "postgres"},
		},
	}
}

// text is all of a model, to see whether it has changed.
func text(t *testing.T, m *types.Project) string {
	t.Helper()
	out, err := yaml.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range m.Services {
		out = append(out, []byte(s.Name+cmp.Diff(nil, s.CustomLabels))...)
	}
	return string(out)
}

func TestABuildModelHasTheDigestsAndLeavesThePlanAlone(t *testing.T) {
	m := model()
	before := text(t, m)
	built := buildModel(m, map[string]string{"game": "sha256:1", "bot": ""})
	if got := built.Services["game"].Build.Labels; got[compose.LabelDigest] != "sha256:1" || got["theirs"] != "1" {
		t.Errorf("labels of game: %v", got)
	}
	if got := built.Services["bot"].Build.Labels; len(got) > 0 {
		t.Errorf("a digest that is not known was labelled: %v", got)
	}
	if after := text(t, m); len(after) != len(before) {
		t.Errorf("the model changed:\n%s", cmp.Diff(before, after))
	}
}

func TestAStartModelHasComposesLabelsAndLeavesThePlanAlone(t *testing.T) {
	m := model()
	before := text(t, m)
	got := labelled(m)
	want := types.Labels{
		composeapi.ProjectLabel:     "mud",
		composeapi.ServiceLabel:     "game",
		composeapi.VersionLabel:     composeapi.ComposeVersion,
		composeapi.WorkingDirLabel:  "/src",
		composeapi.ConfigFilesLabel: "/src/compose.yaml,/src/more.yaml",
		composeapi.OneoffLabel:      "False",
	}
	if diff := cmp.Diff(want, got.Services["game"].CustomLabels); diff != "" {
		t.Error(diff)
	}
	got.Services["game"].Deploy.Replicas = nil // as compose does for its hash
	if after := text(t, m); len(after) != len(before) {
		t.Errorf("the model changed:\n%s", cmp.Diff(before, after))
	}
}

func TestPorts(t *testing.T) {
	bound := func(ip, port string) nat.PortBinding { return nat.PortBinding{HostIP: ip, HostPort: port} }
	tests := map[string]struct {
		ports nat.PortMap
		want  []compose.Port
	}{
		"none":                      {nil, nil},
		"exposed only":              {nat.PortMap{"4000/tcp": nil}, []compose.Port{{Target: 4000}}},
		"published":                 {nat.PortMap{"4000/tcp": {bound("0.0.0.0", "5000")}}, []compose.Port{{Target: 4000, Published: 5000, HostIP: "0.0.0.0"}}},
		"IPv4 before IPv6":          {nat.PortMap{"4000/tcp": {bound("::", "5001"), bound("0.0.0.0", "5000")}}, []compose.Port{{Target: 4000, Published: 5000, HostIP: "0.0.0.0"}}},
		"IPv6 after IPv4":           {nat.PortMap{"4000/tcp": {bound("0.0.0.0", "5000"), bound("::", "5001")}}, []compose.Port{{Target: 4000, Published: 5000, HostIP: "0.0.0.0"}}},
		"IPv6 only":                 {nat.PortMap{"4000/tcp": {bound("::1", "5001")}}, []compose.Port{{Target: 4000, Published: 5001, HostIP: "::1"}}},
		"udp is none of ours":       {nat.PortMap{"53/udp": {bound("0.0.0.0", "53")}}, nil},
		"in the order of numbers":   {nat.PortMap{"80/tcp": nil, "9/tcp": nil}, []compose.Port{{Target: 9}, {Target: 80}}},
		"a binding without a port":  {nat.PortMap{"80/tcp": {bound("0.0.0.0", "")}}, []compose.Port{{Target: 80}}},
		"a binding of high numbers": {nat.PortMap{"65535/tcp": {bound("", "65535")}}, []compose.Port{{Target: 65535, Published: 65535}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, ports(tt.ports)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRestarts(t *testing.T) {
	for policy, want := range map[container.RestartPolicyMode]bool{"": false, "no": false, "always": true, "unless-stopped": true, "on-failure": true} {
		if got := restarts(container.RestartPolicy{Name: policy}); got != want {
			t.Errorf("policy %q: %v", policy, got)
		}
	}
}

func TestHealth(t *testing.T) {
	tests := map[string]struct {
		health *container.Health
		want   compose.Container
	}{
		"no healthcheck":      {nil, compose.Container{}},
		"switched off":        {&container.Health{Status: container.NoHealthcheck}, compose.Container{}},
		"starting":            {&container.Health{Status: container.Starting}, compose.Container{Health: compose.Starting}},
		"the last word of it": {&container.Health{Status: container.Unhealthy, Log: []*container.HealthcheckResult{{Output: "old"}, {Output: "\x1b[31mno\nplayers\n"}}}, compose.Container{Health: compose.Unhealthy, HealthLog: "no\nplayers"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var c compose.Container
			setHealth(&c, tt.health)
			if diff := cmp.Diff(tt.want, c); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEvent(t *testing.T) {
	message := func(action events.Action) events.Message {
		return events.Message{Action: action, Actor: events.Actor{ID: "abc", Attributes: map[string]string{composeapi.ServiceLabel: "game", "exitCode": "137"}}}
	}
	tests := map[events.Action]compose.Event{
		"die":                    {Container: "abc", Service: "game", Action: compose.Died, ExitCode: 137},
		"health_status: healthy": {Container: "abc", Service: "game", Action: compose.HealthNow, ExitCode: 137},
		"exec_start: sh -c true": {Container: "abc", Service: "game", Action: "exec_start", ExitCode: 137},
	}
	for action, want := range tests {
		if diff := cmp.Diff(want, event(message(action))); diff != "" {
			t.Errorf("%s: %s", action, diff)
		}
	}
}

func TestWhereAnEngineIs(t *testing.T) {
	tests := map[string]struct {
		host  string
		local bool
	}{
		"unix:///var/run/docker.sock":     {"127.0.0.1", true},
		"npipe:////./pipe/docker_engine":  {"127.0.0.1", true},
		"tcp://docker:2376":               {"docker", false},
		"tcp://[fd00::1]:2376":            {"fd00::1", false},
		"ssh://me@builder.example.net:22": {"builder.example.net", false},
		"tcp://%":                         {"127.0.0.1", false},
	}
	for at, tt := range tests {
		e := &Engine{host: at}
		if e.Host() != tt.host || e.Local() != tt.local {
			t.Errorf("%s: %s, local %v", at, e.Host(), e.Local())
		}
	}
}

func TestAnEngineThatWentAwayIsToldFromOneThatRefused(t *testing.T) {
	e := &Engine{host: "unix:///var/run/docker.sock"}
	if err := e.wrap("start", nil); err != nil {
		t.Error(err)
	}
	if err := e.wrap("start", errors.New("port is already allocated")); err.Error() != "start: port is already allocated" {
		t.Error(err)
	}
	var gone *UnreachableError
	err := e.wrap("start", errors.New("Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?"))
	if !errors.As(err, &gone) || gone.Host != e.host || err.Error() != "no docker engine answers at unix:///var/run/docker.sock: it is not running" {
		t.Errorf("got %v", err)
	}
}

func TestABuildErrorSaysWhatTheBuilderSaid(t *testing.T) {
	if buildError(nil) != nil {
		t.Error("an error of nothing")
	}
	got := buildError(errors.New("failed to solve: \x1b[31mprocess\n  \"make\" did not complete"))
	if want := "process\n  \"make\" did not complete"; got.Error() != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestARequestThatMakesSomethingOutlivesItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	got, err := finish(ctx, func(ctx context.Context) (string, error) {
		cancel()
		return "made", ctx.Err()
	})
	if got != "made" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err = finish(ctx, func(context.Context) (string, error) { panic("asked") }); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
}
