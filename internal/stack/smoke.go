package stack

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"devenv/compose"
	"devenv/internal/report"
)

// SmokeOptions say how Smoke goes about it.
type SmokeOptions struct {
	Building  Building
	Limit     time.Duration     // from the build to the last conversation; 0 is 15 minutes
	Owner     string            // label: the process to which it all belongs
	Vars      map[string]string // of the conversations
	Artifacts string            // folder in which everything is kept; "" keeps nothing
	Hide      func(text string) string
	Keep      bool // a failed run stays as it is, until its deadline
}

const (
	defaultLimit = 15 * time.Minute
	teardown     = 2 * time.Minute // for what comes after the limit
	lateness     = 5 * time.Second // for telling what was too late
)

// Smoke brings the plan up in a universe of its own, plays its conversations, and
// takes all down again, whatever happens. What was looked at is in the attempt, also
// where the error says why it could not go on: a build that failed, an engine that
// went away, an interrupt, something left behind.
func (s Stack) Smoke(ctx context.Context, plan *compose.Plan, o SmokeOptions) (attempt report.Attempt, err error) {
	o.Limit = cmp.Or(o.Limit, defaultLimit)
	r := &smoke{Stack: s, o: o, plan: plan.AskHTTP(), began: time.Now()}
	r.attempt = report.Attempt{Project: universe(plan.Project), At: r.began}
	bounded, cancel := context.WithTimeout(ctx, o.Limit)
	defer cancel()
	defer func() {
		// All comes down, also when something has panicked.
		err = errors.Join(r.cutShort(ctx, bounded, err), r.end(ctx))
		attempt = r.attempt
		attempt.Took = time.Since(r.began)
	}()
	return r.attempt, r.run(ctx, bounded)
}

// cutShort notes a run that did not come to its end. What a request to the engine
// makes of that is no cause of its own.
func (r *smoke) cutShort(ctx, bounded context.Context, err error) error {
	c := report.Case{Kind: report.CaseRun, Name: fmt.Sprintf("is over within %v", r.o.Limit), Took: time.Since(r.began)}
	switch {
	case ctx.Err() != nil:
		c.Name = "is not interrupted"
		r.add(c, errors.New("interrupted while "+r.step))
		return ctx.Err()
	case bounded.Err() != nil && r.step != ended:
		late := fmt.Errorf("not over within %v: it was still %s", r.o.Limit, r.step)
		r.add(c, late)
		if r.step == building {
			return &BuildError{Services: serviceNames(r.plan.BuiltServices()), Err: late}
		}
		return nil
	}
	return err
}

// The steps of a run, as they are told.
const (
	building = "building"
	starting = "waiting until all is ready"
	stopping = "stopping"
	ended    = ""
)

// universe makes up the name of a project of its own.
func universe(project string) string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	return project + "-smoke-" + hex.EncodeToString(b[:])
}

// A smoke is one attempt under way.
type smoke struct {
	Stack
	o       SmokeOptions
	plan    *compose.Plan
	own     *compose.Plan // in its own universe; nil before
	began   time.Time
	attempt report.Attempt

	step        string // that is under way
	transcripts []transcript
}

// run looks at one thing after the other, until something keeps it from going on. The
// bounded context ends with the limit; containers may take their time to stop.
func (r *smoke) run(ctx, bounded context.Context) error {
	r.step = building
	if err := r.build(bounded); err != nil {
		return err
	}
	r.step = starting
	if err := r.start(ctx, bounded); err != nil || !r.attempt.Passed() {
		r.skipPlays()
		if bounded.Err() == nil {
			r.step = ended
		}
		return err
	}
	if err := r.play(bounded); err != nil {
		return err
	}
	if err := r.askRestarts(bounded); err != nil {
		return err
	}
	r.step = stopping
	err := r.stop(ctx)
	r.step = ended
	return err
}

// build makes the images, and the universe that is made of them.
func (r *smoke) build(ctx context.Context) error {
	began := time.Now()
	images, err := r.images(ctx)
	if len(r.plan.BuiltServices()) > 0 {
		r.attempt.Timeline = append(r.attempt.Timeline, report.Span{Step: "build", To: time.Since(r.began)})
		r.add(report.Case{Kind: report.CaseBuild, Name: "images of " + r.plan.Profile, Took: time.Since(began)}, err)
	}
	if err != nil {
		return err
	}
	deadline := r.began.Add(r.o.Limit + teardown)
	r.own, err = r.plan.Isolate(compose.Universe{
		Project: r.attempt.Project,
		Images:  images,
		Labels: map[string]string{
			compose.LabelOwner:    r.o.Owner,
			compose.LabelStarted:  r.began.UTC().Format(time.RFC3339),
			compose.LabelDeadline: deadline.UTC().Format(time.RFC3339),
		},
	})
	return err
}

// rebuilds bounds how often another run may overwrite an image under our hands.
const rebuilds = 3

// images builds what is stale and tells the IDs of the images: another run, of other
// sources, may give their names to images of its own at any time.
func (r *smoke) images(ctx context.Context) (map[string]string, error) {
	how := r.o.Building
	for range rebuilds {
		if _, err := r.Stack.build(ctx, r.plan, how); err != nil {
			return nil, err
		}
		now, err := r.stale(ctx, r.plan)
		if err != nil {
			return nil, err
		}
		ids, theirs := map[string]string{}, false
		for _, image := range now {
			ids[image.service.Name] = image.id
			theirs = theirs || image.missing || image.reason != "" && image.digest != "" && r.o.Building != BuildNever
		}
		if !theirs {
			return ids, r.measure(ctx)
		}
		how = BuildStale
	}
	return nil, &BuildError{Services: serviceNames(r.plan.BuiltServices()), Err: errors.New("its sources, or the images of its name, change all the time: somebody edits them, or builds others of the same project name")}
}

func serviceNames(services []compose.Service) []string {
	var all []string
	for _, s := range services {
		all = append(all, s.Name)
	}
	return all
}

// measure notes the sizes of the images.
func (r *smoke) measure(ctx context.Context) error {
	sizes, err := r.Engine.Sizes(ctx, images(r.plan.BuiltServices()))
	for _, s := range r.plan.BuiltServices() {
		if size, known := sizes[s.Image]; known {
			r.attempt.Images = append(r.attempt.Images, report.ImageSize{Service: s.Name, Target: s.Target, Image: s.Image, Bytes: size})
		}
	}
	return err
}

func images(services []compose.Service) []string {
	var all []string
	for _, s := range services {
		all = append(all, s.Image)
	}
	return all
}

// start brings the universe up and notes a case for each service and check. The
// report on what was too late is made after the limit.
func (r *smoke) start(ctx, bounded context.Context) error {
	after := time.Since(r.began)
	ctx, cancel := context.WithTimeout(ctx, r.o.Limit-after+lateness)
	defer cancel()
	rep, err := r.bring(ctx, r.own, nil, UpOptions{Timeout: r.o.Limit - after})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		r.add(report.Case{Kind: report.CaseStart, Name: "start", Took: time.Since(r.began) - after}, err)
		return err
	}
	r.attempt.Timeline = append(r.attempt.Timeline, report.Later(rep.Timeline, after)...)
	r.attempt.Services = rep.Services
	for _, service := range rep.Services {
		r.attempt.Cases = append(r.attempt.Cases, startCases(r.own, service, rep.Timeline)...)
	}
	return bounded.Err()
}

// end saves what is to be kept and takes all down, in a life of its own.
func (r *smoke) end(ctx context.Context) error {
	interrupted := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), teardown)
	defer cancel()
	if r.own == nil {
		return r.save(ctx, r.plan)
	}
	if interrupted {
		r.tell("interrupted: taking down %s", r.own.Project)
	}
	err := r.save(ctx, r.own)
	if r.o.Keep && !interrupted && !r.attempt.Passed() {
		r.tell("kept as it is: docker compose -p %s ps; `devenv gc` removes it after its deadline", r.own.Project)
		return err
	}
	began := time.Now()
	down := r.Engine.Down(ctx, r.own, compose.Discard)
	r.add(report.Case{Kind: report.CaseTeardown, Name: "nothing is left", Took: time.Since(began)}, down)
	if down != nil {
		down = &TeardownError{Project: r.own.Project, Err: down}
	}
	return errors.Join(err, down)
}

// TeardownError is a universe that could not be taken down.
type TeardownError struct {
	Project string
	Err     error
}

func (e *TeardownError) Error() string { return e.Err.Error() }

func (e *TeardownError) Unwrap() error { return e.Err }

// Hint says how to try again.
func (e *TeardownError) Hint() string {
	return "`devenv gc` removes what is left of " + e.Project + " when it can be removed"
}
