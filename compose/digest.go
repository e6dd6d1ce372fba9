package compose

import (
	"context"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Digest is a fingerprint of all that goes into the image of a built service:
// its build section, the stages that its target needs, and the files of the
// context that they read. "" means that it cannot be known from here (a context
// that is not a folder, or more than one), and only the builder can tell. It reads the disk.
func (p *Plan) Digest(ctx context.Context, s Service) (string, error) {
	build := p.Model.Services[s.Name].Build
	if build == nil || s.dockerfile.file == nil || isRemote(build.Context) || len(build.AdditionalContexts) > 0 || build.NoCache || build.Pull {
		return "", nil
	}
	salted := *build
	salted.Context = "" // what is in it counts, not where it stands
	salt, err := yaml.Marshal(salted)
	if err != nil {
		return "", fmt.Errorf("service %q: digest of the build: %w", s.Name, err)
	}
	digest, err := s.dockerfile.file.Digest(ctx, build.Context, build.Target, build.Args, salt)
	if err != nil {
		return "", &FileError{Err: fmt.Errorf("service %q: %w", s.Name, err), Fix: "check build.context"}
	}
	return digest, nil
}

// Bases are the images that the build of a service starts or copies from, as far
// as they can be known from here. What they are now is for an engine to say.
func (p *Plan) Bases(s Service) []string {
	build := p.Model.Services[s.Name].Build
	if build == nil || s.dockerfile.file == nil {
		return nil
	}
	return slices.DeleteFunc(s.dockerfile.file.Inputs(build.Target, build.Args).Images, func(ref string) bool {
		return ref == "scratch" || ref == ""
	})
}
