package dockerfile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Inputs are the things outside the Dockerfile that go into one target.
type Inputs struct {
	// Paths are the patterns of COPY, ADD and bind mounts that read the build
	// context, relative to it. All is true when they cannot be told apart, and
	// the whole context counts.
	Paths []string
	All   bool
	// Images are the references that the needed stages start from or copy from.
	Images []string

	stages []int // needed, in the order of the file
}

// Inputs walks from the target over every stage it needs (FROM, COPY --from,
// RUN --mount from=). A stage that the target does not need adds nothing.
func (f *File) Inputs(target string, args map[string]*string) Inputs {
	w := walk{file: f, args: args, seen: map[int]bool{}}
	if i := f.Index(target); i >= 0 {
		w.stage(i)
	}
	slices.Sort(w.in.stages)
	slices.Sort(w.in.Paths)
	slices.Sort(w.in.Images)
	w.in.Paths = slices.Compact(w.in.Paths)
	w.in.Images = slices.Compact(w.in.Images)
	return w.in
}

type walk struct {
	file *File
	args map[string]*string
	seen map[int]bool
	in   Inputs
}

func (w *walk) stage(i int) {
	if w.seen[i] {
		return
	}
	w.seen[i] = true
	w.in.stages = append(w.in.stages, i)
	if p := w.file.parent(i, w.args); p >= 0 {
		w.stage(p)
	} else {
		w.in.Images = append(w.in.Images, w.file.expand(w.file.Stages[i].Base, w.args))
	}
	for _, c := range w.file.Stages[i].commands {
		w.command(i, c)
	}
}

func (w *walk) command(stage int, c instructions.Command) {
	switch c := c.(type) {
	case *instructions.CopyCommand:
		if c.From != "" {
			w.from(stage, c.From)
			return
		}
		w.paths(c.SourcePaths)
	case *instructions.AddCommand:
		w.paths(c.SourcePaths)
	case *instructions.RunCommand:
		w.mounts(stage, c)
	case *instructions.OnbuildCommand, *unknown:
		w.in.All = true // the first runs in the stages built FROM this one; both may copy anything
	}
}

// mounts reads the flags of a RUN by hand: BuildKit parses them only while it
// expands the build arguments.
func (w *walk) mounts(stage int, c *instructions.RunCommand) {
	for _, flag := range c.FlagsUsed {
		if flag != "mount" {
			continue
		}
		for _, word := range strings.Fields(c.String()) {
			if value, ok := strings.CutPrefix(word, "--mount="); ok {
				w.mount(stage, value)
			}
		}
		return
	}
}

func (w *walk) mount(stage int, value string) {
	fields := map[string]string{"type": "bind"}
	for _, field := range strings.Split(value, ",") {
		k, v, _ := strings.Cut(field, "=")
		fields[k] = v
	}
	source := fields["source"] + fields["src"]
	switch {
	case fields["from"] != "":
		w.from(stage, fields["from"])
	case fields["type"] == "bind" && source == "":
		w.in.All = true
	case fields["type"] == "bind":
		w.paths([]string{source})
	}
}

// from is another stage, by name or number, or an image.
func (w *walk) from(stage int, ref string) {
	if j := w.file.named(ref, stage); j >= 0 {
		w.stage(j)
		return
	}
	if j, err := strconv.Atoi(ref); err == nil && j >= 0 && j < stage {
		w.stage(j)
		return
	}
	w.in.Images = append(w.in.Images, ref)
}

func (w *walk) paths(sources []string) {
	for _, p := range sources {
		if strings.Contains(p, "$") {
			w.in.All = true // a build argument names the file
			continue
		}
		if strings.Contains(p, "://") || strings.HasPrefix(p, "git@") {
			continue // fetched, not read from the context
		}
		p = strings.Trim(strings.TrimPrefix(p, "./"), "/")
		if p == "" || p == "." {
			w.in.All = true
			continue
		}
		w.in.Paths = append(w.in.Paths, p)
	}
}
