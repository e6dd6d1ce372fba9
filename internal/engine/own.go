package engine

import (
	"archive/tar"
	"context"
	"errors"
	"path"

	"devenv/compose"

	composeapi "github.com/docker/compose/v2/pkg/api"
	"github.com/docker/docker/api/types/container"
)

// own gives the user the empty volumes of root in containers that are yet to be
// started, of the services that run as the user.
func (e *Engine) own(ctx context.Context, plan *compose.Plan) error {
	if len(plan.AsUsers()) == 0 {
		return nil
	}
	of := byProject(plan.Project)
	of.Add("status", string(compose.Created))
	list, err := e.api.ContainerList(ctx, container.ListOptions{All: true, Filters: of})
	if err != nil {
		return e.wrap("list containers", err)
	}
	var errs []error
	for _, c := range list {
		s, _ := plan.Service(c.Labels[composeapi.ServiceLabel])
		if s.AsUser == nil || plan.Model.Services[s.Name].ReadOnly {
			continue // into what is for reading only, an engine unpacks nothing
		}
		for _, v := range s.AsUser.Volumes {
			err := e.ownTop(ctx, c.ID, v.Target, s.AsUser.Owner)
			errs = append(errs, e.wrap("give you "+v.Target+" of container "+nameOf(c.Names), err))
		}
	}
	return errors.Join(errs...)
}

func (e *Engine) ownTop(ctx context.Context, id, folder string, owner compose.Owner) error {
	entries, err := e.glance(ctx, id, folder)
	if err != nil || len(entries) != 1 || entries[0].Typeflag != tar.TypeDir || entries[0].Uid != 0 {
		return err
	}
	entries[0].Uid, entries[0].Gid = owner.User, owner.Group
	return e.sendTop(ctx, id, folder, entries[0])
}

// sendTop gives a folder of a container the mode and the owner of a header. An engine
// that is sent the inside of a folder leaves the folder itself as it is.
func (e *Engine) sendTop(ctx context.Context, id, folder string, header *tar.Header) error {
	folder = path.Clean(folder)
	header.Name, header.Uname, header.Gname = path.Base(folder)+"/", "", ""
	text, err := packed(header)
	if err != nil {
		return err
	}
	return e.api.CopyToContainer(ctx, id, path.Dir(folder), text, container.CopyToContainerOptions{})
}
