package stack

import (
	"context"
	"errors"
	"fmt"
	"io"

	"devenv/compose"
	"devenv/internal/snapshot"
)

// copyOut saves volumes, one after the other.
func (s Snapshots) copyOut(ctx context.Context, draft *snapshot.Draft, h compose.Helper, volumes []compose.Volume) ([]snapshot.Volume, error) {
	var all []snapshot.Volume
	for _, v := range volumes {
		s.tell("saving volume %s", v.Key)
		archive, err := draft.Archive(v.Key, v.Name)
		if err != nil {
			return nil, err
		}
		err = s.Engine.ReadVolume(ctx, v, h, &progress{to: archive, tell: s.tell, doing: "saving volume " + v.Key})
		saved, closing := archive.Close()
		if err == nil {
			err = closing
		}
		if err != nil {
			return nil, fmt.Errorf("save volume %s: %w", v.Key, err)
		}
		s.tell("saved volume %s: %s in %s", v.Key, Bytes(saved.Bytes), Count(saved.Files, "file"))
		all = append(all, saved)
	}
	return all, nil
}

// copyIn empties volumes and fills them.
func (s Snapshots) copyIn(ctx context.Context, from *snapshot.Snapshot, h compose.Helper, fills []filling) error {
	for _, f := range fills {
		s.tell("restoring volume %s: %s in %s", f.to.Key, Bytes(f.from.Bytes), Count(f.from.Files, "file"))
		if err := s.Engine.RenewVolume(ctx, f.to); err != nil {
			return err
		}
		if err := s.fill(ctx, from, h, f); err != nil {
			return fmt.Errorf("restore volume %s: %w", f.to.Key, err)
		}
	}
	return nil
}

func (s Snapshots) fill(ctx context.Context, from *snapshot.Snapshot, h compose.Helper, f filling) error {
	r, err := from.Read(f.from)
	if err != nil {
		return err
	}
	told := &progress{tell: s.tell, doing: "restoring volume " + f.to.Key}
	err = s.Engine.WriteVolume(ctx, f.to, h, io.TeeReader(r, told))
	return errors.Join(err, r.Close())
}

// A filling is a volume to be filled, and what with.
type filling struct {
	from  snapshot.Volume
	to    compose.Volume
	there bool // it exists
}

// progressStep is after how many bytes progress is told.
const progressStep = 64 << 20

// progress tells of the bytes that are written to it, and passes them on.
type progress struct {
	to    io.Writer // nil is nowhere
	tell  func(format string, args ...any)
	doing string
	done  int64
	told  int64
}

func (p *progress) Write(b []byte) (int, error) {
	p.done += int64(len(b))
	if p.done-p.told >= progressStep {
		p.told = p.done - p.done%progressStep
		p.tell("%s: %s", p.doing, Bytes(p.told))
	}
	if p.to == nil {
		return len(b), nil
	}
	return p.to.Write(b)
}

// Bytes is a size for people, such as 3.4 MB.
func Bytes(n int64) string {
	const unit = 1000
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	size, names := float64(n)/unit, "kMGTPE"
	for size >= unit {
		size, names = size/unit, names[1:]
	}
	return fmt.Sprintf("%.1f %cB", size, names[0])
}

// Count is a number of things for people.
func Count(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
