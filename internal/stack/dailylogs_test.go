package stack_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"devenv/compose"
	"devenv/internal/stack"

	"github.com/google/go-cmp/cmp"
)

// An archive is an engine whose containers only print.
type archive struct {
	stack.DailyEngine
	events chan compose.Event

	mu         sync.Mutex
	containers []compose.Container
	past       map[string][]compose.LogLine      // by ID, what is there already
	lives      map[string][]chan compose.LogLine // by ID, one for each reading that follows
	asked      []compose.LogQuery                // of those that follow
}

func (a *archive) Containers(context.Context, string) ([]compose.Container, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.containers), nil
}

func (a *archive) Events(context.Context, string) <-chan compose.Event { return a.events }

func (a *archive) ReadLog(ctx context.Context, c compose.Container, q compose.LogQuery, each func(compose.LogLine) error) error {
	if !q.Follow {
		for _, line := range a.past[c.ID] {
			if err := each(line); err != nil {
				return err
			}
		}
		return nil
	}
	a.mu.Lock()
	life := a.lives[c.ID][0]
	a.lives[c.ID] = a.lives[c.ID][1:]
	a.asked = append(a.asked, q)
	a.mu.Unlock()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case line, more := <-life:
			if !more {
				return nil
			}
			if err := each(line); err != nil {
				return err
			}
		}
	}
}

// become changes what containers there are.
func (a *archive) become(containers ...compose.Container) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.containers = containers
}

func dailyOf(e stack.DailyEngine) stack.Daily {
	return stack.Daily{Stack: stack.Stack{Engine: e}, Engine: e}
}

func containerOf(service string, state compose.State) compose.Container {
	return compose.Container{ID: service, Service: service, Number: 1, State: state}
}

// at is a line that was printed so many seconds after noon.
func at(second int, text string) compose.LogLine {
	return compose.LogLine{Time: noon.Add(time.Duration(second) * time.Second), Text: text}
}

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

var everything = compose.LogQuery{Last: compose.AllLines}

// heard are the texts of lines.
type heard []string

func (h *heard) take(line compose.LogLine) error {
	*h = append(*h, line.Text)
	return nil
}

func TestLogsComeInTheOrderOfTime(t *testing.T) {
	a := &archive{
		containers: []compose.Container{containerOf("db", compose.Running), containerOf("game", compose.Exited), containerOf("web", compose.Running)},
		past: map[string][]compose.LogLine{
			"db":   {at(1, "db up"), at(4, "db asked"), at(3, "db's clock went back")},
			"game": {at(2, "game up"), at(5, "game down")},
			"web":  {at(0, "not asked for")},
		},
	}
	var got heard
	if err := dailyOf(a).Logs(t.Context(), "mud", []string{"game", "db"}, everything, got.take); err != nil {
		t.Fatal(err)
	}
	want := heard{"db up", "game up", "db asked", "db's clock went back", "game down"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLogsOfAServiceWithoutAContainerSayHowToStartIt(t *testing.T) {
	err := dailyOf(&archive{}).Logs(t.Context(), "mud", []string{"game"}, everything, nil)
	var idle *stack.IdleError
	if !errors.As(err, &idle) || idle.Service != "game" {
		t.Errorf("error is %v", err)
	}
}

func TestLogsEndWithTheirReader(t *testing.T) {
	enough := errors.New("enough")
	a := &archive{containers: []compose.Container{containerOf("db", compose.Running)}, past: map[string][]compose.LogLine{"db": {at(1, "one"), at(2, "two")}}}
	err := dailyOf(a).Logs(t.Context(), "mud", nil, everything, func(compose.LogLine) error { return enough })
	if !errors.Is(err, enough) {
		t.Errorf("error is %v, want %v", err, enough)
	}
}

// A pursuit follows, in a bubble of time, what an archive prints.
type pursuit struct {
	*archive
	printing map[string][]chan compose.LogLine
	got      heard
	result   chan error
	cancel   func()
}

// pursue begins to follow; lives is how often the log of each container is read.
func pursue(t *testing.T, a *archive, lives map[string]int, test func(p *pursuit)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		p := &pursuit{archive: a, printing: map[string][]chan compose.LogLine{}, result: make(chan error, 1), cancel: cancel}
		a.events, a.lives = make(chan compose.Event), map[string][]chan compose.LogLine{}
		for id, n := range lives {
			for range n {
				p.printing[id] = append(p.printing[id], make(chan compose.LogLine))
			}
			a.lives[id] = p.printing[id]
		}
		q := everything
		q.Follow = true
		go func() { p.result <- dailyOf(a).Logs(ctx, "mud", nil, q, p.got.take) }()
		synctest.Wait()
		test(p)
	})
}

// print has a container say something in one of its lives, and end.
func (p *pursuit) print(id string, life int, lines ...compose.LogLine) {
	for _, line := range lines {
		p.printing[id][life] <- line
	}
	close(p.printing[id][life])
	synctest.Wait()
}

func (p *pursuit) started(id string) {
	p.events <- compose.Event{Container: id, Service: id, Action: compose.Started}
	synctest.Wait()
}

func TestFollowingGoesOnOverARestartAndTakesInNewContainers(t *testing.T) {
	game, web := containerOf("game", compose.Running), containerOf("web", compose.Running)
	a := &archive{containers: []compose.Container{game}, past: map[string][]compose.LogLine{"game": {at(1, "past")}}}
	pursue(t, a, map[string]int{"game": 2, "web": 1}, func(p *pursuit) {
		p.print("game", 0, at(2, "first life"))
		time.Sleep(time.Second) // in the bubble: it is down for less than the respite
		p.started("game")
		a.become(game, web)
		p.started("web")
		p.print("web", 0, at(3, "web"))
		a.become(containerOf("game", compose.Exited), containerOf("web", compose.Exited))
		p.print("game", 1, at(4, "second life"))
		if err := <-p.result; err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(heard{"past", "first life", "web", "second life"}, p.got); diff != "" {
			t.Error(diff)
		}
		if want := at(2, "").Time.Add(time.Nanosecond); !a.asked[1].Since.Equal(want) {
			t.Errorf("the second life is read since %v, want %v", a.asked[1].Since, want)
		}
	})
}

func TestFollowingTakesAStartDuringTheLastLinesForANewLife(t *testing.T) {
	a := &archive{containers: []compose.Container{containerOf("game", compose.Running)}}
	pursue(t, a, map[string]int{"game": 2}, func(p *pursuit) {
		p.started("game") // the engine has more of its first life to send
		p.print("game", 0, at(1, "first life"))
		a.become(containerOf("game", compose.Exited))
		p.print("game", 1, at(2, "second life"))
		if err := <-p.result; err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(heard{"first life", "second life"}, p.got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestFollowingWaitsForWhatTheEngineIsToStartAgain(t *testing.T) {
	a := &archive{containers: []compose.Container{containerOf("game", compose.Running)}}
	pursue(t, a, map[string]int{"game": 2}, func(p *pursuit) {
		a.become(containerOf("game", compose.Restarting))
		p.print("game", 0, at(1, "crashed"))
		time.Sleep(time.Minute) // in the bubble
		a.become(containerOf("game", compose.Running))
		p.started("game")
		a.become(containerOf("game", compose.Exited))
		p.print("game", 1, at(2, "gave up"))
		if err := <-p.result; err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(heard{"crashed", "gave up"}, p.got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestFollowingEndsWithAnInterrupt(t *testing.T) {
	a := &archive{containers: []compose.Container{containerOf("game", compose.Running)}}
	pursue(t, a, map[string]int{"game": 1}, func(p *pursuit) {
		p.cancel()
		if err := <-p.result; !errors.Is(err, context.Canceled) {
			t.Errorf("error is %v", err)
		}
	})
}

func TestFollowingTellsThatTheEngineWentAway(t *testing.T) {
	a := &archive{containers: []compose.Container{containerOf("game", compose.Running)}}
	pursue(t, a, map[string]int{"game": 1}, func(p *pursuit) {
		close(a.events)
		var gone *stack.EngineGoneError
		if err := <-p.result; !errors.As(err, &gone) {
			t.Errorf("error is %v", err)
		}
	})
}
