package report

import (
	"errors"
	"strings"
	"testing"
	"time"

	"devenv/internal/probe"

	"github.com/google/go-cmp/cmp"
)

func port(number uint16, address string, check *probe.Answer) Port {
	return Port{Port: number, Address: address, Check: check}
}

func ready(greeting string) *probe.Answer {
	return &probe.Answer{
		Question: probe.Question{Service: "game", Port: 5556, Addr: "127.0.0.1:5556", Protocol: probe.Telnet},
		Outcome:  probe.Ready,
		Greeting: greeting,
		Attempts: 2,
		Took:     70 * time.Millisecond,
	}
}

func TestTextIsATable(t *testing.T) {
	tests := map[string]struct {
		services []Service
		want     string
	}{
		"nothing": {nil, `
SERVICE   TARGET   STATE   ADDRESS   SAYS
`},
		"a service without ports": {[]Service{{Name: "bot", State: Done}}, `
SERVICE   TARGET   STATE   ADDRESS   SAYS
bot       -        done
`},
		"the prompt of a greeting of many lines": {[]Service{{Name: "game", Profile: "dev", Target: "builder", State: Ready, Ports: []Port{port(5556, "127.0.0.1:5556", ready("Welcome\nto Midgaard\n\nBy what name? \n  "))}}}, `
SERVICE   TARGET        STATE   ADDRESS          SAYS
game      dev/builder   ready   127.0.0.1:5556   By what name?
`},
		"a tab in a greeting": {[]Service{{Name: "game", State: Ready, Ports: []Port{port(5556, "127.0.0.1:5556", ready("a\tb"))}}}, `
SERVICE   TARGET   STATE   ADDRESS          SAYS
game      -        ready   127.0.0.1:5556   a b
`},
		"a long greeting": {[]Service{{Name: "game", State: Ready, Ports: []Port{port(1, "x:1", ready(strings.Repeat("long ", 20)))}}}, `
SERVICE   TARGET   STATE   ADDRESS   SAYS
game      -        ready   x:1       ` + strings.Repeat("long ", 12) + `…
`},
		"ports that are not asked, or not published": {[]Service{{Name: "game", Profile: "prod", State: Ready, Ports: []Port{
			port(5556, "127.0.0.1:5556", ready("Hi")), port(9568, "127.0.0.1:9568", nil), port(4369, "", nil),
		}}}, `
SERVICE   TARGET   STATE   ADDRESS                      SAYS
game      prod     ready   127.0.0.1:5556               Hi
                           127.0.0.1:9568
                           (port 4369, not published)
`},
		"stale and not running": {[]Service{{Name: "game", State: Ready, Stale: "its sources have changed"}, {Name: "web", State: NotRunning}}, `
SERVICE   TARGET   STATE           ADDRESS   SAYS
game      -        ready (stale)
web       -        not running
`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := Text(&b, Report{Services: tt.services}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.TrimPrefix(tt.want, "\n"), b.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func broken() Report {
	code := 137
	silent := &probe.Answer{
		Question: probe.Question{Service: "game", Port: 5556, Addr: "127.0.0.1:5556", Protocol: probe.Telnet},
		Outcome:  probe.NoMatch,
		Reason:   `nothing that matches "name" within 3s`,
		Greeting: "Booting.\nPlease wait.",
		Attempts: 9,
		Took:     30 * time.Second,
	}
	return Report{Project: "mud", Profile: "dev", Services: []Service{
		{Name: "game", Profile: "dev", Target: "builder", State: Failed, Container: "mud-game-1", Image: "mud-game:builder",
			Ports: []Port{port(5556, "127.0.0.1:5556", silent)},
			Failure: &Failure{
				Step:     "check 5556 telnet",
				Reason:   "talks, but no match",
				Said:     "Booting.\nPlease wait.\n",
				ExitCode: &code,
				OOM:      true,
				Health:   "no\nplayers",
				Log:      []string{"first", "", "\tlast <&>"},
				Next:     "docker logs mud-game-1",
			}},
		{Name: "web", State: Waiting, Ports: []Port{}},
	}}
}

func TestAFailureHasAPageOfItsOwn(t *testing.T) {
	var b strings.Builder
	if err := Text(&b, broken()); err != nil {
		t.Fatal(err)
	}
	want := `SERVICE   TARGET        STATE     ADDRESS          SAYS
game      dev/builder   failed    127.0.0.1:5556   talks, but no match: nothing that matches "name" within 3s
web       -             waiting

game failed: check 5556 telnet: talks, but no match
  exit code: 137
  memory: the container was ended for want of it
  last healthcheck: no
    players
  server said: Booting.
    Please wait.
  last log lines:
    first

    	last <&>
  next: docker logs mud-game-1
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestJSONIsTheWholeReport(t *testing.T) {
	var b strings.Builder
	r := broken()
	r.Took = time.Second
	r.Services[0].Ports[0].Check = nil // its form is probe's
	r.Settle()
	if err := JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	want := `{
  "project": "mud",
  "profile": "dev",
  "ready": false,
  "services": [
    {
      "service": "game",
      "profile": "dev",
      "target": "builder",
      "state": "failed",
      "container": "mud-game-1",
      "image": "mud-game:builder",
      "ports": [
        {
          "port": 5556,
          "address": "127.0.0.1:5556"
        }
      ],
      "failure": {
        "step": "check 5556 telnet",
        "reason": "talks, but no match",
        "said": "Booting.\nPlease wait.\n",
        "exit_code": 137,
        "oom": true,
        "health": "no\nplayers",
        "log": [
          "first",
          "",
          "\tlast <&>"
        ],
        "next": "docker logs mud-game-1"
      }
    },
    {
      "service": "web",
      "state": "waiting",
      "ports": []
    }
  ],
  "took_ns": 1000000000
}
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestTheAnswerOfACheckIsInTheJSON(t *testing.T) {
	var b strings.Builder
	if err := JSON(&b, Report{Services: []Service{{Name: "game", Ports: []Port{port(5556, "127.0.0.1:5556", ready("Hi"))}}}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"outcome": "ready"`, `"greeting": "Hi"`, `"attempts": 2`, `"took_ns": 70000000`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in %s", want, b.String())
		}
	}
}

func TestAReportIsReadyWhenAllServicesAreReadyOrDone(t *testing.T) {
	for state, want := range map[State]bool{Ready: true, Done: true, Failed: false, Waiting: false, NotRunning: false} {
		r := Report{Services: []Service{{Name: "db", State: Ready}, {Name: "game", State: state}}}
		r.Settle()
		if r.Ready != want || (r.Err() == nil) != want {
			t.Errorf("%s: ready %v, error %v", state, r.Ready, r.Err())
		}
	}
}

func TestTheErrorNamesTheFailuresAndTheNextCommand(t *testing.T) {
	tests := map[string]struct {
		report     Report
		text, hint string
	}{
		"failures": {broken(), `not ready: service "game": check 5556 telnet: talks, but no match`, "docker logs mud-game-1"},
		"no failure": {
			Report{Services: []Service{{Name: "game", State: NotRunning}, {Name: "web", State: Waiting}}},
			`not ready: service "game" is not running; service "web" is waiting`, "",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var err *NotReadyError
			if !errors.As(tt.report.Err(), &err) || err.Error() != tt.text || err.Hint() != tt.hint {
				t.Errorf("got %v, hint %q", err, err.Hint())
			}
		})
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestAReportThatCannotBeWrittenIsAnError(t *testing.T) {
	if Text(full{}, broken()) == nil || JSON(full{}, broken()) == nil {
		t.Error("no error")
	}
}
