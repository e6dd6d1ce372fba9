package stack_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"devenv/compose"
	"devenv/internal/report"
	"devenv/internal/stack"
	"devenv/internal/stack/stacktest"
)

// talking is a game with a conversation.
const talking = game + `    volumes: [ "world:/world" ]
    x-devenv: { smoke: [ { name: ann comes, steps: [ { expect: Welcome } ] } ] }
volumes: { world: {} }
`

func (b *bed) smoke(t *testing.T, plan *compose.Plan, o stack.SmokeOptions) (report.Attempt, error) {
	t.Helper()
	o.Owner = "somebody"
	attempt, err := b.Smoke(t.Context(), plan, o)
	if left := b.fake.Projects(); len(left) > 0 && !o.Keep {
		t.Errorf("left behind: %v", left)
	}
	return attempt, err
}

// results are the cases as "kind service: name = result".
func results(a report.Attempt) []string {
	var all []string
	for _, c := range a.Cases {
		all = append(all, string(c.Kind)+" "+c.Title()+" = "+string(c.Result))
	}
	return all
}

func wantResults(t *testing.T, a report.Attempt, want ...string) {
	t.Helper()
	if got := results(a); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("cases are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestASmokeRunPlaysInAUniverseOfItsOwnAndLeavesNothing(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	dir := t.TempDir()
	attempt, err := b.smoke(t, planOf(t, talking), stack.SmokeOptions{Artifacts: dir})
	if err != nil {
		t.Fatal(err)
	}
	wantResults(t, attempt,
		"start game: is ready = passed",
		"check game: check 4000 telnet = passed",
		"conversation game: ann comes = passed",
		"restart game: has not restarted = passed",
		"teardown nothing is left = passed",
	)
	if !strings.HasPrefix(attempt.Project, "mud-smoke-") {
		t.Errorf("the project is %s", attempt.Project)
	}
	if len(attempt.Ends) != 1 || attempt.Ends[0].Service != "game" {
		t.Errorf("ends are %+v", attempt.Ends)
	}
	for _, file := range []string{"engine.txt", "plan.txt", "compose.yaml", "attempt.json", "timeline.txt", "inspect/game-1.json", "transcripts/game-ann-comes.txt"} {
		if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
			t.Error(err)
		}
	}
}

func TestWithoutAConversationEveryTelnetPortGreetsAnotherPlayer(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	attempt, err := b.smoke(t, planOf(t, game), stack.SmokeOptions{})
	if err != nil || !attempt.Passed() {
		t.Errorf("%v: %v", err, results(attempt))
	}
	if got := strings.Join(results(attempt), "\n"); !strings.Contains(got, "conversation game: 4000 greets another player = passed") {
		t.Error(got)
	}
}

func TestAConversationThatFailsFailsTheRunWithItsTranscript(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Begone"))
	plan := planOf(t, strings.Replace(talking, "expect: Welcome", "expect: { text: Welcome, within: 50ms }", 1))
	attempt, err := b.smoke(t, plan, stack.SmokeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	failed := attempt.Failed()
	if len(failed) != 1 || failed[0].Kind != report.CaseConversation || !strings.Contains(failed[0].Detail, "Begone") || failed[0].Where == "" {
		t.Errorf("failed: %+v", failed)
	}
}

func TestAGameThatCrashesIsNotPlayedWith(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Exits(3))
	attempt, err := b.smoke(t, planOf(t, talking), stack.SmokeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	wantResults(t, attempt,
		"start game: is ready = failed",
		"conversation game: ann comes = skipped",
		"teardown nothing is left = passed",
	)
	if c := attempt.Cases[0]; !strings.Contains(c.Detail, "exit code: 3") {
		t.Errorf("the failure says %+v", c)
	}
}

func TestAnInterruptedRunTakesAllDown(t *testing.T) {
	b := newBed(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.fake.Play("game", func(p *stacktest.Process) int { cancel(); return p.Wait() })
	_, err := b.Smoke(ctx, planOf(t, talking), stack.SmokeOptions{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if left := b.fake.Projects(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestAPanicTakesAllDown(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	b.Stack.Tell = func(line string) {
		if strings.HasSuffix(line, ": ready") {
			panic("a fault of devenv")
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("there was no panic")
		}
		if left := b.fake.Projects(); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}()
	_, _ = b.Smoke(t.Context(), planOf(t, talking), stack.SmokeOptions{})
}

func TestARunThatIsToBeKeptStaysOnlyWhenItFailed(t *testing.T) {
	for says, stays := range map[string]bool{"Welcome": false, "Begone": true} {
		b := bedOf(t)
		b.fake.Play("game", stacktest.Greets(says))
		plan := planOf(t, strings.Replace(talking, "expect: Welcome", "expect: { text: Welcome, within: 50ms }", 1))
		if _, err := b.smoke(t, plan, stack.SmokeOptions{Keep: true}); err != nil {
			t.Fatal(err)
		}
		if left := b.fake.Projects(); (len(left) > 0) != stays {
			t.Errorf("%q: left %v", says, left)
		}
	}
}

func TestATimeLimitFailsTheRunAndTakesItDown(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Runs)
	attempt, err := b.smoke(t, planOf(t, talking), stack.SmokeOptions{Limit: 200 * time.Millisecond})
	if attempt.Passed() {
		t.Errorf("it passed: %v, %v", results(attempt), err)
	}
}

// built is a game whose image has a file of its folder in it.
func built(t *testing.T, dir string) *compose.Plan {
	t.Helper()
	write(t, filepath.Join(dir, "Dockerfile"), "FROM a AS runner\nCOPY motd /\n")
	write(t, filepath.Join(dir, "motd"), "Welcome")
	return planIn(t, "mud", dir, "services:\n\tgame:\n\t\tbuild: .\n\t\tports: [{ target: 4000, app_protocol: telnet }]\n")
}

func TestAnImageThatIsOldWhenItIsBuiltIsBuiltAgain(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	dir := t.TempDir()
	plan := built(t, dir)
	builds := 0
	b.fake.Building = func(context.Context, []string) error {
		if builds++; builds == 1 {
			write(t, filepath.Join(dir, "motd"), "Welcome to Midgaard")
		}
		return nil
	}
	attempt, err := b.smoke(t, plan, stack.SmokeOptions{Building: stack.BuildStale})
	if err != nil || !attempt.Passed() || builds != 2 {
		t.Errorf("%d builds, %v: %v", builds, err, results(attempt))
	}
}

func TestSourcesThatChangeAllTheTimeFailTheBuild(t *testing.T) {
	b := newBed(t)
	dir := t.TempDir()
	plan := built(t, dir)
	builds := 0
	b.fake.Building = func(context.Context, []string) error {
		builds++
		write(t, filepath.Join(dir, "motd"), strings.Repeat("Welcome", builds+1))
		return nil
	}
	attempt, err := b.smoke(t, plan, stack.SmokeOptions{Building: stack.BuildStale})
	var failed *stack.BuildError
	if !errors.As(err, &failed) || attempt.Passed() {
		t.Errorf("%d builds, %v: %v", builds, err, results(attempt))
	}
}
