package engine

import (
	"errors"
	"fmt"
	"testing"
	"time"

	composeapi "github.com/docker/compose/v2/pkg/api"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
)

var noPool = errors.New("failed to create network mud_default: Error response from daemon: could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network")

func TestPoolsThatAreUsedUpAreKnownWhicheverEngineSaysSo(t *testing.T) {
	tests := map[string]bool{
		noPool.Error(): true,
		"Error response from daemon: all predefined address pools have been fully subnetted": true,
		"Error response from daemon: Pool overlaps with other one on this address space":     false,
		"port is already allocated": false,
	}
	for text, want := range tests {
		if got := isPoolsUsedUp(errors.New(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestAPoolsErrorNamesTheIdleFirst(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	net := func(name, project string, age time.Duration) network.Summary {
		n := network.Summary{Name: name, Created: now.Add(-age)}
		if project != "" {
			n.Labels = map[string]string{composeapi.ProjectLabel: project}
		}
		n.IPAM.Config = []network.IPAMConfig{{Subnet: "10.0.0.0/24"}}
		return n
	}
	on := func(networks ...string) container.Summary {
		c := container.Summary{NetworkSettings: &container.NetworkSettingsSummary{Networks: map[string]*network.EndpointSettings{}}}
		for _, name := range networks {
			c.NetworkSettings.Networks[name] = nil
		}
		return c
	}
	networks := []network.Summary{
		{Name: "host"}, {Name: "none"},
		net("bridge", "", 90*time.Hour), net("byhand", "", 72*time.Hour),
		net("mud_default", "mud", 3*time.Hour), net("mud_back", "mud", 3*time.Hour), net("mud_third", "mud", 3*time.Hour),
		net("old_default", "old", 50*time.Hour),
		net("run_front", "run", 5*time.Minute), net("run_back", "run", 7*time.Minute),
	}
	err := poolsError(noPool, networks, []container.Summary{on("mud_back"), on("bridge"), {}}, now)
	want := "the engine has no addresses left for another network: there are 8, of project run (2, without a container, 7 minutes old), " +
		"no project (1, without a container, 3 days old), project old (1, without a container, 2 days old), project mud (3, 3 hours old)"
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	if !errors.Is(err, noPool) {
		t.Error("what the engine said is lost")
	}
}

func TestAPoolsErrorNamesOnlySome(t *testing.T) {
	e := &PoolsError{Networks: 8}
	for i := range 8 {
		e.Users = append(e.Users, PoolUser{Project: fmt.Sprint("p", i), Networks: 1, Age: time.Second})
	}
	want := "the engine has no addresses left for another network: there are 8, of project p0 (1, 1 seconds old), project p1 (1, 1 seconds old), " +
		"project p2 (1, 1 seconds old), project p3 (1, 1 seconds old), project p4 (1, 1 seconds old), and of 3 more"
	if e.Error() != want {
		t.Error(e)
	}
}
