package stack_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"devenv/compose"
	"devenv/internal/report"
	"devenv/internal/stack"
	"devenv/internal/stack/stacktest"
)

// starts are the services in the order in which they were started.
func starts(b *bed) []string {
	var names []string
	for _, call := range b.fake.Calls() {
		if name, ok := strings.CutPrefix(call, "start "); ok {
			names = append(names, name)
		}
	}
	return names
}

func TestAServiceStartsWhenWhatItDependsOnHasHappened(t *testing.T) {
	tests := map[string]struct {
		condition string
		postgres  stacktest.Script
		more      string // of postgres
		after     time.Duration
	}{
		"started":                              {"service_started", stacktest.Runs, "", 0},
		"healthy":                              {"service_healthy", healthyAfter(7 * time.Second), "healthcheck: { test: [CMD, check], start_interval: 1s }", 7 * time.Second},
		"completed":                            {"service_completed_successfully", endsAfter(9*time.Second, 0), "labels: {}", 9 * time.Second},
		"healthy, where it has no healthcheck": {"service_healthy", stacktest.Runs, "healthcheck: { disable: true }", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			text := "services:\n  game: { image: game, depends_on: { postgres: { condition: " + tt.condition + " } } }\n  postgres: { image: pg, " + tt.more + " }\n"
			inBubble(t, text, func(t *testing.T, b *bed, plan *compose.Plan) {
				b.fake.Play("postgres", tt.postgres)
				started := make(chan time.Time, 1)
				b.fake.Play("game", func(p *stacktest.Process) int { started <- time.Now(); return p.Wait() })
				began := time.Now()
				rep, err := b.Up(t.Context(), plan, stack.UpOptions{})
				if err != nil {
					t.Fatal(err)
				}
				mustBeReady(t, rep)
				if after := (<-started).Sub(began); after < tt.after || after > tt.after+time.Second {
					t.Errorf("game started after %v, want %v", after, tt.after)
				}
				if order := starts(b); !slices.Equal(order, []string{"postgres", "game"}) {
					t.Errorf("started %q", order)
				}
			})
		})
	}
}

func TestBranchesStartSideBySide(t *testing.T) {
	inBubble(t, `
services:
  a: { image: a, healthcheck: { test: [CMD, check] } }
  b: { image: b, healthcheck: { test: [CMD, check] } }
  c: { image: c, depends_on: { a: { condition: service_healthy }, b: { condition: service_healthy } } }
`, func(t *testing.T, b *bed, plan *compose.Plan) {
		b.fake.Play("a", healthyAfter(10*time.Second))
		b.fake.Play("b", healthyAfter(10*time.Second))
		rep := b.up(t, plan)
		mustBeReady(t, rep)
		if rep.Took > 14*time.Second {
			t.Errorf("took %v", rep.Took)
		}
	})
}

func TestAFailedDependencyStartsNobody(t *testing.T) {
	b := newBed(t)
	b.fake.Play("migrate", stacktest.Exits(5, "no such table"))
	rep := b.up(t, planOf(t, game+`
		depends_on: { migrate: { condition: service_completed_successfully } }
	migrate: { image: game }
`))
	failure(t, rep, "migrate", "exit code 5")
	if s := service(t, rep, "game"); s.State != report.Waiting {
		t.Errorf("game is %s", s.State)
	}
	if order := starts(b); !slices.Equal(order, []string{"migrate"}) {
		t.Errorf("started %q", order)
	}
}

func TestWhatRunsIsNotStartedAgain(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	plan := planOf(t, game+"    depends_on: [postgres]\n  postgres: { image: pg }\n")
	mustBeReady(t, b.up(t, plan))
	before := len(starts(b))
	mustBeReady(t, b.up(t, plan))
	if after := starts(b); len(after) != before {
		t.Errorf("started %q", after)
	}
}

func TestAStartingContainerIsExaminedWithoutWaitingForDocker(t *testing.T) {
	inBubble(t, postgres, func(t *testing.T, b *bed, plan *compose.Plan) {
		var well atomic.Bool
		b.Engine = examinable{b.fake, &well}
		time.AfterFunc(3*time.Second, func() { well.Store(true) })
		rep := b.up(t, plan) // Docker's own word never comes
		mustBeReady(t, rep)
		if rep.Took < 3*time.Second || rep.Took > 5*time.Second {
			t.Errorf("took %v", rep.Took)
		}
	})
}

// An examinable engine's containers are well when it is said.
type examinable struct {
	*stacktest.Engine
	well *atomic.Bool
}

func (e examinable) Examine(context.Context, string) (bool, string, error) {
	return e.well.Load(), "", nil
}

func TestTheTimelineTellsWhatTookHowLong(t *testing.T) {
	inBubble(t, "services:\n  game: { image: game, depends_on: { postgres: { condition: service_healthy } } }\n"+strings.TrimPrefix(postgres, "\nservices:\n"), func(t *testing.T, b *bed, plan *compose.Plan) {
		b.fake.Play("postgres", healthyAfter(4*time.Second))
		rep := b.up(t, plan)
		mustBeReady(t, rep)
		var critical []string
		for _, s := range report.Critical(rep.Timeline) {
			critical = append(critical, strings.TrimSpace(s.Service+" "+s.Step))
		}
		if got := strings.Join(critical, ", "); !strings.HasPrefix(got, "create, postgres start, postgres healthy") || !strings.HasSuffix(got, "game ready") {
			t.Errorf("critical path: %s", got)
		}
	})
}
