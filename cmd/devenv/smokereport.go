package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"devenv/internal/report"

	"github.com/urfave/cli/v2"
)

func smokeReportFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "junit", Usage: "write a JUnit report to `FILE`"},
		&cli.StringFlag{Name: "summary", Usage: "append a summary in Markdown to `FILE`", DefaultText: "GITHUB_STEP_SUMMARY"},
		&cli.StringFlag{Name: "annotations", Value: "auto", Usage: "mark faults for `github`, gitlab (a code quality report among the artifacts) or off; auto looks where it runs"},
	}
}

// An outlet is where the report of a smoke run goes.
type outlet struct {
	world
	format    format
	junit     string // file; "" is none
	summary   string
	forge     string // github, gitlab or ""
	artifacts string
}

func (w world) newOutlet(c *cli.Context) (outlet, error) {
	o := outlet{world: w, junit: c.String("junit"), summary: c.String("summary"), artifacts: c.String("artifacts")}
	var err error
	if o.format, err = parseFormat(c); err != nil {
		return o, err
	}
	if o.forge, err = w.forge(c); err != nil {
		return o, err
	}
	if o.summary == "" {
		o.summary = w.variable("GITHUB_STEP_SUMMARY")
	}
	// What cannot be written is told before anything is started.
	for flag, file := range map[string]string{"junit": o.junit, "summary": o.summary} {
		if file == "" {
			continue
		}
		if err := writable(file); err != nil {
			return o, errUsage(c, "--%s: %w", flag, err)
		}
	}
	if o.artifacts != "" {
		if err := writable(filepath.Join(o.artifacts, ".devenv")); err != nil {
			return o, errUsage(c, "--artifacts: %w", err)
		}
	}
	return o, nil
}

// writable tells whether a file can be written, and makes the folder it is to be in.
func writable(name string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	_, err := os.Stat(name)
	fresh := errors.Is(err, fs.ErrNotExist)
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil || !fresh {
		return err
	}
	return os.Remove(name)
}

// forge is for whose eyes faults are marked.
func (w world) forge(c *cli.Context) (string, error) {
	switch asked := c.String("annotations"); asked {
	case "github", "gitlab":
		return asked, nil
	case "off":
		return "", nil
	case "auto":
		if w.variable("GITHUB_ACTIONS") == "true" {
			return "github", nil
		}
		if w.variable("GITLAB_CI") == "true" {
			return "gitlab", nil
		}
		return "", nil
	default:
		return "", errUsage(c, "--annotations %q: want one of auto, github, gitlab, off", asked)
	}
}

// begin opens a fold in the log of the forge, end closes it.
func (o outlet) begin(profile string) {
	switch o.forge {
	case "github":
		fmt.Fprintf(o.stderr, "::group::smoke run of %s\n", profile)
	case "gitlab":
		fmt.Fprintf(o.stderr, "\x1b[0Ksection_start:%d:smoke_%s\r\x1b[0Ksmoke run of %s\n", time.Now().Unix(), profile, profile)
	}
}

func (o outlet) end(profile string) {
	switch o.forge {
	case "github":
		fmt.Fprintln(o.stderr, "::endgroup::")
	case "gitlab":
		fmt.Fprintf(o.stderr, "\x1b[0Ksection_end:%d:smoke_%s\r\x1b[0K\n", time.Now().Unix(), profile)
	}
}

// write tells the result in every way that was asked for; what cannot be written
// does not keep the rest.
func (o outlet) write(s report.Smoke) error {
	errs := []error{o.answer(s)}
	if o.junit != "" {
		errs = append(errs, writeFile(o.junit, os.O_TRUNC, func(w io.Writer) error { return report.JUnit(w, s) }))
	}
	if o.summary != "" {
		errs = append(errs, writeFile(o.summary, os.O_APPEND, func(w io.Writer) error { return report.Markdown(w, s) }))
	}
	root, err := os.Getwd()
	errs = append(errs, err)
	switch {
	case o.forge == "github":
		errs = append(errs, report.GitHubAnnotations(o.stderr, s, root))
	case o.forge == "gitlab" && o.artifacts != "":
		file := filepath.Join(o.artifacts, "gl-code-quality-report.json")
		errs = append(errs, writeFile(file, os.O_TRUNC, func(w io.Writer) error { return report.GitLabCodeQuality(w, s, root) }))
	}
	return errors.Join(errs...)
}

func (o outlet) answer(s report.Smoke) error {
	if o.format == asJSON {
		return report.Write(o.stdout, s)
	}
	if o.forge != "github" {
		return report.SmokeText(o.stdout, s)
	}
	var text bytes.Buffer
	if err := report.SmokeText(&text, s); err != nil {
		return err
	}
	_, err := io.WriteString(o.stdout, report.GitHubSafe(text.String()))
	return err
}

func writeFile(name string, how int, write func(io.Writer) error) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|how, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

// locate makes the places of cases absolute: those of the compose files begin at
// their folder, which need not be where devenv runs.
func (r *smokeRun) locate(s *report.Smoke) {
	for _, run := range s.Runs {
		for _, attempt := range run.Attempts {
			for i, c := range attempt.Cases {
				there := filepath.Join(r.plans[0].Model.WorkingDir, c.Where)
				if file, _, _ := cutLine(there); c.Where != "" && !filepath.IsAbs(c.Where) && exists(file) {
					attempt.Cases[i].Where = there
				}
			}
		}
	}
}

// cutLine takes "file:line" apart.
func cutLine(where string) (file, line string, ok bool) {
	i := strings.LastIndexByte(where, ':')
	if i < 0 {
		return where, "", false
	}
	return where[:i], where[i+1:], true
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// hide hides the secrets of all plans.
func (r *smokeRun) hide(text string) string {
	for _, s := range r.secrets {
		text = s.Hide(text)
	}
	return text
}

// A veiled stream is that of the story, in whole lines, without the secrets that are
// known by then, and without what GitHub would take for a command.
type veiled struct {
	run *smokeRun
	w   io.Writer
}

func (v veiled) Write(p []byte) (int, error) {
	text := v.run.hide(string(p))
	if v.run.outlet.forge == "github" {
		text = report.GitHubSafe(text)
	}
	_, err := io.WriteString(v.w, text)
	return len(p), err
}

// hideIn hides secrets in what errors say.
func (r *smokeRun) hideIn(err error) error {
	if err == nil {
		return nil
	}
	var all []error
	for _, fault := range flatten(err) {
		all = append(all, &discreet{fault, r.hide})
	}
	return errors.Join(all...)
}

// A discreet error says nothing secret.
type discreet struct {
	error
	hide func(string) string
}

func (d *discreet) Error() string { return d.hide(d.error.Error()) }

func (d *discreet) Unwrap() error { return d.error }

// Hint is that of the error.
func (d *discreet) Hint() string {
	var hinted interface{ Hint() string }
	if errors.As(d.error, &hinted) {
		return d.hide(hinted.Hint())
	}
	return ""
}
