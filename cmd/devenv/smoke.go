package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"devenv/compose"
	"devenv/internal/conversation"
	"devenv/internal/engine"
	"devenv/internal/owner"
	"devenv/internal/report"
	"devenv/internal/stack"

	"github.com/urfave/cli/v2"
)

func smokeCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "smoke",
		Usage:     "test in a project of its own that players can connect and play",
		ArgsUsage: "[SERVICE...]",
		Description: `Brings the game up beside whatever else runs: under a project name of its own, with
volumes and networks of its own and free ports. Waits until all is ready, asks http ports,
plays the conversations of x-devenv.smoke, looks whether a container was started again,
and takes everything down, also after a failure, Ctrl-C or SIGTERM. What a killed run has
left, the next one removes, as devenv gc does.

With two profiles it tells in what they differ: what works in builder and breaks in
runner is found before a release. Ends with 0 where all passed, 5 where a build or start
failed, 6 where the game did, 7 where something was left behind.

Example:
  devenv smoke --profile prod
  devenv smoke --profile dev --profile prod --artifacts out --junit out/junit.xml
  devenv smoke --conversation smoke/login.yaml --retries 1`,
		Flags: flags(sourceFlags(), []cli.Flag{
			&cli.StringSliceFlag{Name: "profile", Usage: "`PROFILE` to test; may come again (default: as for up)"},
			targetFlag(),
			&cli.StringSliceFlag{Name: "conversation", Usage: "play the conversations of `FILE`, too; may come again"},
			&cli.StringFlag{Name: "artifacts", Usage: "keep logs, health, transcripts, plan and timings in `DIR`, secrets hidden"},
			&cli.IntFlag{Name: "retries", Usage: "try a profile that failed `N` more times; a later pass is told as a flake"},
			&cli.DurationFlag{Name: "timeout", Value: 15 * time.Minute, Usage: "give an attempt up `AFTER` this time"},
			&cli.BoolFlag{DisableDefaultText: true, Name: "keep", Usage: "leave a run that failed as it is; devenv gc removes it after its deadline"},
			&cli.BoolFlag{DisableDefaultText: true, Name: "build", Usage: "build all images, also those that are up to date"},
			&cli.BoolFlag{DisableDefaultText: true, Name: "no-build", Usage: "build nothing; use the images there are"},
		}, smokeReportFlags(), []cli.Flag{formatFlag(), progressFlag()}),
		Action: w.smokeRun,
	}
}

// A smokeRun is the command under way.
type smokeRun struct {
	world
	stack   stack.Stack
	plans   []*compose.Plan
	secrets []*compose.Secrets
	options stack.SmokeOptions
	retries int
	outlet  outlet
}

func (w world) smokeRun(c *cli.Context) error {
	r := &smokeRun{world: w, retries: c.Int("retries"), secrets: []*compose.Secrets{compose.EarlySecrets(w.environment)}}
	err := r.ready(c)
	if err == nil {
		err = r.run(c.Context)
	}
	return r.hideIn(err)
}

// ready reads and plans everything, so that what is wrong is told before anything is
// started.
func (r *smokeRun) ready(c *cli.Context) error {
	var err error
	if r.options, err = smokeOptions(c); err != nil {
		return err
	}
	if r.outlet, err = r.newOutlet(c); err != nil {
		return err
	}
	progress, err := r.progress(c)
	if err != nil {
		return err
	}
	if progress == engine.Terminal {
		progress = engine.Lines // what is drawn cannot be searched for secrets
	}
	r.stderr = veiled{r, r.stderr}
	engine.Warnings(r.stderr)
	project, _, err := r.loadProject(c)
	if err != nil {
		return err
	}
	if r.plans, err = r.smokePlans(c, project); err != nil {
		return err
	}
	for _, plan := range r.plans {
		r.secrets = append(r.secrets, plan.Secrets().With(secretValues(r.variables())...))
	}
	if err := r.isolable(r.plans); err != nil {
		return err
	}
	r.options.Vars, r.options.Hide = r.variables(), r.hide
	r.stack, err = r.connect(c.Context, progress)
	return err
}

// secretValues are those of variables that are called like secrets.
func secretValues(variables map[string]string) []string {
	var values []string
	for name, value := range variables {
		if compose.IsSecret(name) {
			values = append(values, value)
		}
	}
	return values
}

func smokeOptions(c *cli.Context) (stack.SmokeOptions, error) {
	up, err := upOptions(c)
	if err != nil {
		return stack.SmokeOptions{}, err
	}
	if c.Int("retries") < 0 {
		return stack.SmokeOptions{}, errUsage(c, "--retries %d: want 0 or more", c.Int("retries"))
	}
	return stack.SmokeOptions{
		Building: up.Building, Limit: up.Timeout, Keep: up.Keep,
		Owner: ownerOf(up.Keep), Artifacts: c.String("artifacts"),
	}, nil
}

// ownerOf is the process to which a run belongs; what is to be kept must not go with
// it, and has a deadline only.
func ownerOf(keep bool) string {
	if keep {
		return "kept"
	}
	return owner.Self().String()
}

// smokePlans plans each profile, with the conversations of the command line.
func (w world) smokePlans(c *cli.Context, project *compose.Project) ([]*compose.Plan, error) {
	var scripts []conversation.Conversation
	for _, file := range c.StringSlice("conversation") {
		script, err := w.readScript(file)
		if err != nil {
			return nil, err
		}
		scripts = append(scripts, script...)
	}
	profiles := c.StringSlice("profile")
	for i, profile := range profiles {
		if slices.Contains(profiles[:i], profile) {
			return nil, errUsage(c, "--profile %s is given twice", profile)
		}
	}
	if len(profiles) == 0 {
		profiles = []string{""}
	}
	ask, err := request(c)
	if err != nil {
		return nil, err
	}
	var plans []*compose.Plan
	for _, profile := range profiles {
		ask.Profile = profile
		plan, err := w.plan(asked{project: project, request: ask})
		if err != nil {
			return nil, err
		}
		for _, script := range scripts {
			if plan, err = plan.Converse(script); err != nil {
				return nil, err
			}
		}
		plans = append(plans, plan)
	}
	return plans, nil
}

// isolable tells what keeps plans from a universe of their own, and in what it will
// be another one than people may expect, before anything is built for it.
func (w world) isolable(plans []*compose.Plan) error {
	var errs []error
	told := map[string]bool{} // profiles mostly share their faults
	for _, plan := range plans {
		images := map[string]string{}
		for _, s := range plan.BuiltServices() {
			images[s.Name] = s.Image
		}
		own, err := plan.Isolate(compose.Universe{Project: plan.Project, Images: images})
		if err != nil {
			if !told[err.Error()] {
				errs = append(errs, err)
			}
			told[err.Error()] = true
			continue
		}
		for _, note := range own.Notes[len(plan.Notes):] {
			if !told[note] {
				fmt.Fprintln(w.stderr, "note:", note)
			}
			told[note] = true
		}
	}
	return errors.Join(errs...)
}

// run sweeps up after dead runs, tests one profile after the other, and tells.
func (r *smokeRun) run(ctx context.Context) error {
	r.sweep(ctx)
	result := report.Smoke{Project: r.plans[0].Project, At: time.Now()}
	var errs []error
	for i, plan := range r.plans {
		run, err := r.profile(ctx, plan, r.folder(i))
		result.Runs = append(result.Runs, run)
		if err == nil { // else it says why the run has failed
			err = report.Smoke{Runs: []report.SmokeRun{run}}.Err()
		}
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
	}
	result.Took = time.Since(result.At)
	result.Passed = errors.Join(errs...) == nil
	result.Differences = report.Differences(result.Runs)
	r.locate(&result)
	result.Hide(r.hide)
	return errors.Join(append(errs, r.outlet.write(result))...)
}

// sweep removes what dead runs have left. That it could not is told, and no reason
// not to run.
func (r *smokeRun) sweep(ctx context.Context) {
	swept, err := r.stack.GC(ctx, owner.Self(), time.Now(), stack.GCOptions{})
	if err == nil {
		err = swept.Err()
	}
	if err != nil {
		fmt.Fprintf(r.stderr, "note: what earlier runs have left could not be removed: %v\n", err)
	}
	for _, group := range swept.Removed {
		fmt.Fprintf(r.stderr, "removed %s: %s\n", group.Project, group.Why)
	}
}

// folder is where the artifacts of a profile go.
func (r *smokeRun) folder(i int) string {
	if r.options.Artifacts == "" {
		return ""
	}
	return filepath.Join(r.options.Artifacts, r.plans[i].Profile)
}

// profile tests one profile until it passes or has no more attempts. What no other
// attempt would change ends it at once.
func (r *smokeRun) profile(ctx context.Context, plan *compose.Plan, folder string) (report.SmokeRun, error) {
	run := report.SmokeRun{Profile: plan.Profile, Allowed: r.retries + 1}
	r.outlet.begin(plan.Profile)
	defer r.outlet.end(plan.Profile)
	for n := 1; ; n++ {
		options := r.options
		options.Artifacts = folder
		if folder != "" && r.retries > 0 {
			options.Artifacts = filepath.Join(folder, "attempt-"+strconv.Itoa(n))
		}
		attempt, err := r.stack.Smoke(ctx, plan, options)
		run.Attempts = append(run.Attempts, attempt)
		if err == nil && attempt.Passed() || n > r.retries || !worthRepeating(err) {
			return run, err
		}
		fmt.Fprintf(r.stderr, "attempt %d of %d failed: %v\n", n, r.retries+1, cmp.Or(err, report.Smoke{Runs: []report.SmokeRun{run}}.Err()))
	}
}

// worthRepeating tells whether another attempt may end otherwise.
func worthRepeating(err error) bool {
	var start *stack.StartError
	return err == nil || errors.As(err, &start)
}
