package compose

import (
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// Each target has an image of its own; the author's repository and tag stay.
func TestTargetImage(t *testing.T) {
	const digest = "@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for _, test := range []struct{ image, stage, want string }{
		{"game", "runner", "game:runner"},
		{"game:1.2", "runner", "game:1.2-runner"},
		{"org/game", "builder", "org/game:builder"},
		{"localhost:5000/game", "runner", "localhost:5000/game:runner"},
		{"localhost:5000/game:1.2", "runner", "localhost:5000/game:1.2-runner"},
		{"registry.example.org:443/a/b:latest", "", "registry.example.org:443/a/b:latest-_last"},
		{"game" + digest, "runner", "game:runner"},
		{"localhost:5000/game:1.2" + digest, "runner", "localhost:5000/game:1.2-runner"},
		{"game", "", "game:_last"},
	} {
		if got := targetImage(test.image, test.stage); got != test.want {
			t.Errorf("image %s, stage %q: got %s, want %s", test.image, test.stage, got, test.want)
		}
	}
}

func TestInjection(t *testing.T) {
	p := load(t, `
-- compose.yaml --
services:
  game:
    build: .
    image: localhost:5000/game:1.2
    pull_policy: always
    labels: { own: label, devenv.target: mine }
    ports: [ { target: 4000, published: "4000", app_protocol: telnet } ]
-- Dockerfile --
FROM scratch AS builder
CMD a
FROM scratch AS runner
CMD b
`)
	made := plan(t, p, Request{Profile: "prod"})
	game := made.Model.Services["game"]
	got := map[string]any{
		"target": game.Build.Target, "image": game.Image, "pull": game.PullPolicy, "labels": game.Labels,
	}
	want := map[string]any{
		"target": "runner", "image": "localhost:5000/game:1.2-runner", "pull": types.PullPolicyBuild,
		"labels": types.Labels{"own": "label", LabelProfile: "prod", LabelTarget: "runner"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	service, ok := made.Service("game")
	if !ok || service.Image != game.Image || service.Target != "runner" || service.Profile != "prod" || !service.Built {
		t.Errorf("the plan says %+v", service)
	}
	if _, ok := made.Service("nobody"); ok {
		t.Error("there is a service nobody")
	}
}

// A service that devenv decides nothing about is the same to the byte.
func TestOtherServicesStayTheSame(t *testing.T) {
	p := load(t, manyShapes)
	made := plan(t, p, Request{Profile: "dev"})
	for _, name := range []string{"db", "debugger"} {
		want := asYAML(t, p.base.model.AllServices()[name])
		if diff := cmp.Diff(want, asYAML(t, made.Model.Services[name])); diff != "" {
			t.Errorf("%s (-declared +planned):\n%s", name, diff)
		}
	}
}

func asYAML(t *testing.T, value any) string {
	t.Helper()
	text, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
