package stack_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"devenv/compose"
	"devenv/internal/report"
	"devenv/internal/stack"
	"devenv/internal/stack/stacktest"
)

// A vigil is a watch that goes on while a test changes files.
type vigil struct {
	*testing.T
	*bed
	dir   string
	lines chan string
	shown chan report.Report
	end   context.CancelFunc
	ended chan error
}

// watching brings a project up, of the built game and a develop section, and watches it.
func watching(t *testing.T, b *bed, triggers string) *vigil {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	src := source{dir}
	v := &vigil{T: t, bed: b, dir: dir, lines: make(chan string, 100), shown: make(chan report.Report, 10), ended: make(chan error, 1)}
	v.save("Dockerfile", "FROM scratch AS builder\nCOPY game.c .\nFROM builder AS runner\n")
	v.save("game.c", "int main;")
	v.save("app/a", "old")
	text := strings.Replace(game, "image: game", "build: .", 1) + "    develop: { watch: [ " + triggers + " ] }\n"
	plan := planIn(t, "mud", src.dir, text)
	b.Tell = func(line string) { v.lines <- line }
	d, _ := helped(b)
	ctx, cancel := context.WithCancel(t.Context())
	v.end = cancel
	go func() {
		v.ended <- d.Watch(ctx, plan, stack.WatchOptions{
			Folder: dir,
			Up:     stack.UpOptions{Building: stack.BuildStale},
			Plan:   func(context.Context) (*compose.Plan, error) { return planIn(t, "mud", dir, text), nil },
			Answer: func(rep report.Report) error { return rep.Err() },
			Show:   func(rep report.Report) error { v.shown <- rep; return nil },
		})
	}()
	t.Cleanup(func() { cancel(); v.wait() })
	v.hears("watching game")
	return v
}

// wait waits until watching has ended, and says why.
func (v *vigil) wait() error {
	v.Helper()
	select {
	case err := <-v.ended:
		v.ended <- err
		return err
	case <-time.After(20 * time.Second):
		v.Fatal("watching does not end")
		return nil
	}
}

func (v *vigil) save(name, text string) {
	v.Helper()
	file := filepath.Join(v.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		v.Fatal(err)
	}
	write(v.T, file, text)
}

// hears waits for a line with these words, and returns those that came before it.
func (v *vigil) hears(words string) (before []string) {
	v.Helper()
	for {
		select {
		case line := <-v.lines:
			if strings.Contains(line, words) {
				return before
			}
			before = append(before, line)
		case err := <-v.ended:
			v.ended <- err
			v.Fatalf("watching ended with %v before %q; told %q", err, words, before)
		case <-time.After(20 * time.Second):
			v.Fatalf("never told %q, but %q", words, before)
		}
	}
}

// reader is a game whose files a test can look at, as its process sees them.
func reader(files chan<- func(string) string) stacktest.Script {
	return func(p *stacktest.Process) int {
		p.Listen(stacktest.Greeting("Welcome\xff\xf9"))
		files <- p.File
		return p.Wait()
	}
}

func TestWhatIsSavedIsCopiedAndWhatIsDeletedIsGone(t *testing.T) {
	b := newBed(t)
	files := make(chan func(string) string, 1)
	b.fake.Play("game", reader(files))
	v := watching(t, b, "{ action: sync, path: app, target: /app, ignore: [ '*.log' ] }")
	file := <-files
	v.save("app/x.log", "ignored")
	v.save("app/a", "new")
	v.save("app/deep/b", "new")
	v.hears("sync game: 2 files (app/a, …) in ")
	if file("/app/a") != "new" || file("/app/deep/b") != "new" || file("/app/x.log") != "" {
		t.Error("the files are not there, or too many are")
	}
	if err := os.RemoveAll(filepath.Join(v.dir, "app", "deep")); err != nil {
		t.Fatal(err)
	}
	v.hears("sync game: 1 file (app/deep/b, deleted) in ")
	if file("/app/deep/b") != "" {
		t.Error("the file is still there")
	}
}

func TestInitialSyncCopiesAllAlsoIntoAContainerThatIsNew(t *testing.T) {
	b := newBed(t)
	files := make(chan func(string) string, 2)
	b.fake.Play("game", reader(files))
	v := watching(t, b, "{ action: sync, path: app, target: /app, initial_sync: true }, { action: rebuild, path: game.c }")
	if file := <-files; file("/app/a") != "old" {
		t.Error("nothing was copied at first")
	}
	v.save("game.c", "int other;")
	v.hears("sync game: 1 file (app/a)")
	if file := <-files; file("/app/a") != "old" {
		t.Error("nothing was copied into the new container")
	}
}

func TestSyncAndRestartWaitsUntilTheServiceIsReady(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	v := watching(t, b, "{ action: sync+restart, path: app, target: /app }")
	before := containers(t, b)[0]
	v.save("app/a", "new")
	v.hears("sync game: 1 file (app/a) in ")
	v.hears("game: ready in ")
	if after := containers(t, b)[0]; after.ID != before.ID || after.Started.Equal(before.Started) {
		t.Error("the container was not restarted, or is another one")
	}
}

func TestAHookRunsAfterTheCopyAndTellsHowItWent(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	v := watching(t, b, "{ action: sync+exec, path: app, target: /app, exec: { command: [ echo, reloaded ] } }, { action: sync+exec, path: game.c, target: /game.c, exec: { command: [ make ] } }")
	v.save("app/a", "new")
	v.hears("sync game: 1 file")
	v.hears("exec game: | reloaded")
	v.hears("exec game: echo reloaded: exit code 0 in ")
	v.save("game.c", "new")
	v.hears("exec game: make: exit code 1 in ")
}

func TestABuildThatFailsLeavesTheGameRunningAndIsTriedAgain(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	v := watching(t, b, "{ action: rebuild, path: game.c }")
	before := containers(t, b)[0]
	b.fake.Building = func(context.Context, []string) error { return errors.New("make: *** [game] Error 1") }
	v.save("game.c", "int broken")
	v.hears("rebuild game: 1 file (game.c)")
	v.hears("build of game: make: *** [game] Error 1")
	v.hears("what ran before goes on")
	if now := containers(t, b)[0]; now.ID != before.ID || now.State != compose.Running {
		t.Errorf("the container is %+v", now)
	}
	b.fake.Building = nil
	v.save("game.c", "int mended;")
	v.hears("game: ready in ")
	if now := containers(t, b)[0]; now.ID == before.ID || now.State != compose.Running {
		t.Errorf("the container is %+v", now)
	}
}

func TestAChangeOfNothingInTheImageReplacesNothing(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	v := watching(t, b, "{ action: rebuild, path: app }")
	v.save("app/a", "new")
	v.hears("nothing of this is in the image")
	if n := builds(b); n != 1 {
		t.Errorf("built %d times", n)
	}
}

func TestADockerfileThatIsEditedIsReadAnew(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	v := watching(t, b, "{ action: rebuild, path: Dockerfile }")
	v.save("Dockerfile", "FROM scratch AS builder\nCOPY game.c app/ .\nFROM builder AS runner\n")
	v.hears("game: ready in ")
}

func TestWhatChangesDuringARebuildIsHandledAfterItOnce(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	v := watching(t, b, "{ action: rebuild, path: . , include: [ '*.c' ] }, { action: sync, path: app, target: /app }")
	building, goOn := make(chan bool), make(chan bool)
	b.fake.Building = func(context.Context, []string) error { building <- true; <-goOn; return nil }
	v.save("game.c", "int first;")
	<-building
	for _, text := range []string{"one", "two", "three"} {
		v.save("app/a", text)
		v.save("app/"+text, text)
	}
	goOn <- true
	v.hears("game: ready in ")
	v.hears("sync game: 4 files")
	v.save("app/last", "last")
	if before := v.hears("sync game: 1 file (app/last)"); len(before) > 0 {
		t.Errorf("also told: %q", before)
	}
}

func TestAServiceThatDoesNotGetReadyIsShownAndWatchingGoesOn(t *testing.T) {
	b := newBed(t)
	b.fake.Play("game", stacktest.Greets("Welcome"))
	v := watching(t, b, "{ action: rebuild, path: game.c }")
	b.fake.Play("game", stacktest.Exits(1, "segmentation fault"))
	v.save("game.c", "int broken;")
	failed := failure(t, <-v.shown, "game", "exit code 1")
	if !slices.Contains(failed.Log, "segmentation fault") {
		t.Errorf("log is %q", failed.Log)
	}
	b.fake.Play("game", stacktest.Greets("Welcome"))
	v.save("game.c", "int mended;")
	v.hears("game: ready in ")
}
