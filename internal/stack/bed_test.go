package stack_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"devenv/compose"
	"devenv/internal/report"
	"devenv/internal/stack"
	"devenv/internal/stack/stacktest"
)

// A bed is a stack on a fake engine. Its tests run side by side, except those in
// a bubble of time.
type bed struct {
	stack.Stack
	fake *stacktest.Engine

	mu   sync.Mutex
	told []string
}

func newBed(t *testing.T) *bed {
	t.Parallel()
	return bedOf(t)
}

func bedOf(t *testing.T) *bed {
	b := &bed{fake: stacktest.New()}
	t.Cleanup(func() { b.fake.Close() })
	b.Stack = stack.Stack{Engine: b.fake, Window: 20 * time.Millisecond, Tell: b.tell}
	return b
}

func (b *bed) tell(line string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told = append(b.told, line)
}

// up brings a plan up within a time that no test should need.
func (b *bed) up(t *testing.T, plan *compose.Plan) report.Report {
	t.Helper()
	rep, err := b.Up(t.Context(), plan, stack.UpOptions{Building: stack.BuildStale, Timeout: 20 * time.Second})
	if err != nil {
		t.Fatalf("up: %v; told: %q", err, b.told)
	}
	return rep
}

// planOf plans a project of one compose file, whose name is mud.
func planOf(t *testing.T, text string) *compose.Plan {
	t.Helper()
	return planIn(t, "mud", t.TempDir(), text)
}

func planIn(t *testing.T, project, dir, text string) *compose.Plan {
	t.Helper()
	write(t, filepath.Join(dir, "compose.yaml"), strings.ReplaceAll(text, "\t", "  "))
	p, err := compose.Load(t.Context(), compose.Source{ProjectDirectory: dir, ProjectName: project})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := p.Plan(compose.Request{Profile: "prod"})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// game is one service that is asked for a greeting.
const game = `
services:
	game:
		image: game
		ports: [{ target: 4000, app_protocol: telnet }]
`

// within is the game with a bound on its check.
func within(bound string) string {
	return game + "    x-devenv: { checks: { \"4000\": { within: " + bound + " } } }\n"
}

func service(t *testing.T, rep report.Report, name string) report.Service {
	t.Helper()
	for _, s := range rep.Services {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no service %s in %+v", name, rep)
	return report.Service{}
}

// failure is the service's failure, with the words that it must have.
func failure(t *testing.T, rep report.Report, name string, words ...string) report.Failure {
	t.Helper()
	s := service(t, rep, name)
	if s.State != report.Failed || s.Failure == nil {
		t.Fatalf("%s is %s, want failed", name, s.State)
	}
	for _, word := range words {
		if text := s.Failure.Step + ": " + s.Failure.Reason; !strings.Contains(text, word) {
			t.Errorf("failure %q has no %q", text, word)
		}
	}
	return *s.Failure
}

func mustBeReady(t *testing.T, rep report.Report) {
	t.Helper()
	if err := rep.Err(); err != nil || !rep.Ready {
		t.Fatalf("want ready: %v", err)
	}
}

func containers(t *testing.T, b *bed) []compose.Container {
	t.Helper()
	all, err := b.fake.Containers(t.Context(), "mud")
	if err != nil {
		t.Fatal(err)
	}
	return all
}
