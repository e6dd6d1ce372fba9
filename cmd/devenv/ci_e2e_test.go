//go:build e2e

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A pipeline is a folder in which the steps of a pipeline run, in a shell as the
// forge would start it.
type pipeline struct {
	t   *testing.T
	dir string
	env []string
}

// newPipeline has the small game in its folder, and devenv on its PATH.
func newPipeline(t *testing.T) *pipeline {
	p, _ := smallProject(t)
	return &pipeline{t: t, dir: p.dir, env: append(p.env, "PATH="+filepath.Dir(p.path)+":"+os.Getenv("PATH"))}
}

func (p *pipeline) run(shell string, env ...string) (code int, log string) {
	p.t.Helper()
	var out bytes.Buffer
	cmd := exec.CommandContext(p.t.Context(), "sh", "-e", "-c", shell)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = p.dir, append(p.env, env...), &out, &out
	err := cmd.Run()
	return exitOf(p.t, err), out.String()
}

func (p *pipeline) file(name string) string {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		err = yaml.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// An action is what is tested of action.yml: the steps that a shell runs. What
// GitHub puts in place of ${{ inputs.x }} are the inputs' defaults, or those given.
type action struct {
	Inputs map[string]struct{ Default string }
	Runs   struct {
		Steps []struct {
			Name string
			Run  string
			Env  map[string]string
		}
	}
}

func (a action) value(text string, given map[string]string) string {
	for name, input := range a.Inputs {
		value, ok := given[name]
		if !ok {
			value = input.Default
		}
		text = strings.ReplaceAll(text, "${{ inputs."+name+" }}", value)
	}
	return text
}

// TestTheActionRunsASmokeRun runs the shell steps of the composite action as GitHub
// does, first with a game that passes and then with one that says something else.
func TestTheActionRunsASmokeRun(t *testing.T) {
	p := newPipeline(t)
	var a action
	readYAML(t, filepath.Join(fixtures(t), "ci", "action.yml"), &a)
	temp := t.TempDir()
	env := []string{
		"GITHUB_ACTIONS=true", "GITHUB_ACTION_PATH=" + filepath.Join(fixtures(t), "ci"), "RUNNER_TEMP=" + temp,
		"GITHUB_STEP_SUMMARY=summary.md", "GITHUB_OUTPUT=output",
	}
	steps := func(given map[string]string) (code int, log string) {
		for _, step := range a.Runs.Steps {
			if step.Run == "" {
				continue
			}
			with := env
			for name, value := range step.Env {
				with = append(with, name+"="+a.value(value, given))
			}
			more := ""
			code, more = p.run(step.Run, with...)
			log += more
			if code != 0 {
				break
			}
		}
		return code, log
	}
	if code, log := steps(map[string]string{"profiles": "dev prod"}); code != 0 || !strings.Contains(log, "::group::smoke run of prod") {
		t.Errorf("exit code %d\n%s", code, log)
	}
	if got := p.file("output"); got != "artifacts=devenv-smoke\n" {
		t.Errorf("the output is %q", got)
	}
	if got := p.file("summary.md"); !strings.Contains(got, "ann comes") {
		t.Errorf("the summary is\n%s", got)
	}
	if got := p.file("devenv-smoke/junit.xml"); !strings.Contains(got, `name="ann comes"`) {
		t.Errorf("the report is\n%s", got)
	}
	changed := strings.Replace(smallGame, "expect: Hello", "expect: { text: Farewell, within: 100ms }", 1)
	if err := os.WriteFile(filepath.Join(p.dir, "compose.yaml"), []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	code, log := steps(map[string]string{"profiles": "prod"})
	if code != 6 || !strings.Contains(log, "::error file=compose.yaml,line=") {
		t.Errorf("exit code %d, want 6 and the fault marked\n%s", code, log)
	}
}

func TestTheGitLabJobRunsASmokeRun(t *testing.T) {
	p := newPipeline(t)
	var jobs struct {
		Smoke struct {
			Script    []string
			Artifacts struct {
				Paths   []string
				Reports map[string]string
			}
		}
	}
	readYAML(t, filepath.Join(fixtures(t), "ci", "gitlab-ci.yml"), &jobs)
	code, log := p.run(strings.Join(jobs.Smoke.Script, "\n"), "GITLAB_CI=true", "DOCKER_HOST="+newTCPProxy(t))
	if code != 0 || !strings.Contains(log, "section_start:") {
		t.Errorf("exit code %d\n%s", code, log)
	}
	var findings []any
	if err := json.Unmarshal([]byte(p.file(jobs.Smoke.Artifacts.Reports["codequality"])), &findings); err != nil || len(findings) != 0 {
		t.Errorf("the code quality report holds %v, %v", findings, err)
	}
	if got := p.file(jobs.Smoke.Artifacts.Reports["junit"]); !strings.Contains(got, "<testsuites") {
		t.Errorf("the report is\n%s", got)
	}
}
