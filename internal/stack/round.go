package stack

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"devenv/compose"
	"devenv/internal/probe"
)

// A round is all checks of the containers of a service, asked until they hold
// or their time is over. A container that is started again gets a new round.
type round struct {
	of      string // which lives of which containers
	began   time.Time
	cancel  context.CancelFunc
	asked   []asked
	answers []probe.Answer // the last ones; an empty outcome is none yet
	missing int
}

// An asked check is one question of a round.
type asked struct {
	round    *round
	slot     int
	question probe.Question
	until    time.Time // when it must hold
	wake     chan struct{}
}

// An answered check is what a round waits for.
type answered struct {
	asked
	answer probe.Answer
}

// An asker puts the questions of rounds, and sends the last answers back.
type asker struct {
	stack    Stack
	limit    time.Time // of all rounds; zero leaves it to the checks
	answers  chan answered
	examined chan string // lives whose healthcheck holds
	asking   sync.WaitGroup
}

// livesOf names the lives of containers: each start is a new one.
func livesOf(containers []compose.Container) string {
	var b strings.Builder
	for _, c := range containers {
		b.WriteString(lifeOf(c))
	}
	return b.String()
}

func lifeOf(c compose.Container) string { return fmt.Sprintln(c.ID, c.Started) }

// begin asks every check of every container, on connections of their own.
func (a *asker) begin(ctx context.Context, s compose.Service, containers []compose.Container) *round {
	ctx, cancel := context.WithCancel(ctx)
	r := &round{of: livesOf(containers), began: time.Now(), cancel: cancel}
	for _, c := range containers {
		for _, check := range s.Checks {
			r.asked = append(r.asked, asked{
				round:    r,
				slot:     len(r.asked),
				question: a.stack.question(s.Name, c, check),
				until:    a.until(r, check),
				wake:     make(chan struct{}, 1),
			})
		}
	}
	r.missing = len(r.asked)
	r.answers = make([]probe.Answer, r.missing)
	for _, asked := range r.asked {
		a.asking.Go(func() { a.ask(ctx, asked) })
	}
	for _, c := range containers {
		if c.Health == compose.Starting && c.Early {
			a.asking.Go(func() { a.examine(ctx, c) })
		}
	}
	return r
}

// How often a starting container is examined: soon at first, and never for more
// than half of the time.
const (
	firstExamination   = 20 * time.Millisecond
	longestExamination = time.Second
)

// examine runs the healthcheck of a starting container until it holds. Docker's
// own first look may be 30 s away, and the author has not asked for that: it is the default
// of an interval meant for later. Where the check cannot be run, Docker's word is
// waited for.
func (a *asker) examine(ctx context.Context, c compose.Container) {
	for pause := firstExamination; ; pause = min(2*pause, longestExamination) {
		began := time.Now()
		healthy, _, err := a.stack.Engine.Examine(ctx, c.ID)
		if err != nil {
			return
		}
		if healthy {
			select {
			case a.examined <- lifeOf(c):
			case <-ctx.Done():
			}
			return
		}
		select {
		case <-time.After(max(pause, time.Since(began))):
		case <-ctx.Done():
			return
		}
	}
}

func (a *asker) until(r *round, check compose.Check) time.Time {
	until := r.began.Add(check.Within)
	if !a.limit.IsZero() && a.limit.Before(until) {
		return a.limit
	}
	return until
}

func (a *asker) ask(ctx context.Context, q asked) {
	bounded, cancel := context.WithDeadline(ctx, q.until)
	defer cancel()
	last := answered{q, a.stack.await(bounded, q.question, q.wake)}
	select {
	case a.answers <- last:
	case <-ctx.Done():
	}
}

// await asks until the check holds. A port that cannot be dialled from here is
// answered at once.
func (s Stack) await(ctx context.Context, q probe.Question, wake <-chan struct{}) probe.Answer {
	if q.Addr == "" {
		return unreachable(q)
	}
	return probe.Await(ctx, q, probe.Patience{Wake: wake})
}

func unreachable(q probe.Question) probe.Answer {
	return probe.Answer{
		Question: q,
		Outcome:  probe.Refused,
		Reason:   fmt.Sprintf("port %d is not published, and cannot be reached from here otherwise", q.Port),
		Attempts: 1,
	}
}

// take notes an answer.
func (a answered) take() {
	a.round.answers[a.slot] = a.answer
	a.round.missing--
}

// nudge has the checks ask again at once: something may have changed.
func (r *round) nudge() {
	for _, q := range r.asked {
		select {
		case q.wake <- struct{}{}:
		default:
		}
	}
}

// holds tells whether every check holds.
func (r *round) holds() bool {
	for _, a := range r.answers {
		if !a.Ready() {
			return false
		}
	}
	return true
}

// given is the answers that there are.
func (r *round) given() []probe.Answer {
	var given []probe.Answer
	for _, a := range r.answers {
		if a.Outcome != "" {
			given = append(given, a)
		}
	}
	return given
}

// wrong is the first check whose last answer is not the right one.
func wrong(answers []probe.Answer) (probe.Answer, bool) {
	for _, a := range answers {
		if a.Outcome != "" && !a.Ready() {
			return a, true
		}
	}
	return probe.Answer{}, false
}

// failCheck fails a service for the last answer to a check.
func (v verdict) failCheck(a probe.Answer) verdict {
	reason := a.Finding() // the evidence is told apart
	if !strings.Contains(reason, a.Addr) {
		reason += ", at " + a.Addr
	}
	if a.Attempts > 1 {
		reason += fmt.Sprintf("; not ready after %d attempts in %s", a.Attempts, a.Took.Round(10*time.Millisecond))
	}
	v = v.fail(fmt.Sprintf("check %d %s", a.Port, a.Protocol), reason)
	v.failure.Said = cmp.Or(a.Reply, a.Greeting)
	v.failure.Evidence = a.Evidence
	return v
}
