package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	composeapi "github.com/docker/compose/v2/pkg/api"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
)

// PoolsError is an engine that has no addresses left for another network.
type PoolsError struct {
	Networks int // that have addresses now
	Users    []PoolUser
	Err      error // of the engine
}

// A PoolUser is a project with its networks.
type PoolUser struct {
	Project  string // "" is all that belongs to none
	Networks int
	Idle     bool          // no container is on any of them
	Age      time.Duration // of the oldest
}

// worst is how many projects a PoolsError names.
const worst = 5

func (e *PoolsError) Error() string {
	text := fmt.Sprintf("the engine has no addresses left for another network: there are %d", e.Networks)
	var users []string
	for i, u := range e.Users {
		if i == worst {
			users = append(users, fmt.Sprintf("and of %d more", len(e.Users)-worst))
			break
		}
		users = append(users, u.String())
	}
	if len(users) > 0 {
		text += ", of " + strings.Join(users, ", ")
	}
	return text
}

func (e *PoolsError) Unwrap() error { return e.Err }

// Hint says how to get addresses.
func (e *PoolsError) Hint() string {
	return "remove networks that nothing uses: `devenv gc` those of dead smoke runs, `docker network prune` all; or give the engine more with default-address-pools in daemon.json"
}

// String says whose networks, how many and how old they are.
func (u PoolUser) String() string {
	name := "no project"
	if u.Project != "" {
		name = "project " + Plain(u.Project)
	}
	use := ""
	if u.Idle {
		use = ", without a container"
	}
	return fmt.Sprintf("%s (%d%s, %s old)", name, u.Networks, use, age(u.Age))
}

// age is a time in its largest unit.
func age(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
	return fmt.Sprintf("%d seconds", d/time.Second)
}

// isPoolsUsedUp knows what engines of 20.10 and newer ones say.
func isPoolsUsedUp(err error) bool {
	return strings.Contains(err.Error(), "non-overlapping IPv4 address pool among the defaults") ||
		strings.Contains(err.Error(), "all predefined address pools have been fully subnetted")
}

// pools says more of an error for want of addresses; others it leaves as they are.
func (e *Engine) pools(ctx context.Context, err error) error {
	if err == nil || !isPoolsUsedUp(err) {
		return err
	}
	networks, listErr := e.api.NetworkList(ctx, network.ListOptions{})
	if listErr != nil {
		return err
	}
	containers, listErr := e.api.ContainerList(ctx, container.ListOptions{All: true})
	if listErr != nil {
		return err
	}
	return poolsError(err, networks, containers, time.Now())
}

// poolsError names first the projects whose networks nothing uses, and of these
// the ones with the most.
func poolsError(err error, networks []network.Summary, containers []container.Summary, now time.Time) *PoolsError {
	used := map[string]bool{} // networks by name; one of a created container has no ID yet
	for _, c := range containers {
		if c.NetworkSettings == nil {
			continue
		}
		for name := range c.NetworkSettings.Networks {
			used[name] = true
		}
	}
	found := &PoolsError{Err: err}
	users := map[string]*PoolUser{}
	for _, n := range networks {
		if len(n.IPAM.Config) == 0 {
			continue // host and none
		}
		found.Networks++
		if n.Name == network.NetworkBridge {
			continue // the engine's own
		}
		project := n.Labels[composeapi.ProjectLabel]
		if users[project] == nil {
			users[project] = &PoolUser{Project: project, Idle: true}
		}
		user := users[project]
		user.Networks++
		user.Idle = user.Idle && !used[n.Name]
		user.Age = max(user.Age, now.Sub(n.Created))
	}
	for _, user := range users {
		found.Users = append(found.Users, *user)
	}
	slices.SortFunc(found.Users, func(a, b PoolUser) int {
		idle := map[bool]int{true: -1}
		return cmp.Or(idle[a.Idle]-idle[b.Idle], b.Networks-a.Networks, cmp.Compare(a.Project, b.Project))
	})
	return found
}
