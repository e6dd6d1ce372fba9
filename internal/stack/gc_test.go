package stack_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"devenv/compose"
	"devenv/internal/owner"
	"devenv/internal/report"
	"devenv/internal/stack"
	"devenv/internal/stack/stacktest"
)

// left makes a project as a smoke run of the owner leaves it that was killed.
func (b *bed) left(t *testing.T, project, owner string, deadline time.Time) {
	t.Helper()
	own, err := planOf(t, talking).Isolate(compose.Universe{Project: project, Labels: map[string]string{
		compose.LabelOwner:    owner,
		compose.LabelStarted:  noon.Add(-time.Hour).Format(time.RFC3339),
		compose.LabelDeadline: deadline.Format(time.RFC3339),
	}})
	if err == nil {
		err = b.fake.Create(t.Context(), own)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// dead is a process of this machine that cannot live: no number is that high.
func dead() string {
	o := owner.Self()
	o.PID = 1 << 30
	return o.String()
}

func (b *bed) sweep(t *testing.T, o stack.GCOptions) report.Swept {
	t.Helper()
	swept, err := b.GC(t.Context(), owner.Self(), noon, o)
	if err != nil || swept.Err() != nil {
		t.Fatal(err, swept.Err())
	}
	return swept
}

func TestGCRemovesWhatIsOverAndNothingElse(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	b.up(t, planOf(t, game)) // a developer's
	b.left(t, "mud-smoke-dead", dead(), noon.Add(time.Hour))
	b.left(t, "mud-smoke-late", owner.Self().String(), noon.Add(-time.Hour))
	b.left(t, "mud-smoke-living", owner.Self().String(), noon.Add(time.Hour))
	b.left(t, "mud-smoke-elsewhere", "another/boot/ns/7/7", noon.Add(time.Hour))
	swept := b.sweep(t, stack.GCOptions{})
	if got, want := b.fake.Projects(), []string{"mud", "mud-smoke-elsewhere", "mud-smoke-living"}; !slices.Equal(got, want) {
		t.Errorf("left are %v, want %v", got, want)
	}
	for project, why := range map[string]string{"mud-smoke-dead": "its run ended without taking it down (pid 1073741824)", "mud-smoke-late": "its deadline passed 1h"} {
		if i := slices.IndexFunc(swept.Removed, func(g report.SweptGroup) bool { return g.Project == project }); i < 0 || !strings.HasPrefix(swept.Removed[i].Why, why) {
			t.Errorf("%s: want %q in %+v", project, why, swept.Removed)
		}
	}
	if len(swept.Kept) != 2 {
		t.Errorf("kept: %+v", swept.Kept)
	}
}

func TestADryRunOfGCRemovesNothing(t *testing.T) {
	b := newBed(t)
	b.left(t, "mud-smoke-dead", dead(), noon.Add(time.Hour))
	swept := b.sweep(t, stack.GCOptions{DryRun: true})
	if len(swept.Removed) != 1 || len(b.fake.Projects()) != 1 {
		t.Errorf("%+v; left are %v", swept, b.fake.Projects())
	}
}

func TestWhatNamesNeitherOwnerNorDeadlineIsLeftAloneAndTold(t *testing.T) {
	b := newBed(t)
	b.left(t, "mud-smoke-odd", "nobody", time.Time{})
	swept := b.sweep(t, stack.GCOptions{})
	if len(b.fake.Projects()) != 1 || len(swept.Kept) != 1 || !strings.Contains(swept.Kept[0].Why, "remove it by hand") {
		t.Errorf("%+v; left are %v", swept, b.fake.Projects())
	}
}

func TestAProjectWithSomethingOfADeveloperIsNotTakenDown(t *testing.T) {
	b := newBed(t)
	b.left(t, "mud", dead(), noon.Add(time.Hour)) // of the name that the developer uses
	if err := b.fake.Create(t.Context(), planOf(t, "services:\n\tgame: { image: game }\n\tmine: { image: game }\n")); err != nil {
		t.Fatal(err)
	}
	swept := b.sweep(t, stack.GCOptions{})
	if len(b.fake.Projects()) != 1 || len(swept.Kept) != 1 {
		t.Errorf("%+v; left are %v", swept, b.fake.Projects())
	}
}
