package report

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("CET", 3600))

// holding is an attempt in which all is well.
func holding() Attempt {
	return Attempt{
		Project: "mud-smoke-1", At: noon, Took: 4200 * time.Millisecond, Artifacts: "artifacts/prod",
		Cases: []Case{
			{Kind: CaseBuild, Name: "images of prod", Result: Passed, Took: 850 * time.Millisecond},
			{Kind: CaseStart, Service: "game", Name: "is ready", Result: Passed, Took: 2 * time.Second},
			{Kind: CaseConversation, Service: "game", Name: "a new player looks around", Where: "smoke/login.yaml:3", Result: Passed, Took: 70 * time.Millisecond},
		},
	}
}

// failing is an attempt in which the game is silent.
func failing() Attempt {
	return Attempt{
		Project: "mud-smoke-2", At: noon, Took: 61 * time.Second,
		Cases: []Case{
			{Kind: CaseBuild, Name: "images of prod", Result: Passed},
			{Kind: CaseCheck, Service: "game", Name: "check 5556 telnet", Where: "/src/mud/compose.yaml:12", Result: Broken,
				Reason: "silent: not one byte within 3s", Detail: "last log lines:\n** boot <failed> | `oops`\n::error::fake\n", Next: "docker logs mud-game-1", Took: time.Minute},
			{Kind: CaseConversation, Service: "game", Name: "a new player looks around", Where: "smoke/login.yaml:3", Result: Skipped, Reason: "the game was not ready"},
		},
	}
}

func smokeOf(runs ...SmokeRun) Smoke {
	s := Smoke{Project: "mud", Runs: runs, At: noon, Took: 5 * time.Second}
	s.Passed = s.Err() == nil
	return s
}

func passing() Smoke {
	return smokeOf(SmokeRun{Profile: "prod", Attempts: []Attempt{holding()}})
}

func failed() Smoke {
	return smokeOf(SmokeRun{Profile: "prod", Attempts: []Attempt{failing()}})
}

func flaky() Smoke {
	return smokeOf(SmokeRun{Profile: "prod", Attempts: []Attempt{failing(), holding()}, Allowed: 3})
}

func twoProfiles() Smoke {
	s := smokeOf(SmokeRun{Profile: "dev", Attempts: []Attempt{holding()}}, SmokeRun{Profile: "prod", Attempts: []Attempt{failing()}})
	s.Differences = append(Differences(s.Runs), Difference{Service: "game", What: "image size", Values: map[string]string{"dev": "645 MB", "prod": "28.5 MB"}})
	s.Differences = append(s.Differences, Difference{Service: "game", What: "case check 5556 telnet", Values: map[string]string{"dev": "passed", "prod": "failed: silent"}, Breaks: true})
	return s
}

// nasty is full of what may break a format.
func nasty() Smoke {
	text := "]]> \x1b[31m\x00\xff\u202e &amp; <script> | ``` \"'\r\n::error::x\r##[error]y\ufffe %0A"
	c := Case{Kind: CaseCheck, Service: text, Name: text, Where: text, Result: Broken, Reason: text, Detail: text, Next: text}
	skipped := c
	skipped.Result = Skipped
	a := Attempt{Project: text, At: noon, Artifacts: text, Cases: []Case{c, skipped, {}}}
	s := smokeOf(SmokeRun{Profile: text, Attempts: []Attempt{a, a}})
	s.Project = text
	s.Differences = []Difference{{Service: text, What: text, Values: map[string]string{text: text, "": text}, Breaks: true}}
	return s
}

func TestARunIsToldInAFewWords(t *testing.T) {
	tests := map[string]struct {
		run             SmokeRun
		verdict, counts string
	}{
		"passed at once":         {SmokeRun{Attempts: []Attempt{holding()}, Allowed: 3}, "passed", "3 cases"},
		"failed at once":         {SmokeRun{Attempts: []Attempt{failing()}}, "FAILED", "1 of 3 cases failed"},
		"failed at each attempt": {SmokeRun{Attempts: []Attempt{failing(), failing()}}, "FAILED at 2 attempts", "1 of 3 cases failed"},
		"passed at the second":   {SmokeRun{Attempts: []Attempt{failing(), holding()}, Allowed: 3}, "FLAKY: passed at attempt 2 of 3", "3 cases"},
		"passed at the last":     {SmokeRun{Attempts: []Attempt{failing(), holding()}}, "FLAKY: passed at attempt 2 of 2", "3 cases"},
		"no attempt is no pass":  {SmokeRun{}, "FAILED", "1 of 1 case failed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.run.verdict(); got != tt.verdict {
				t.Errorf("got %q", got)
			}
			if got := tt.run.count(); got != tt.counts {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestTheErrorOfASmokeRunNamesTheFailures(t *testing.T) {
	if err := flaky().Err(); err != nil {
		t.Error(err)
	}
	var err *SmokeError
	if !errors.As(twoProfiles().Err(), &err) {
		t.Fatal("no error")
	}
	if diff := cmp.Diff("smoke run failed: prod: game: check 5556 telnet: silent: not one byte within 3s", err.Error()); diff != "" {
		t.Error(diff)
	}
	if err.Hint() != "docker logs mud-game-1" {
		t.Error(err.Hint())
	}
}

func TestASmokeRunThatCannotBeWrittenIsAnError(t *testing.T) {
	s := failed()
	for name, err := range map[string]error{
		"text": SmokeText(full{}, s), "junit": JUnit(full{}, s), "markdown": Markdown(full{}, s),
		"github": GitHubAnnotations(full{}, s, ""), "gitlab": GitLabCodeQuality(full{}, s, ""),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestTimesAreBrief(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0s", 850 * time.Millisecond: "850ms", 4249 * time.Millisecond: "4.2s", 65400 * time.Millisecond: "1m5s"} {
		if got := brief(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}

// acts tells a character that acts instead of being seen.
func acts(text string) bool { return strings.ContainsAny(text, "\x1b\x00\r\u202e") }
