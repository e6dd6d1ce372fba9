package stack_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"devenv/compose"
	"devenv/internal/snapshot"
	"devenv/internal/stack"

	"github.com/google/go-cmp/cmp"
)

// options restore into a project that declares both volumes of the realm.
func options(name string) stack.RestoreOptions {
	return stack.RestoreOptions{
		Declared: []compose.DeclaredVolume{{Key: "data", Name: "mud_data"}, {Key: "world", Name: "mud_world"}},
		Origin:   stack.Origin{Name: name},
	}
}

// changed is a realm that was saved as "one", and then changed.
func changed(t *testing.T) (*bed, stack.Snapshots, *keeper, *compose.Plan) {
	t.Helper()
	plan := planOf(t, realm)
	b, s, k := keeping(t, plan)
	b.fake.PutFile("mud_world", "room", "a dark room")
	b.fake.PutFile("mud_data", "row", "Gandalf")
	if _, err := s.Save(t.Context(), plan, stack.Origin{Name: "one"}); err != nil {
		t.Fatal(err)
	}
	b.fake.PutFile("mud_world", "room", "burnt")
	b.fake.PutFile("mud_world", "attic", "new")
	k.story = nil
	return b, s, k, plan
}

func worldIs(t *testing.T, b *bed, want map[string]string) {
	t.Helper()
	if got := b.fake.Files("mud_world"); !maps.Equal(got, want) {
		t.Errorf("the world is %q, want %q", got, want)
	}
}

var (
	dark  = map[string]string{"room": "a dark room"}
	burnt = map[string]string{"room": "burnt", "attic": "new"}
)

func TestRestoreBringsBackWhatWasSavedAndKeepsWhatWasThere(t *testing.T) {
	b, s, k, plan := changed(t)
	ran, err := s.Restore(t.Context(), plan, options("one"))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"db", "game", "web", "wiki"}; !slices.Equal(ran, want) {
		t.Errorf("ran %q", ran)
	}
	if diff := cmp.Diff([]string{"stop db game web wiki", "read data", "read world", "write data", "write world"}, k.story); diff != "" {
		t.Error(diff)
	}
	worldIs(t, b, dark)
	if s.Unfinished() != nil {
		t.Error("it is told as unfinished")
	}
	names, err := s.Store.Names()
	if len(names) != 2 || !strings.HasPrefix(names[0], "before-restore-") || err != nil {
		t.Fatalf("snapshots are %q, %v", names, err)
	}
	mustBeReady(t, b.up(t, plan))
	if _, err := s.Restore(t.Context(), plan, options(names[0])); err != nil {
		t.Fatal(err)
	}
	worldIs(t, b, burnt)
}

// What a migration has done since is not in data of before.
func TestAfterARestoreServicesArePreparedAgain(t *testing.T) {
	b, s, _, plan := changed(t)
	note := compose.Prepared{Volume: "mud_devenv-prepared-game-1", Digest: "migrated"}
	if err := b.fake.NotePrepared(t.Context(), "mud", note); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Restore(t.Context(), plan, options("one")); err != nil {
		t.Fatal(err)
	}
	if done, err := b.fake.Prepared(t.Context(), "mud"); err != nil || len(done) != 1 || done[0].Digest == "migrated" {
		t.Errorf("prepared are %+v, %v", done, err)
	}
}

func TestARestoreThatFailsBeforeItTouchesAnythingGivesBack(t *testing.T) {
	for _, step := range []string{"stop db game web wiki", "read world"} {
		t.Run(step, func(t *testing.T) {
			b, s, k, plan := changed(t)
			k.before = func(now string) error {
				if now == step {
					return errors.New("no luck")
				}
				return nil
			}
			if _, err := s.Restore(t.Context(), plan, options("one")); err == nil || !strings.Contains(err.Error(), "no luck") {
				t.Errorf("fault is %v", err)
			}
			if got := states(t, b); got != "db game web wiki" {
				t.Errorf("running are %s", got)
			}
			worldIs(t, b, burnt)
			if s.Unfinished() != nil {
				t.Error("it is told as unfinished")
			}
			mustHave(t, s.Store, "one")
		})
	}
}

func TestAnInterruptedRestoreIsToldAndFinished(t *testing.T) {
	b, s, k, plan := changed(t)
	ctx, cancel := context.WithCancel(t.Context())
	k.before = func(step string) error {
		if step == "write world" {
			cancel()
		}
		return ctx.Err()
	}
	if _, err := s.Restore(ctx, plan, options("one")); !errors.Is(err, context.Canceled) {
		t.Fatalf("fault is %v", err)
	}
	k.before = nil
	worldIs(t, b, map[string]string{})
	var left *stack.UnfinishedError
	if !errors.As(s.Unfinished(), &left) || !strings.Contains(left.Hint(), "`devenv snapshot restore one` finishes it; `devenv snapshot restore before-restore-") {
		t.Fatalf("it is told as %v", left)
	}
	if _, err := s.Save(t.Context(), plan, stack.Origin{Name: "half"}); !errors.As(err, &left) {
		t.Errorf("a half volume was saved: %v", err)
	}

	ran, err := s.Restore(t.Context(), plan, options("one"))
	if err != nil || !slices.Equal(ran, []string{"db", "game", "web", "wiki"}) {
		t.Errorf("ran %q, %v", ran, err)
	}
	worldIs(t, b, dark)
	mustHave(t, s.Store, left.Journal.Backup, "one")
	if s.Unfinished() != nil {
		t.Error("it is told as unfinished")
	}
}

func TestTheBackupEndsAnInterruptedRestoreToo(t *testing.T) {
	b, s, k, plan := changed(t)
	k.before = func(step string) error {
		if step == "write world" {
			return errors.New("no luck")
		}
		return nil
	}
	if _, err := s.Restore(t.Context(), plan, options("one")); err == nil {
		t.Fatal("it did not fail")
	}
	k.before = nil
	var left *stack.UnfinishedError
	if !errors.As(s.Unfinished(), &left) {
		t.Fatal("it is not told")
	}
	if _, err := s.Restore(t.Context(), plan, options(left.Journal.Backup)); err != nil {
		t.Fatal(err)
	}
	worldIs(t, b, burnt)
	if s.Unfinished() != nil {
		t.Error("it is told as unfinished")
	}
}

func TestVolumesThatTheFilesDoNotKnowAreRefused(t *testing.T) {
	tests := map[string]struct {
		change func(*stack.RestoreOptions)
		fault  string
	}{
		"unknown":  {func(o *stack.RestoreOptions) { o.Declared = o.Declared[:1] }, "does not declare as its own: world"},
		"both":     {func(o *stack.RestoreOptions) { o.Declared = nil }, "does not declare as its own: data, world"},
		"external": {func(o *stack.RestoreOptions) { o.Declared[1].External = true; o.Force = true }, "does not declare as its own: world"},
		"forced":   {func(o *stack.RestoreOptions) { o.Declared, o.Force = nil, true }, ""},
		"no such":  {func(o *stack.RestoreOptions) { o.Origin.Name = "two" }, `no snapshot "two"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b, s, k, plan := changed(t)
			o := options("one")
			tt.change(&o)
			_, err := s.Restore(t.Context(), plan, o)
			if tt.fault == "" {
				if err != nil {
					t.Error(err)
				}
				worldIs(t, b, dark)
				return
			}
			var fault *snapshot.Fault
			if !errors.As(err, &fault) || !strings.Contains(err.Error(), tt.fault) || len(k.story) > 0 {
				t.Errorf("fault is %v, after %q", err, k.story)
			}
			worldIs(t, b, burnt)
		})
	}
}

func TestAVolumeThatIsNotThereIsMade(t *testing.T) {
	b, s, _, plan := changed(t)
	if err := b.fake.Down(t.Context(), plan, compose.RemoveVolumes); err != nil {
		t.Fatal(err)
	}
	ran, err := s.Restore(t.Context(), plan, options("one"))
	if err != nil || len(ran) > 0 {
		t.Fatalf("ran %q, %v", ran, err)
	}
	worldIs(t, b, dark)
	mustHave(t, s.Store, "one") // there was nothing to save
	mustBeReady(t, b.up(t, plan))
	worldIs(t, b, dark)
}

func TestAVolumeThatKeepsItsFilesElsewhereIsNotReplaced(t *testing.T) {
	b, s, k, _ := changed(t)
	plan := planOf(t, strings.Replace(realm, "world: {}", "world: { driver_opts: { type: none, o: bind, device: /srv/world } }", 1))
	if err := b.fake.Down(t.Context(), plan, compose.RemoveVolumes); err != nil {
		t.Fatal(err)
	}
	var fault *snapshot.Fault
	_, err := s.Restore(t.Context(), plan, options("one"))
	if !errors.As(err, &fault) || !strings.Contains(err.Error(), "volume world keeps its files in /srv/world") || len(k.story) > 0 {
		t.Errorf("fault is %v, after %q", err, k.story)
	}
}

func TestOneSavesOrRestoresAtATime(t *testing.T) {
	_, s, k, plan := changed(t)
	var second error
	k.before = func(step string) error {
		if step == "read world" {
			_, second = s.Save(t.Context(), plan, stack.Origin{Name: "two"})
		}
		return nil
	}
	if _, err := s.Restore(t.Context(), plan, options("one")); err != nil {
		t.Fatal(err)
	}
	if second == nil || !strings.Contains(second.Error(), "another devenv snapshot is at work") {
		t.Errorf("the other one says %v", second)
	}
}

func TestDifferencesAreTold(t *testing.T) {
	plan := planOf(t, realm)
	m := snapshot.Manifest{Profile: "dev", Commit: "c0ffeec0ffeec0ffee"}
	want := []string{"the snapshot was made as profile dev; this is prod", "the snapshot was made at commit c0ffeec0ffee; this is decaf"}
	if diff := cmp.Diff(want, stack.Differences(m, plan, stack.Origin{Commit: "decaf"})); diff != "" {
		t.Error(diff)
	}
	if all := stack.Differences(snapshot.Manifest{Profile: "prod"}, plan, stack.Origin{Commit: "decaf"}); len(all) > 0 {
		t.Errorf("told are %q", all)
	}
}

func TestSizesAreForPeople(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 3_400_000: "3.4 MB", 1 << 40: "1.1 TB", 1<<63 - 1: "9.2 EB"} {
		if got := stack.Bytes(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}
