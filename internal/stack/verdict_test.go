package stack

import (
	"testing"
	"time"

	"devenv/compose"
	"devenv/internal/probe"
)

// A moment is what there is to judge about one service.
type moment struct {
	before, now []compose.Container
	events      []compose.Event
	starting    bool // the engine has not started all yet
	asked       bool // the service has a check
	want        int  // containers; 0 is 1
}

func TestJudge(t *testing.T) {
	at := func(s compose.State, edit ...func(*compose.Container)) []compose.Container {
		c := compose.Container{ID: "a", Name: "mud-game-1", State: s, Started: time.Unix(100, 0)}
		for _, e := range edit {
			e(&c)
		}
		return []compose.Container{c}
	}
	code := func(n int) func(*compose.Container) { return func(c *compose.Container) { c.ExitCode = n } }
	health := func(h compose.Health) func(*compose.Container) { return func(c *compose.Container) { c.Health = h } }
	restarts := func(n int) func(*compose.Container) { return func(c *compose.Container) { c.Restarts = n } }
	earlier := func(c *compose.Container) { c.Started = time.Unix(50, 0) }
	called := func(id string) func(*compose.Container) { return func(c *compose.Container) { c.ID = id } }
	oom := func(c *compose.Container) { c.OOM = true }
	fault := func(c *compose.Container) { c.Error = "no such file: /game" }
	died := func(n int) compose.Event {
		return compose.Event{Container: "a", Action: compose.Died, ExitCode: n}
	}
	kill, start := compose.Event{Container: "a", Action: compose.Killed}, compose.Event{Container: "a", Action: compose.Started}
	events := func(e ...compose.Event) []compose.Event { return e }

	tests := map[string]struct {
		moment
		want phase
		says string // what it waits for, or why it failed
	}{
		"not created yet":                       {moment{starting: true}, pending, "its container to be created"},
		"gone after the start":                  {moment{}, failed, "its container is gone: something else has removed it"},
		"one of two is gone":                    {moment{now: at(compose.Running), want: 2}, failed, "its container is gone: something else has removed it"},
		"created":                               {moment{now: at(compose.Created), starting: true}, pending, "its container to run"},
		"cannot be started":                     {moment{now: at(compose.Created, fault), starting: true}, failed, "no such file: /game"},
		"could not be started before":           {moment{before: at(compose.Created, fault), now: at(compose.Created, fault), starting: true}, pending, "the engine to start or replace its container"},
		"runs":                                  {moment{now: at(compose.Running)}, up, ""},
		"runs while others are started":         {moment{now: at(compose.Running), starting: true}, up, ""},
		"ran before, may be replaced":           {moment{before: at(compose.Running), now: at(compose.Running), starting: true}, pending, "the engine to start or replace its container"},
		"ran before, was left alone":            {moment{before: at(compose.Running), now: at(compose.Running)}, up, ""},
		"ended before, now started":             {moment{before: at(compose.Exited, earlier), now: at(compose.Running), starting: true}, up, ""},
		"ended before, not started yet":         {moment{before: at(compose.Exited, code(1)), now: at(compose.Exited, code(1)), starting: true}, pending, "the engine to start or replace its container"},
		"ended before, started, ended again":    {moment{before: at(compose.Exited, earlier), now: at(compose.Exited, code(1)), starting: true}, failed, "its container ended with exit code 1"},
		"starting health":                       {moment{now: at(compose.Running, health(compose.Starting))}, running, "its healthcheck"},
		"healthy":                               {moment{now: at(compose.Running, health(compose.Healthy))}, up, ""},
		"unhealthy":                             {moment{now: at(compose.Running, health(compose.Unhealthy))}, failed, "unhealthy"},
		"unhealthy before, may be replaced":     {moment{before: at(compose.Running), now: at(compose.Running, health(compose.Unhealthy)), starting: true}, pending, "the engine to start or replace its container"},
		"paused":                                {moment{now: at(compose.Paused)}, failed, "its container is paused"},
		"ended badly":                           {moment{now: at(compose.Exited, code(3))}, failed, "its container ended with exit code 3"},
		"ended badly while others are started":  {moment{now: at(compose.Exited, code(3)), starting: true}, failed, "its container ended with exit code 3"},
		"dead":                                  {moment{now: at(compose.Dead, code(3))}, failed, "its container ended with exit code 3"},
		"ended well":                            {moment{now: at(compose.Exited)}, done, ""},
		"ended well, but a check wants it":      {moment{now: at(compose.Exited), asked: true}, failed, "its container ended (exit code 0), but a player should be able to connect"},
		"ended for want of memory":              {moment{now: at(compose.Exited, code(137), oom)}, failed, "ran out of memory and was killed"},
		"stopped for a moment by the engine":    {moment{now: at(compose.Exited, code(143)), events: events(kill, died(143)), starting: true}, pending, "its container to be started again"},
		"stopped by somebody":                   {moment{now: at(compose.Exited, code(143)), events: events(kill, died(143))}, failed, "its container ended with exit code 143"},
		"one crash, about to be started again":  {moment{now: at(compose.Restarting, code(1), restarts(1)), events: events(died(1))}, pending, "its container to be started again (it ended with exit code 1)"},
		"one crash, started again":              {moment{now: at(compose.Running, restarts(1)), events: events(died(1), start)}, up, ""},
		"two crashes that events told":          {moment{now: at(compose.Running), events: events(died(1), start, died(2), start)}, failed, "its container has crashed 2 times (exit code 2) and is started again each time"},
		"two crashes that the engine counted":   {moment{now: at(compose.Restarting, restarts(2), code(9))}, failed, "its container has crashed 2 times (exit code 9) and is started again each time"},
		"crashes from before are not counted":   {moment{before: at(compose.Running, restarts(7)), now: at(compose.Running, restarts(8))}, up, ""},
		"a kill and a start are no crash":       {moment{now: at(compose.Running), events: events(kill, died(137), start, kill, died(137), start)}, up, ""},
		"no container is wanted":                {moment{want: -1}, done, ""},
		"the old one runs, the new one is made": {moment{before: at(compose.Running), now: append(at(compose.Running), at(compose.Created, called("b"))...), starting: true}, pending, "the engine to start or replace its container"},
		"the old one was killed, the new runs":  {moment{before: at(compose.Running), now: append(at(compose.Exited, code(137)), at(compose.Running, called("b"))...), starting: true}, pending, "the engine to start or replace its container"},
		"one of two has ended badly":            {moment{now: append(at(compose.Running), at(compose.Exited, called("b"), code(1))...), want: 2}, failed, "its container ended with exit code 1"},
		"one of two has ended well":             {moment{now: append(at(compose.Running), at(compose.Exited, called("b"))...), want: 2}, up, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v := tt.judge()
			says := v.waits
			if v.failure != nil {
				says = v.failure.Reason
			}
			if v.phase != tt.want || says != tt.says {
				t.Errorf("phase %d: %q; want %d: %q", v.phase, says, tt.want, tt.says)
			}
		})
	}
}

func (m moment) judge() verdict {
	for _, all := range [][]compose.Container{m.before, m.now} {
		for i := range all {
			all[i].Service = "game"
		}
	}
	h := newHistory(m.before)
	h.launched["game"] = !m.starting
	for _, e := range m.events {
		h.note(e)
	}
	s := compose.Service{Name: "game"}
	if m.asked {
		s.Checks = []compose.Check{{Port: 4000}}
	}
	want := max(m.want, 0)
	if m.want == 0 {
		want = 1
	}
	return judge(s, m.now, want, h)
}

func TestAFailedCheckSaysEachThingOnce(t *testing.T) {
	q := probe.Question{Port: 4000, Addr: "127.0.0.1:4000", Protocol: probe.Telnet}
	tests := map[string]struct {
		answer probe.Answer
		want   string
	}{
		"the address, where the reason has it": {
			probe.Answer{Question: q, Outcome: probe.Refused, Reason: "nothing listens on 127.0.0.1:4000", Attempts: 1},
			"refused: nothing listens on 127.0.0.1:4000",
		},
		"the address, where it has not": {
			probe.Answer{Question: q, Outcome: probe.Silent, Reason: "not one byte within 3s", Attempts: 1},
			"silent: not one byte within 3s, at 127.0.0.1:4000",
		},
		"how long it was tried": {
			probe.Answer{Question: q, Outcome: probe.Silent, Reason: "not one byte within 3s", Attempts: 4, Took: 12123 * time.Millisecond},
			"silent: not one byte within 3s, at 127.0.0.1:4000; not ready after 4 attempts in 12.12s",
		},
		"a port that cannot be reached": {
			unreachable(probe.Question{Port: 4000}),
			"refused: port 4000 is not published, and cannot be reached from here otherwise",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := (verdict{}).failCheck(tt.answer).failure.Reason; got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
