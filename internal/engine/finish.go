package engine

import (
	"context"
	"time"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
	"github.com/docker/docker/client"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// A finisher does not break off what makes something. An engine goes on with a
// request whose client has hung up, so what an interrupted start had asked for
// would appear after everything was taken down.
type finisher struct{ client.APIClient }

// hung bounds how long a request may take that is not broken off.
const hung = time.Minute

// finish makes a request that outlives its context, unless that has ended before.
func finish[T any](ctx context.Context, request func(context.Context) (T, error)) (T, error) {
	if ctx.Err() != nil {
		var none T
		return none, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hung)
	defer cancel()
	return request(ctx)
}

// ContainerCreate is never broken off.
func (f finisher) ContainerCreate(ctx context.Context, config *container.Config, host *container.HostConfig, net *network.NetworkingConfig, platform *ocispec.Platform, name string) (container.CreateResponse, error) {
	return finish(ctx, func(ctx context.Context) (container.CreateResponse, error) {
		return f.APIClient.ContainerCreate(ctx, config, host, net, platform, name)
	})
}

// ContainerStart is never broken off.
func (f finisher) ContainerStart(ctx context.Context, id string, o container.StartOptions) error {
	_, err := finish(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, f.APIClient.ContainerStart(ctx, id, o)
	})
	return err
}

// NetworkCreate is never broken off.
func (f finisher) NetworkCreate(ctx context.Context, name string, o network.CreateOptions) (network.CreateResponse, error) {
	return finish(ctx, func(ctx context.Context) (network.CreateResponse, error) {
		return f.APIClient.NetworkCreate(ctx, name, o)
	})
}

// VolumeCreate is never broken off.
func (f finisher) VolumeCreate(ctx context.Context, o volume.CreateOptions) (volume.Volume, error) {
	return finish(ctx, func(ctx context.Context) (volume.Volume, error) {
		return f.APIClient.VolumeCreate(ctx, o)
	})
}

// ServerVersion is never broken off: compose keeps its first answer, also an
// error, for as long as the program runs.
func (f finisher) ServerVersion(ctx context.Context) (types.Version, error) {
	return finish(context.WithoutCancel(ctx), f.APIClient.ServerVersion)
}
