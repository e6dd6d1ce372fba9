package stacktest

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path"

	"devenv/compose"
)

// fill copies into containers that are new what the plan uploads.
func (e *Engine) fill(plan *compose.Plan) error {
	fresh := e.find(func(c *container) bool { return c.project == plan.Project && c.files == nil })
	for _, c := range fresh {
		files := map[string]string{}
		for _, u := range plan.Uploads {
			if u.Service != c.Service {
				continue
			}
			if err := unpack(u, files); err != nil {
				e.remove(fresh)
				return err
			}
		}
		e.mu.Lock()
		c.files = files
		e.mu.Unlock()
	}
	return nil
}

// unpack takes the files of an upload out of its tar stream.
func unpack(u compose.Upload, files map[string]string) error {
	info, err := os.Stat(u.Source)
	if err != nil {
		return err
	}
	folder := u.Target
	if !info.IsDir() {
		folder = path.Dir(u.Target)
	}
	var packed bytes.Buffer
	if err := u.Tar(&packed); err != nil {
		return err
	}
	reader := tar.NewReader(&packed)
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		text, err := io.ReadAll(reader)
		if err != nil {
			return err
		}
		if header.Typeflag == tar.TypeReg {
			files[path.Join(folder, header.Name)] = string(text)
		}
	}
}
