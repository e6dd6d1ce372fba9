// Package report holds what is told at the end of a command: data until the
// last moment, then text or JSON. It stands at the end of the flow and knows
// the answers of checks, but nothing of engines or plans.
package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"devenv/internal/probe"
)

// A Report is what was observed of a project.
type Report struct {
	Project  string        `json:"project"`
	Profile  string        `json:"profile"`
	Ready    bool          `json:"ready"` // every service is ready or done
	Services []Service     `json:"services"`
	Extra    []string      `json:"extra,omitempty"` // containers that the profile does not ask for
	At       time.Time     `json:"at,omitzero"`     // when all this was seen
	Took     time.Duration `json:"took_ns,omitempty"`
	Timeline []Span        `json:"timeline,omitempty"` // of up
}

// A Service is what was observed of one service.
type Service struct {
	Name      string   `json:"service"`
	Profile   string   `json:"profile,omitempty"` // the one its container was made for
	Target    string   `json:"target,omitempty"`  // the stage its container was made from
	State     State    `json:"state"`
	Stale     string   `json:"stale,omitempty"` // why the container is not what the plan asks for
	Container string   `json:"container,omitempty"`
	Image     string   `json:"image,omitempty"`
	Ports     []Port   `json:"ports"`
	Failure   *Failure `json:"failure,omitempty"`
}

// A State is the state of a service in one word or two.
type State string

// The states. A service that was still waited for when another one failed is
// Waiting.
const (
	Ready      State = "ready"       // runs, healthy, all checks hold
	Done       State = "done"        // a one-shot that ended with 0
	Failed     State = "failed"      // the Failure says how
	Waiting    State = "waiting"     // not ready yet, not failed
	NotRunning State = "not running" // no container, or one that has ended
)

// A Port is one tcp port of a service.
type Port struct {
	Port    uint16        `json:"port"`              // inside the container
	Address string        `json:"address,omitempty"` // host:port to dial; "" is not published
	Check   *probe.Answer `json:"check,omitempty"`
}

// A Failure says why a service is not ready, and what to look at next. All
// texts are safe to print.
type Failure struct {
	Step     string   `json:"step"` // what was being done: "start", "healthcheck", "check 5556 telnet", …
	Reason   string   `json:"reason"`
	Said     string   `json:"said,omitempty"`     // the last words of the telnet server
	Evidence string   `json:"evidence,omitempty"` // what the container's own address tells
	ExitCode *int     `json:"exit_code,omitempty"`
	OOM      bool     `json:"oom,omitempty"`
	Refused  bool     `json:"refused,omitempty"` // by the engine, which could not start the container
	Health   string   `json:"health,omitempty"`  // output of the last Docker healthcheck
	Log      []string `json:"log,omitempty"`     // the last lines
	Next     string   `json:"next,omitempty"`    // the command to type next
}

// NotReadyError is a report in which some service is not ready.
type NotReadyError struct {
	Project  string
	Services []Service // that are not ready
}

// told is how many services an error speaks of.
const told = 5

func (e *NotReadyError) Error() string {
	var reasons []string
	for _, s := range e.Services {
		switch {
		case len(reasons) == told:
			return fmt.Sprintf("not ready: %s; and %d more", strings.Join(reasons, "; "), len(e.Services)-told)
		case s.Failure != nil:
			reason, _, _ := strings.Cut(s.Failure.Reason, ";") // the failure page tells the rest
			reasons = append(reasons, fmt.Sprintf("service %q: %s: %s", s.Name, s.Failure.Step, reason))
		case s.State != Waiting || !e.failed():
			reasons = append(reasons, fmt.Sprintf("service %q is %s", s.Name, s.State))
		}
	}
	return "not ready: " + strings.Join(reasons, "; ")
}

// failed tells whether a service failed, so that others need not be spoken of.
func (e *NotReadyError) failed() bool {
	return slices.ContainsFunc(e.Services, func(s Service) bool { return s.Failure != nil })
}

// Refused tells whether the engine could not start a container.
func (e *NotReadyError) Refused() bool {
	return slices.ContainsFunc(e.Services, func(s Service) bool { return s.Failure != nil && s.Failure.Refused })
}

// Hint is the next command to type.
func (e *NotReadyError) Hint() string {
	for _, s := range e.Services {
		if s.Failure != nil && s.Failure.Next != "" {
			return s.Failure.Next
		}
	}
	return ""
}

// Settle sets Ready from the states of the services.
func (r *Report) Settle() {
	r.Ready = len(r.notReady()) == 0
}

func (r Report) notReady() []Service {
	return slices.DeleteFunc(slices.Clone(r.Services), func(s Service) bool {
		return s.State == Ready || s.State == Done
	})
}

// Err is nil when all services are ready, else a [NotReadyError].
func (r Report) Err() error {
	if left := r.notReady(); len(left) > 0 {
		return &NotReadyError{Project: r.Project, Services: left}
	}
	return nil
}
