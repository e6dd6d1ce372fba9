package engine

import (
	"context"
	"time"

	"devenv/compose"

	composeapi "github.com/docker/compose/v2/pkg/api"
	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/volume"
)

// Inventory lists the containers and volumes of all projects. Their sizes take the
// engine a while; without them they are 0.
func (e *Engine) Inventory(ctx context.Context, sizes bool) ([]compose.Item, error) {
	var items []compose.Item
	if sizes {
		usage, err := e.api.DiskUsage(ctx, types.DiskUsageOptions{Types: []types.DiskUsageObject{types.ContainerObject, types.VolumeObject}})
		for _, c := range usage.Containers {
			items = addItem(items, containerItem(*c))
		}
		for _, v := range usage.Volumes {
			items = addItem(items, volumeItem(v))
		}
		return items, e.wrap("ask for disk usage", err)
	}
	containers, err := e.api.ContainerList(ctx, container.ListOptions{All: true})
	if err != nil {
		return nil, e.wrap("list containers", err)
	}
	volumes, err := e.api.VolumeList(ctx, volume.ListOptions{})
	for _, c := range containers {
		items = addItem(items, containerItem(c))
	}
	for _, v := range volumes.Volumes {
		items = addItem(items, volumeItem(v))
	}
	return items, e.wrap("list volumes", err)
}

// addItem leaves out what belongs to no project.
func addItem(items []compose.Item, item compose.Item) []compose.Item {
	item.Project = item.Labels[composeapi.ProjectLabel]
	if item.Project == "" {
		return items
	}
	return append(items, item)
}

func containerItem(c container.Summary) compose.Item {
	item := compose.Item{Kind: compose.AContainer, Labels: c.Labels, State: compose.State(c.State), Created: time.Unix(c.Created, 0), Size: c.SizeRw}
	for _, p := range c.Ports {
		item.Ports = append(item.Ports, compose.Port{Target: p.PrivatePort, Published: p.PublicPort, HostIP: p.IP})
	}
	return item
}

func volumeItem(v *volume.Volume) compose.Item {
	item := compose.Item{Kind: compose.AVolume, Labels: v.Labels}
	if v.UsageData != nil {
		item.Size = v.UsageData.Size
	}
	return item
}
