package dockerfile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/patternmatcher/ignorefile"
	"github.com/tonistiigi/fsutil"
	"github.com/tonistiigi/fsutil/types"
)

// Digest is a fingerprint of all that goes into target: the text of the stages
// it needs, the files of the build context that they read, as .dockerignore
// leaves them, and salt (whatever else the caller knows to count). Modification
// times do not count, as they do not for BuildKit's own cache. The form is
// "sha256:<hex>".
func (f *File) Digest(ctx context.Context, contextDir, target string, args map[string]*string, salt []byte) (string, error) {
	in := f.Inputs(target, args)
	h := sha256.New()
	h.Write(salt)
	for _, a := range f.args {
		fmt.Fprintf(h, "ARG %s\n", a.String())
	}
	for _, i := range in.stages {
		writeStage(h, f.Stages[i])
	}
	if in.All || len(in.Paths) > 0 {
		if err := f.writeContext(ctx, h, contextDir, in); err != nil {
			return "", fmt.Errorf("read build context %s: %w", contextDir, err)
		}
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}

func writeStage(w io.Writer, s Stage) {
	fmt.Fprintln(w, s.source)
	for _, c := range s.commands {
		fmt.Fprintln(w, c)
		for _, text := range heredocs(c) {
			fmt.Fprintf(w, "%q\n", text)
		}
	}
}

// heredocs are the texts that stand below an instruction, which its own text
// leaves out.
func heredocs(c instructions.Command) []string {
	var texts []string
	sources := func(contents []instructions.SourceContent) {
		for _, s := range contents {
			texts = append(texts, s.Data)
		}
	}
	switch c := c.(type) {
	case *instructions.CopyCommand:
		sources(c.SourceContents)
	case *instructions.AddCommand:
		sources(c.SourceContents)
	case *instructions.RunCommand:
		for _, f := range c.Files {
			texts = append(texts, f.Data)
		}
	}
	return texts
}

// writeContext walks the context as BuildKit's own client does when it sends it.
func (f *File) writeContext(ctx context.Context, h hash.Hash, dir string, in Inputs) error {
	ignore, err := f.ignorePatterns(dir)
	if err != nil {
		return err
	}
	opt := &fsutil.FilterOpt{ExcludePatterns: ignore}
	if !in.All {
		opt.FollowPaths = in.Paths // also what a symlink among them points to
	}
	root, err := fsutil.NewFS(dir)
	if err != nil {
		return err
	}
	filtered, err := fsutil.NewFilterFS(root, opt)
	if err != nil {
		return err
	}
	return filtered.Walk(ctx, "/", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return writeEntry(h, filtered, path, entry)
	})
}

func writeEntry(h hash.Hash, root fsutil.FS, path string, entry fs.DirEntry) error {
	info, err := entry.Info()
	if err != nil {
		return err
	}
	link := ""
	if stat, ok := info.Sys().(*types.Stat); ok {
		link = stat.Linkname
	}
	fmt.Fprintf(h, "%q %v %d %q\n", path, info.Mode(), sizeOf(info), link)
	if !info.Mode().IsRegular() {
		return nil
	}
	file, err := root.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(h, file)
	return err
}

// sizeOf is the size of a regular file; that of a folder depends on the disk.
func sizeOf(info fs.FileInfo) int64 {
	if info.Mode().IsRegular() {
		return info.Size()
	}
	return 0
}

// ignorePatterns reads <Dockerfile>.dockerignore, else .dockerignore of the
// context, as docker build does.
func (f *File) ignorePatterns(dir string) ([]string, error) {
	for _, name := range []string{f.Path + ".dockerignore", filepath.Join(dir, ".dockerignore")} {
		file, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return ignorefile.ReadAll(file)
	}
	return nil, nil
}
