package stack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"devenv/compose"
)

// Building says what to do about images.
type Building string

// The ways to build.
const (
	BuildStale  Building = "stale"  // what has changed, or is missing
	BuildAlways Building = "always" // all; the builder's own cache still holds
	BuildNever  Building = "never"
)

// build makes the images that are stale: missing, or made from something else
// than what is on the disk now.
func (s Stack) build(ctx context.Context, plan *compose.Plan, how Building) (built bool, err error) {
	stale, err := s.stale(ctx, plan)
	if err != nil {
		return false, err
	}
	var names []string
	digests := map[string]string{}
	for _, b := range stale {
		if b.reason == "" && how != BuildAlways {
			continue
		}
		if how == BuildNever {
			if b.missing {
				return false, &StartError{Err: errors.New("service \"" + b.service.Name + "\" has no image yet"), Fix: "leave out --no-build"}
			}
			continue
		}
		names = append(names, b.service.Name)
		digests[b.service.Name] = b.digest
	}
	if len(names) == 0 {
		return false, nil
	}
	slices.Sort(names)
	s.tell("building %s", strings.Join(names, ", "))
	if err := s.Engine.Build(ctx, plan, digests); err != nil {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		return false, &BuildError{Services: names, Err: err}
	}
	return true, nil
}

// An image is the image of one built service against what it should be.
type image struct {
	service compose.Service
	digest  string // of what is on the disk; "" where only the builder knows
	id      string // of the image that is there
	missing bool
	reason  string // to build it; "" is none
}

// stale compares each image with its sources.
func (s Stack) stale(ctx context.Context, plan *compose.Plan) ([]image, error) {
	built := plan.BuiltServices()
	images := make([]image, len(built))
	errs := make([]error, len(built))
	var refs []string
	var wg sync.WaitGroup
	for i, service := range built {
		refs = append(append(refs, service.Image), plan.Bases(service)...)
		images[i].service = service
		wg.Go(func() { images[i].digest, errs[i] = plan.Digest(ctx, service) })
	}
	have, err := s.Engine.Images(ctx, refs)
	wg.Wait()
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	for i := range images {
		images[i].digest = withBases(images[i].digest, plan.Bases(images[i].service), have)
		images[i].judge(have)
	}
	return images, nil
}

// withBases makes the images that a build starts from a part of its digest. One
// that only the builder has counts as the same until the engine has it too.
func withBases(digest string, bases []string, have map[string]compose.Image) string {
	if digest == "" {
		return ""
	}
	h := sha256.New()
	fmt.Fprintln(h, digest)
	for _, ref := range bases {
		fmt.Fprintln(h, ref, have[ref].ID)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

func (i *image) judge(have map[string]compose.Image) {
	there, ok := have[i.service.Image]
	i.id = there.ID
	switch {
	case !ok:
		i.missing, i.reason = true, "there is no image of it yet"
	case i.digest == "":
		i.reason = "only the builder knows whether its sources have changed"
	case there.Labels[compose.LabelDigest] != i.digest:
		i.reason = "its sources have changed since it was built"
	}
}
