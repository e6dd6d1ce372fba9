package stacktest

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"devenv/compose"
	"devenv/internal/stack"
)

var _ stack.Syncer = (*Engine)(nil)

// Replace does what Create does, to some services only.
func (e *Engine) Replace(ctx context.Context, plan *compose.Plan, services []string) error {
	e.mu.Lock()
	e.calls = append(e.calls, "replace "+strings.Join(services, " "))
	err := e.reachable()
	e.mu.Unlock()
	if err != nil {
		return err
	}
	for _, name := range services {
		if err := e.converge(ctx, plan.Project, plan.Model.Services[name]); err != nil {
			return err
		}
	}
	return e.fill(plan)
}

// Sync copies into the files of a container, and deletes some.
func (e *Engine) Sync(_ context.Context, in compose.Container, what compose.Copying) (string, error) {
	var packed bytes.Buffer
	if err := what.Tar(&packed, compose.Owner{}); err != nil {
		return "", err
	}
	files, err := texts(&packed, what.Folder())
	if err != nil {
		return "", err
	}
	found := e.find(func(c *container) bool { return c.ID == in.ID })
	if len(found) != 1 {
		return "", fmt.Errorf("no such container: %s", in.Name)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	c := found[0]
	maps.Copy(c.files, files)
	if len(what.Gone) > 0 && c.State != compose.Running {
		return "it does not run", nil
	}
	maps.DeleteFunc(c.files, func(name, _ string) bool {
		return slices.ContainsFunc(what.Gone, func(gone string) bool { return name == gone || strings.HasPrefix(name, gone+"/") })
	})
	return "", e.reachable()
}

// texts are the files of a tar stream, by their paths in a folder.
func texts(packed io.Reader, folder string) (map[string]string, error) {
	files := map[string]string{}
	for r := tar.NewReader(packed); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		files[path.Join(folder, header.Name)] = string(text)
	}
}

// Hook knows two programs: echo, and any other, which fails with exit code 1.
func (e *Engine) Hook(_ context.Context, c compose.Container, command compose.Command, each func(line string)) (int, error) {
	e.mu.Lock()
	e.calls = append(e.calls, "hook "+c.Service)
	err := e.reachable()
	e.mu.Unlock()
	if err != nil || command.Args[0] != "echo" {
		return 1, err
	}
	each(strings.Join(command.Args[1:], " "))
	return 0, nil
}
