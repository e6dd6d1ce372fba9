package stack_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"devenv/compose"
	"devenv/internal/owner"
	"devenv/internal/snapshot"
	"devenv/internal/stack"

	"github.com/google/go-cmp/cmp"
)

// A keeper is the fake engine with hands and a vault; its story is what services were
// made to do, and what volumes were used for, in order.
type keeper struct {
	helper
	mu     sync.Mutex
	story  []string
	exec   func(command string) (code int, printed string)
	before func(step string) error // may fail a step
}

func (k *keeper) step(format string, args ...any) error {
	step := fmt.Sprintf(format, args...)
	k.mu.Lock()
	k.story = append(k.story, step)
	k.mu.Unlock()
	if k.before == nil {
		return nil
	}
	return k.before(step)
}

func (k *keeper) Exec(_ context.Context, c compose.Container, command compose.Command, s compose.Streams) (int, error) {
	text := strings.Join(command.Args, " ")
	if err := k.step("exec %s %s", c.Service, text); err != nil || k.exec == nil {
		return 0, err
	}
	code, printed := k.exec(text)
	_, err := io.WriteString(s.Out, printed)
	return code, err
}

func (k *keeper) StopServices(ctx context.Context, plan *compose.Plan, services []string, grace *time.Duration) error {
	if err := k.step("stop %s", strings.Join(services, " ")); err != nil {
		return err
	}
	return k.helper.StopServices(ctx, plan, services, grace)
}

func (k *keeper) Start(ctx context.Context, plan *compose.Plan, service string) error {
	return errors.Join(k.step("start %s", service), k.Engine.Start(ctx, plan, service))
}

func (k *keeper) ReadVolume(ctx context.Context, v compose.Volume, h compose.Helper, w io.Writer) error {
	if err := k.step("read %s", v.Key); err != nil {
		return err
	}
	return k.Engine.ReadVolume(ctx, v, h, w)
}

func (k *keeper) WriteVolume(ctx context.Context, v compose.Volume, h compose.Helper, r io.Reader) error {
	if err := k.step("write %s", v.Key); err != nil {
		return err
	}
	return k.Engine.WriteVolume(ctx, v, h, r)
}

var _ stack.SnapshotEngine = (*keeper)(nil)

// keeping is a bed on which snapshots can be made; its story begins when all runs.
func keeping(t *testing.T, plan *compose.Plan) (*bed, stack.Snapshots, *keeper) {
	t.Helper()
	b := newBed(t)
	k := &keeper{helper: helper{Engine: b.fake}}
	b.Stack.Engine = k
	mustBeReady(t, b.up(t, plan))
	k.story = nil
	s := stack.Snapshots{
		Daily:  stack.Daily{Stack: b.Stack, Engine: k},
		Engine: k,
		Store:  snapshot.Store{Dir: filepath.Join(t.TempDir(), "mud")},
		Self:   owner.Self(),
		Show:   func(text string) { b.tell("shown: " + text) },
	}
	return b, s, k
}

const realm = `
services:
	db: { image: db, volumes: [ "data:/data" ] }
	game: { image: game, depends_on: [ db ], volumes: [ "world:/world" ] }
	web: { image: web, depends_on: [ game ] }
	wiki: { image: wiki, volumes: [ "world:/world:ro" ] }
volumes: { data: {}, world: {} }
`

// quiet is the realm with services that can hold still.
func quiet(services ...string) string {
	text := realm
	for _, name := range services {
		text = strings.Replace(text, "\t"+name+": { ", "\t"+name+": { x-devenv: { quiesce: { command: [ hold, "+name+" ], resume: [ go, "+name+" ] } }, ", 1)
	}
	return text
}

func TestSaveHoldsStillWhoWritesAndNobodyElse(t *testing.T) {
	tests := map[string]struct {
		text  string
		story []string
	}{
		"writers are stopped, those first that depend on others": {realm, []string{
			"stop game", "stop db", "read data", "read world", "start db", "start game"}},
		"one that can hold still runs on": {quiet("db"), []string{
			"stop game", "exec db hold db", "read data", "read world", "exec db go db", "start game"}},
		"so does one that writes nothing itself": {quiet("web", "db", "game"), []string{
			"exec web hold web", "exec game hold game", "exec db hold db", "read data", "read world", "exec db go db", "exec game go game", "exec web go web"}},
		"a database waits for what the game has to say": {quiet("game"), []string{
			"exec game hold game", "stop db", "read data", "read world", "start db", "exec game go game"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			plan := planOf(t, tt.text)
			b, s, k := keeping(t, plan)
			b.fake.PutFile("mud_world", "room", "a dark room")
			m, err := s.Save(t.Context(), plan, stack.Origin{Name: "one", Commit: "c0ffee", Dirty: true})
			if err != nil {
				t.Fatalf("%v; told %q", err, b.told)
			}
			if diff := cmp.Diff(tt.story, k.story); diff != "" {
				t.Error(diff)
			}
			if m.Volumes[1].Bytes != 11 || m.Commit != "c0ffee" || !m.Dirty || m.Profile != "prod" || m.Engine != "fake" || len(m.Services) != 4 {
				t.Errorf("it is %+v", m)
			}
			if got := states(t, b); got != "db game web wiki" {
				t.Errorf("running are %s", got)
			}
		})
	}
}

func TestASaveThatFailsLeavesNothingAndLetsAllGoOn(t *testing.T) {
	tests := map[string]struct {
		fails string
		story []string
	}{
		"a stop":    {"stop db", []string{"stop game", "stop db", "start game"}},
		"a reading": {"read world", []string{"stop game", "stop db", "read data", "read world", "start db", "start game"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			plan := planOf(t, realm)
			b, s, k := keeping(t, plan)
			k.before = func(step string) error {
				if step == tt.fails {
					return errors.New("no luck")
				}
				return nil
			}
			if _, err := s.Save(t.Context(), plan, stack.Origin{Name: "one"}); err == nil || !strings.Contains(err.Error(), "no luck") {
				t.Errorf("fault is %v", err)
			}
			if diff := cmp.Diff(tt.story, k.story); diff != "" {
				t.Error(diff)
			}
			if got := states(t, b); got != "db game web wiki" {
				t.Errorf("running are %s", got)
			}
			mustHave(t, s.Store)
		})
	}
}

func TestACommandThatCannotQuiesceStopsTheSave(t *testing.T) {
	plan := planOf(t, quiet("db"))
	b, s, k := keeping(t, plan)
	k.exec = func(command string) (int, string) {
		return map[string]int{"hold db": 4}[command], "says " + command + "\n"
	}
	_, err := s.Save(t.Context(), plan, stack.Origin{Name: "one"})
	var fault *stack.StartError
	if !errors.As(err, &fault) || !strings.Contains(err.Error(), `service "db": quiesce: hold ended with exit code 4`) {
		t.Errorf("fault is %v", err)
	}
	if diff := cmp.Diff([]string{"stop game", "exec db hold db", "exec db go db", "start game"}, k.story); diff != "" {
		t.Error(diff)
	}
	if !slices.Contains(b.told, "shown: says hold db") || !slices.Contains(b.told, "shown: says go db") {
		t.Errorf("told %q", b.told)
	}
	mustHave(t, s.Store)
}

func TestAnInterruptedSaveLetsAllGoOn(t *testing.T) {
	plan := planOf(t, realm)
	b, s, k := keeping(t, plan)
	ctx, cancel := context.WithCancel(t.Context())
	k.before = func(step string) error {
		if step == "read data" {
			cancel()
		}
		return nil
	}
	if _, err := s.Save(ctx, plan, stack.Origin{Name: "one"}); !errors.Is(err, context.Canceled) {
		t.Errorf("fault is %v", err)
	}
	if got := states(t, b); got != "db game web wiki" {
		t.Errorf("running are %s; told %q", got, b.told)
	}
	mustHave(t, s.Store)
}

func TestServicesThatDidNotRunAreNotStarted(t *testing.T) {
	plan := planOf(t, realm)
	b, s, k := keeping(t, plan)
	if err := k.helper.StopServices(t.Context(), plan, []string{"game", "web"}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Save(t.Context(), plan, stack.Origin{Name: "one"}); err != nil {
		t.Fatal(err)
	}
	ran, err := s.Restore(t.Context(), plan, options("one"))
	if err != nil || !slices.Equal(ran, []string{"db", "wiki"}) {
		t.Errorf("ran %q, %v", ran, err)
	}
	if got := states(t, b); got != "" {
		t.Errorf("running are %s", got)
	}
}

func TestAProjectWithoutVolumesHasNothingToSave(t *testing.T) {
	plan := planOf(t, game)
	b := newBed(t)
	k := &keeper{helper: helper{Engine: b.fake}}
	s := stack.Snapshots{Daily: stack.Daily{Stack: b.Stack, Engine: k}, Engine: k, Store: snapshot.Store{Dir: t.TempDir()}, Self: owner.Self()}
	var fault *snapshot.Fault
	if _, err := s.Save(t.Context(), plan, stack.Origin{Name: "one"}); !errors.As(err, &fault) || !strings.Contains(err.Error(), "has no volumes") {
		t.Errorf("fault is %v", err)
	}
}

func TestAForeignWriterIsNotStopped(t *testing.T) {
	plan := planOf(t, realm)
	_, s, k := keeping(t, plan)
	some := plan.Only([]string{"db", "web"}) // as a profile without the game
	if _, err := s.Save(t.Context(), some, stack.Origin{Name: "one"}); err == nil || !strings.Contains(err.Error(), "container mud-game-1 uses volume world, and belongs to no service of mud as prod") {
		t.Errorf("fault is %v", err)
	}
	if len(k.story) > 0 {
		t.Errorf("it did %q", k.story)
	}
}

// mustHave wants these snapshots, and no others and no drafts.
func mustHave(t *testing.T, s snapshot.Store, names ...string) {
	t.Helper()
	if have, err := s.Names(); !slices.Equal(have, names) || err != nil {
		t.Errorf("snapshots are %q, %v", have, err)
	}
	if swept, err := s.Sweep(func(string) bool { return true }); swept > 0 || err != nil {
		t.Errorf("%d drafts are left, %v", swept, err)
	}
}
