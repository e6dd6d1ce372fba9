package compose

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReachingOutIsRefusedAllAtOnceWithPlaceAndHint(t *testing.T) {
	dir := folder(t, `
-- compose.yaml --
services:
  game:
    image: a
    network_mode: host
    pid: container:x
    ipc: container:y
  bot:
    image: a
    volumes_from: [ container:z ]
    external_links: [ db:database ]
    networks:
      lan:
        ipv4_address: 10.9.0.2
  made: { provider: { type: cloud } }
  custom: { image: a, network_mode: office, secrets: [ pw ], configs: [ site ] }
networks: { lan: { ipam: { config: [ { subnet: 10.9.0.0/24 } ] } } }
secrets: { pw: { external: true } }
configs: { site: { external: true } }
`)
	_, err := plan(t, loadFrom(t, Source{ProjectDirectory: dir}), Request{}).Isolate(universe)
	want := `compose.yaml:9: service "bot": volumes_from container:z is a container that is no part of a smoke run
  hint: name a service of the project, or share a named volume
compose.yaml:10: service "bot": external_links db:database: a smoke run sees no container of others
  hint: make what it needs a service of the project
compose.yaml:13: service "bot": network "lan": ipv4_address 10.9.0.2 is fixed: in a smoke run the engine chooses the addresses
  hint: take it out and use the name bot instead of the address, or override networks for the profile
compose.yaml:15: service "custom": network_mode office is a network that others are in: a smoke run has one of its own
  hint: take network_mode out and publish ports; name another service of the project as service:NAME; or override it for the profile with network_mode: !reset null
compose.yaml:4: service "game": network_mode host is a network that others are in: a smoke run has one of its own
  hint: take network_mode out and publish ports; name another service of the project as service:NAME; or override it for the profile with network_mode: !reset null
compose.yaml:5: service "game": pid container:x is a container that is no part of a smoke run
  hint: name a service of the project as service:NAME
compose.yaml:6: service "game": ipc container:y is a container that is no part of a smoke run
  hint: name a service of the project as service:NAME
compose.yaml:14: service "made": it is made by provider cloud: a smoke run cannot have one of its own
  hint: name the services to run, without this one and those that depend on it
compose.yaml:17: secret "pw" is external: a smoke run cannot know what it holds
  hint: give it a file or an environment variable instead
compose.yaml:18: config "site" is external: a smoke run cannot know what it holds
  hint: give it a file or an environment variable instead
`
	if diff := cmp.Diff(want, told(err, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestARefusalNamesTheOverrideThatIsAtFault(t *testing.T) {
	dir := folder(t, `
-- compose.yaml --
services:
  game:
    image: a
    x-devenv:
      profiles:
        dev:
          override:
            network_mode: host
`)
	_, err := plan(t, loadFrom(t, Source{ProjectDirectory: dir}), Request{}).Isolate(universe)
	if err == nil || !strings.Contains(told(err, dir), "compose.yaml:8: ") {
		t.Errorf("%v", err)
	}
}
