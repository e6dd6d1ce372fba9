package compose

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

var universe = Universe{
	Project: "smoke-1",
	Labels:  map[string]string{LabelOwner: "me", LabelStarted: "1", LabelDeadline: "2"},
}

// built is the universe with an image for each built service.
func built(p *Plan) Universe {
	u := universe
	u.Images = map[string]string{}
	for _, s := range p.BuiltServices() {
		u.Images[s.Name] = "sha256:" + s.Name
	}
	return u
}

// isolate isolates the plan of an archive, which has no fault.
func isolate(t *testing.T, archive string) *Plan {
	t.Helper()
	p := plan(t, load(t, archive), Request{})
	isolated, err := p.Isolate(built(p))
	if err != nil {
		t.Fatal(err)
	}
	return isolated
}

// excerpt is what the model of a plan has at a path, as YAML in one line.
func excerpt(t *testing.T, p *Plan, at string) string {
	t.Helper()
	text, err := p.Model.MarshalYAML()
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := yaml.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	for _, key := range strings.Split(at, "/") {
		value = value.(map[string]any)[key]
	}
	return line(value)
}

const someLabels = `"labels":{"devenv.deadline":"2","devenv.owner":"me","devenv.started":"1"}`

func TestIsolatedModel(t *testing.T) {
	for behaviour, test := range map[string]struct{ compose, at, want string }{
		"the project has a name of its own": {
			"services: { game: { image: a } }", "name", "smoke-1"},
		"a container has the labels of the universe, and those of its author": {
			"services: { game: { image: a, labels: { own: label } } }", "services/game/labels",
			`{"devenv.deadline":"2","devenv.owner":"me","devenv.started":"1","own":"label"}`},
		"the default network too": {
			"services: { game: { image: a } }", "networks/default", `{` + someLabels + `,"name":"smoke-1_default"}`},
		"a published port is the engine's choice, on the address as written": {
			`services: { game: { image: a, ports: [ "127.0.0.1:4000:4000" ] } }`, "services/game/ports",
			`[{"host_ip":"127.0.0.1","mode":"ingress","protocol":"tcp","target":4000}]`},
		"and so is one of a range": {
			`services: { game: { image: a, ports: [ { target: 1, published: "4000-4010" } ] } }`, "services/game/ports",
			`[{"mode":"ingress","protocol":"tcp","target":1}]`},
		"a container_name is an alias on the default network": {
			"services: { game: { image: a, container_name: mud } }", "services/game/networks", `{"default":{"aliases":["mud"]}}`},
		"and on each network": {
			"{ services: { game: { image: a, container_name: mud, networks: { one: { aliases: [ x ] }, two: } } }, networks: { one: , two: } }",
			"services/game/networks", `{"one":{"aliases":["x","mud"]},"two":{"aliases":["mud"]}}`},
		"and it is dropped": {
			"services: { game: { image: a, container_name: mud } }", "services/game/container_name", "null"},
		"a container_name that is the service's is no alias": {
			"services: { game: { image: a, container_name: game } }", "services/game/networks", `{"default":null}`},
		"a mac address is dropped": {
			"services: { game: { image: a, mac_address: 02:42:ac:11:00:02, networks: { default: { mac_address: 02:42:ac:11:00:02 } } } }",
			"services/game/networks", `{"default":{}}`},
		"a network with a name has another": {
			"{ services: { game: { image: a } }, networks: { default: { name: lan, internal: true } } }", "networks/default",
			`{"internal":true,` + someLabels + `,"name":"smoke-1_default"}`},
		"a fixed subnet, an interface and IPv6 are dropped": {
			"{ services: { game: { image: a } }, networks: { default: { enable_ipv6: true, ipam: { config: [ { subnet: 10.9.0.0/24 } ] }, driver_opts: { com.docker.network.bridge.name: br7, com.docker.network.driver.mtu: 1400 } } } }",
			"networks/default", `{"driver_opts":{"com.docker.network.driver.mtu":"1400"},` + someLabels + `,"name":"smoke-1_default"}`},
		"an external network is an empty one": {
			"{ services: { game: { image: a, networks: [ lan ] } }, networks: { lan: { external: true, name: office } } }", "networks/lan",
			`{` + someLabels + `,"name":"smoke-1_lan"}`},
		"a network on the LAN is a bridge": {
			"{ services: { game: { image: a, networks: [ lan ] } }, networks: { lan: { driver: macvlan, driver_opts: { parent: eth0 } } } }", "networks/lan",
			`{` + someLabels + `,"name":"smoke-1_lan"}`},
		"a volume with a name has another": {
			`{ services: { game: { image: a, volumes: [ "ww:/w" ] } }, volumes: { ww: { name: world, labels: { a: b } } } }`, "volumes/ww",
			`{"labels":{"a":"b","devenv.deadline":"2","devenv.owner":"me","devenv.started":"1"},"name":"smoke-1_ww"}`},
		"an external volume is an empty one": {
			`{ services: { game: { image: a, volumes: [ "ww:/w" ] } }, volumes: { ww: { external: true, name: world } } }`, "volumes/ww",
			`{` + someLabels + `,"name":"smoke-1_ww"}`},
		"a volume that is kept at a place is an empty local one": {
			`{ services: { game: { image: a, volumes: [ "ww:/w" ] } }, volumes: { ww: { driver_opts: { type: none, o: bind, device: /srv/world } } } }`, "volumes/ww",
			`{` + someLabels + `,"name":"smoke-1_ww"}`},
		"and so is one of another driver": {
			`{ services: { game: { image: a, volumes: [ "ww:/w" ] } }, volumes: { ww: { driver: rexray } } }`, "volumes/ww",
			`{` + someLabels + `,"name":"smoke-1_ww"}`},
		"a volume in memory stays one": {
			`{ services: { game: { image: a, volumes: [ "ww:/w" ] } }, volumes: { ww: { driver: local, driver_opts: { type: tmpfs, device: tmpfs } } } }`, "volumes/ww",
			`{"driver":"local","driver_opts":{"device":"tmpfs","type":"tmpfs"},` + someLabels + `,"name":"smoke-1_ww"}`},
		"a volume without a name has the labels": {
			`services: { game: { image: a, volumes: [ /w ] } }`, "services/game/volumes",
			`[{"target":"/w","type":"volume","volume":{` + strings.Replace(someLabels, "{", `{"com.docker.compose.project":"smoke-1",`, 1) + `}}]`},
		"a built service runs the image that was built, and no registry is asked": {
			"services: { game: { build: { dockerfile_inline: FROM scratch } } }", "services/game/image", "sha256:game"},
	} {
		t.Run(behaviour, func(t *testing.T) {
			if got := excerpt(t, isolate(t, "-- compose.yaml --\n"+test.compose+"\n"), test.at); got != test.want {
				t.Errorf("%s is\n%s, want\n%s", test.at, got, test.want)
			}
		})
	}
}

func TestWhatAnIsolatedPlanKeepsAndWhatNot(t *testing.T) {
	isolated := isolate(t, manyShapes)
	game := isolated.Model.Services["game"]
	if game.Build != nil || game.PullPolicy != "never" {
		t.Errorf("build %v, pull_policy %q", game.Build, game.PullPolicy)
	}
	service, _ := isolated.Service("game")
	if service.Built || service.Image != "mud-game:builder" || service.Target != "builder" || len(service.Checks) == 0 {
		t.Errorf("the plan says %+v", service)
	}
	if isolated.Project != "smoke-1" || len(isolated.Model.DisabledServices) > 0 {
		t.Errorf("project %s, disabled %v", isolated.Project, isolated.Model.DisabledServices)
	}
	if !strings.Contains(isolated.String(), "  networks.default.name mud_default -> smoke-1_default (a smoke run has names of its own)\n") {
		t.Errorf("the changes are\n%s", isolated)
	}
}

func TestIsolatingNeedsTheImageOfEveryBuiltService(t *testing.T) {
	p := plan(t, load(t, manyShapes), Request{})
	if _, err := p.Isolate(universe); err == nil || err.Error() != `service "game" is built, and its image is not given` {
		t.Errorf("%v", err)
	}
}

// Isolating changes nothing of the plan, and what is done to the isolated model
// is not done to the plan.
func TestIsolatingChangesNothingOfThePlan(t *testing.T) {
	p := plan(t, load(t, reaching+"volumes: { ww: { external: true } }\n"), Request{})
	before := rendered(t, p) + strings.Join(p.Notes, "\n")
	isolated, err := p.Isolate(universe)
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range isolated.Model.Services {
		clear(s.Labels)
		clear(s.Networks)
		clear(s.Volumes)
		clear(s.Ports)
		delete(isolated.Model.Services, name)
	}
	clear(isolated.Model.Networks)
	isolated.Services[0].Name = "changed"
	isolated.Changes[0].Field = "changed"
	if diff := cmp.Diff(before, rendered(t, p)+strings.Join(p.Notes, "\n")); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	if len(p.Uploads) > 0 || p.Services[0].Name != "game" {
		t.Errorf("the plan has %v and %v", p.Uploads, p.Services)
	}
}

const reaching = `
-- data/a --
1
-- compose.yaml --
services:
  game:
    image: a
    container_name: mud
    labels: { a: b }
    mac_address: 02:42:ac:11:00:02
    ports: [ { target: 4000, published: "4000", app_protocol: telnet } ]
    networks: { lan: { aliases: [ x ], mac_address: 02:42:ac:11:00:02 } }
    volumes: [ "./data:/data", "./data/a:/a", "ww:/w", /anonymous ]
networks:
  lan:
    labels: { a: b }
    driver_opts: { com.docker.network.bridge.name: br7 }
    ipam: { config: [ { subnet: 10.9.0.0/24 } ] }
`

// Each sample project is isolated in every profile whose plan has no fault.
func TestEveryWildProjectIsIsolated(t *testing.T) {
	files, err := filepath.Glob("../fixtures/wild/*/compose.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no projects: %v", err)
	}
	for _, file := range files {
		project := loadFrom(t, Source{Files: []string{file}})
		for _, profile := range project.Profiles() {
			p, err := project.Plan(Request{Profile: profile})
			if err != nil {
				continue
			}
			if _, err := p.Isolate(built(p)); err != nil {
				t.Errorf("%s as %s: %v", file, profile, err)
			}
		}
	}
}

func TestTheSampleGameIsIsolated(t *testing.T) {
	dir, err := filepath.Abs("../fixtures/ex_mud")
	if err != nil {
		t.Fatal(err)
	}
	project := loadFrom(t, Source{ProjectDirectory: dir, ProjectName: "ex_mud"})
	for _, profile := range []string{"dev", "prod"} {
		p := plan(t, project, Request{Profile: profile})
		isolated, err := p.Isolate(built(p))
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		for _, c := range isolated.Changes[len(p.Changes):] {
			text.WriteString(strings.TrimPrefix(c.Service+": ", ": ") + c.Field + " " + quoted(c.From) + " -> " + quoted(c.To) + "\n")
		}
		for _, u := range isolated.Uploads {
			text.WriteString("upload " + u.Source + " to " + u.Service + ":" + u.Target + " without " + strings.Join(u.Hidden, " ") + "\n")
		}
		for _, note := range isolated.Notes[len(p.Notes):] {
			text.WriteString("note: " + note + "\n")
		}
		golden(t, "testdata/isolate/ex_mud-"+profile+".txt", strings.ReplaceAll(text.String(), dir, "DIR"))
	}
}

// golden compares with a file, which -update writes.
func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		write(t, name, got)
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
