package report

import (
	"fmt"
	"strings"
	"time"
)

// A Smoke is what a smoke run came to: one [SmokeRun] for each profile.
type Smoke struct {
	Project     string        `json:"project"`
	Passed      bool          `json:"passed"` // every profile has passed, if need be at a later attempt
	Runs        []SmokeRun    `json:"runs"`
	Differences []Difference  `json:"differences,omitempty"` // between the profiles
	At          time.Time     `json:"at"`                    // when it began
	Took        time.Duration `json:"took_ns"`
}

// A SmokeRun is the smoke run of one profile.
type SmokeRun struct {
	Profile  string    `json:"profile"`
	Attempts []Attempt `json:"attempts"`          // the last one decides
	Allowed  int       `json:"allowed,omitempty"` // how many attempts it was given; 0 is not said
}

// An Attempt is a project of its own that was brought up, played with and taken
// down.
type Attempt struct {
	Project   string        `json:"project"` // the name of its own
	Cases     []Case        `json:"cases"`   // in the order in which they were looked at
	Services  []Service     `json:"services"`
	Images    []ImageSize   `json:"images,omitempty"`
	Ends      []End         `json:"ends,omitempty"`
	Timeline  []Span        `json:"timeline,omitempty"`
	Artifacts string        `json:"artifacts,omitempty"` // folder in which everything of it is kept
	At        time.Time     `json:"at"`
	Took      time.Duration `json:"took_ns"`
}

// A Case is one thing that a smoke run looks at.
type Case struct {
	Kind    CaseKind      `json:"kind"`
	Service string        `json:"service,omitempty"`
	Name    string        `json:"name"`            // such as "check 5556 telnet", "a new player looks around"
	Where   string        `json:"where,omitempty"` // "file:line" that asks for it, absolute or relative to the project
	Result  CaseResult    `json:"result"`
	Reason  string        `json:"reason,omitempty"` // of a failure, one line, safe to print
	Detail  string        `json:"detail,omitempty"` // of a failure: what was said, health output, last log lines; many lines, safe to print
	Next    string        `json:"next,omitempty"`   // what to do next
	Took    time.Duration `json:"took_ns"`
}

// CaseKind is what kind of thing was looked at.
type CaseKind string

// The kinds, in the order in which they are looked at.
const (
	CaseBuild        CaseKind = "build"        // the images of the profile
	CaseStart        CaseKind = "start"        // a service is ready
	CaseCheck        CaseKind = "check"        // a check of x-devenv or of a port
	CaseConversation CaseKind = "conversation" // a conversation was played
	CaseRestart      CaseKind = "restart"      // no container was started again
	CaseRun          CaseKind = "run"          // it came to its end: in time, and without an interrupt
	CaseTeardown     CaseKind = "teardown"     // nothing was left behind
)

// CaseResult is what came of a case.
type CaseResult string

// The results. A case that an earlier failure kept from being looked at is skipped.
const (
	Passed  CaseResult = "passed"
	Broken  CaseResult = "failed"
	Skipped CaseResult = "skipped"
)

// An ImageSize is the size of the image of a service.
type ImageSize struct {
	Service string `json:"service"`
	Target  string `json:"target,omitempty"`
	Image   string `json:"image"`
	Bytes   int64  `json:"bytes"`
}

// An End is how a service ended when it was asked to.
type End struct {
	Service  string        `json:"service"`
	ExitCode int           `json:"exit_code"`
	Killed   bool          `json:"killed"` // it did not end in its time of grace
	Took     time.Duration `json:"took_ns"`
}

// A Difference is something in which the profiles of a smoke run are not alike.
type Difference struct {
	Service string            `json:"service"`
	What    string            `json:"what"`   // "greeting 5556", "ports", "exit", "image size", "case a new player looks around"
	Values  map[string]string `json:"values"` // by profile
	Breaks  bool              `json:"breaks"` // it holds for one profile and fails for another
}

// Last is the attempt that decides.
func (r SmokeRun) Last() Attempt {
	if len(r.Attempts) == 0 {
		return Attempt{}
	}
	return r.Attempts[len(r.Attempts)-1]
}

// Passed tells whether the last attempt did.
func (r SmokeRun) Passed() bool { return len(r.Attempts) > 0 && r.Last().Passed() }

// Flaky tells a profile that has passed only at a later attempt.
func (r SmokeRun) Flaky() bool { return r.Passed() && len(r.Attempts) > 1 }

// Passed tells that no case has failed.
func (a Attempt) Passed() bool { return len(a.Failed()) == 0 }

// Failed lists the cases that failed.
func (a Attempt) Failed() []Case {
	var failed []Case
	for _, c := range a.Cases {
		if c.Result == Broken {
			failed = append(failed, c)
		}
	}
	return failed
}

// SmokeError is a smoke run that failed.
type SmokeError struct{ Runs []SmokeRun }

func (e *SmokeError) Error() string {
	var faults []string
	for _, r := range e.Runs {
		for _, c := range r.Last().Failed() {
			faults = append(faults, fmt.Sprintf("%s: %s: %s", r.Profile, c.Title(), c.Reason))
		}
	}
	return "smoke run failed: " + strings.Join(faults, "; ")
}

// Hint is what to do next.
func (e *SmokeError) Hint() string {
	for _, r := range e.Runs {
		for _, c := range r.Last().Failed() {
			if c.Next != "" {
				return c.Next
			}
		}
	}
	return ""
}

// Title names the case with its service.
func (c Case) Title() string {
	if c.Service == "" {
		return c.Name
	}
	return c.Service + ": " + c.Name
}

// Err is nil when every profile has passed, else a [SmokeError].
func (s Smoke) Err() error {
	var failed []SmokeRun
	for _, r := range s.Runs {
		if !r.Passed() {
			failed = append(failed, r)
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return &SmokeError{Runs: failed}
}
