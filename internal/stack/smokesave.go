package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"devenv/compose"
	"devenv/internal/report"
)

// save keeps what is needed to understand the attempt, while it is still there:
//
//	engine.txt  plan.txt  compose.yaml  attempt.json  timeline.txt
//	logs/SERVICE-N.log  inspect/SERVICE-N.json  health/SERVICE-N.txt
//	transcripts/SERVICE-NAME.txt
//
// Secrets are hidden in all of it.
func (r *smoke) save(ctx context.Context, plan *compose.Plan) error {
	if r.o.Artifacts == "" {
		return nil
	}
	r.attempt.Artifacts = r.o.Artifacts
	if err := r.clear(); err != nil {
		return fmt.Errorf("clear the artifacts of an earlier run from %s: %w", r.o.Artifacts, err)
	}
	containers, err := r.Engine.Containers(ctx, r.attempt.Project)
	errs := []error{err}
	records := make([]error, len(containers))
	var wg sync.WaitGroup
	for i, c := range containers {
		wg.Go(func() { records[i] = r.saveContainer(ctx, c) })
	}
	wg.Wait()
	errs = append(errs, records...)
	for _, t := range r.transcripts {
		errs = append(errs, r.keep("transcripts", t.service+"-"+fileName(t.name)+".txt", t.text))
	}
	errs = append(errs, r.saveProject(ctx, plan))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("save artifacts in %s: %w", r.o.Artifacts, err)
	}
	return nil
}

// clear removes what an earlier run has kept here. A folder that holds no attempt is
// somebody else's, and is left as it is.
func (r *smoke) clear() error {
	if _, err := os.Stat(filepath.Join(r.o.Artifacts, "attempt.json")); err != nil {
		return nil
	}
	var errs []error
	for _, name := range []string{"attempt.json", "engine.txt", "plan.txt", "compose.yaml", "timeline.txt", "logs", "inspect", "health", "transcripts"} {
		errs = append(errs, os.RemoveAll(filepath.Join(r.o.Artifacts, name)))
	}
	return errors.Join(errs...)
}

// saveContainer keeps what the engine tells; what it cannot tell, such as a log that
// its author has switched off, is no fault of the run.
func (r *smoke) saveContainer(ctx context.Context, c compose.Container) error {
	record, err := r.Engine.Record(ctx, c.ID)
	name := fmt.Sprintf("%s-%d", c.Service, c.Number) // the same in every run, unlike the container's
	if err != nil {
		record.Log += "(devenv: " + err.Error() + ")\n"
	}
	return errors.Join(
		r.keep("logs", name+".log", record.Log),
		r.keep("inspect", name+".json", string(record.Inspect)),
		r.keep("health", name+".txt", record.Health),
	)
}

func (r *smoke) saveProject(ctx context.Context, plan *compose.Plan) error {
	version, err := r.Engine.Version(ctx)
	errs := []error{err, r.keep("", "engine.txt", version+"\n"), r.keep("", "plan.txt", plan.String())}
	config, err := plan.Config()
	errs = append(errs, err, r.keep("", "compose.yaml", string(config)))
	text, err := json.MarshalIndent(r.attempt, "", "  ")
	errs = append(errs, err, r.keep("", "attempt.json", string(text)+"\n"))
	var timings bytes.Buffer
	errs = append(errs, report.Timings(&timings, r.attempt.Timeline), r.keep("", "timeline.txt", timings.String()))
	return errors.Join(errs...)
}

// keep writes a file; an empty one would tell nothing.
func (r *smoke) keep(folder, name, text string) error {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	dir := filepath.Join(r.o.Artifacts, folder)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if r.o.Hide != nil {
		text = r.o.Hide(text)
	}
	return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)
}

// fileName makes a name of a conversation one of a file.
func fileName(name string) string {
	plain := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			return c
		}
		return '-'
	}, name)
	return plain[:min(len(plain), 60)]
}
