package stacktest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"devenv/compose"
)

// Points about what a smoke run keeps, brings along and leaves.

func endedKept(p *party) {
	heeding := strings.Replace(p.service("game", "heeds", "    restart: always\n"), "SIGKILL", "SIGTERM", 1)
	p.start(p.plan(heeding, p.service("web", "runs", "")))
	for said := []string(nil); !slices.Contains(said, "heeds"); {
		var err error
		if said, err = p.Logs(p.ctx, p.one("game").ID, 1); err != nil {
			p.Fatal(err)
		}
	}
	for range 2 { // the second time there is nothing to do
		if err := p.End(p.ctx, []compose.Container{p.one("game")}); err != nil {
			p.Fatal(err)
		}
		if game := p.one("game"); game.State != compose.Exited || game.ExitCode != 7 {
			p.Errorf("game is %+v", game)
		}
	}
	if web := p.one("web"); web.State != compose.Running {
		p.Errorf("web is %+v", web)
	}
}

func sized(p *party) {
	p.start(p.plan(p.service("game", "runs", "")))
	const nobodys = "devenv-contract/nobody:made"
	sizes, err := p.Sizes(p.ctx, []string{p.image, nobodys})
	if err != nil || sizes[p.image] < 1<<10 || len(sizes) != 1 {
		p.Errorf("sizes are %v, %v", sizes, err)
	}
}

func recorded(p *party) {
	check := "    healthcheck: { test: [CMD, test, -e, /tmp/well], interval: 200ms, retries: 100 }\n"
	events := p.Events(p.ctx, p.project)
	p.start(p.plan(p.service("game", "recovers", check), p.service("talker", "prints", "")))
	p.next(events, compose.HealthNow)
	game, err := p.Record(p.ctx, p.one("game").ID)
	if err != nil {
		p.Fatal(err)
	}
	if !json.Valid(game.Inspect) || !strings.Contains(string(game.Inspect), p.project+"-game-1") {
		p.Errorf("inspect is %s", game.Inspect)
	}
	if !strings.Contains(game.Health, " exit code 0 after ") {
		p.Errorf("health is %q", game.Health)
	}
	p.ended("talker")
	talker, err := p.Record(p.ctx, p.one("talker").ID)
	if err != nil {
		p.Fatal(err)
	}
	var said []string
	for line := range strings.Lines(talker.Log) {
		at, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if _, err := time.Parse(time.RFC3339Nano, at); err != nil {
			p.Errorf("%q begins with no time", line)
		}
		said = append(said, text)
	}
	if len(said) != 31 || said[0] != "line 0" || said[30] != "red\tand bold" || talker.Health != "" {
		p.Errorf("log is %q, health %q", said, talker.Health)
	}
	if _, err := p.Record(p.ctx, "devenv-nobody"); err == nil {
		p.Error("a record of no container")
	}
}

// ended waits until the only container of a service has.
func (p *party) ended(service string) {
	events := p.Events(p.ctx, p.project)
	for p.one(service).State != compose.Exited {
		p.next(events, compose.Died)
	}
}

func uploaded(p *party) {
	p.folder("world/deep")
	p.write("world/room", "a dark room")
	p.write("world/deep/cellar", "a cellar")
	p.write("motd", "welcome")
	plan := p.plan(p.service("game", "reads", "    user: '1000'\n"))
	plan.Uploads = []compose.Upload{
		{Service: "game", Source: filepath.Join(p.dir, "world"), Target: "/devenv/world"},
		{Service: "game", Source: filepath.Join(p.dir, "motd"), Target: "/devenv/motd"},
		{Service: "other", Source: filepath.Join(p.dir, "nowhere"), Target: "/devenv/motd"},
	}
	p.start(plan)
	p.ended("game")
	p.write("motd", "nothing is copied twice")
	p.start(plan)
	p.ended("game")
	said, err := p.Logs(p.ctx, p.one("game").ID, 10)
	once := []string{"a dark room", "a cellar", "welcome"}
	if err != nil || !slices.Equal(said, slices.Concat(once, once)) {
		p.Errorf("said %q, %v", said, err)
	}
}

func (p *party) folder(name string) {
	if err := os.MkdirAll(filepath.Join(p.dir, name), 0o755); err != nil {
		p.Fatal(err)
	}
}

func remaining(p *party) {
	theirs := p.project + "x"
	p.Cleanup(func() { p.Down(context.Background(), &compose.Plan{Project: theirs}, compose.RemoveVolumes) })
	p.start(p.planOf(theirs, "services:\n"+p.service("game", "done", "    volumes: ['world:/world']\n")+"volumes: { world: {} }\n"))
	owner, deadline := "a/b/c/1/"+p.project, time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	labels := fmt.Sprintf("{ %s: %s, %s: '%s' }", compose.LabelOwner, owner, compose.LabelDeadline, deadline.Format(time.RFC3339))
	more := "    volumes: ['world:/world', 'own:/own']\n    labels: " + labels + "\n"
	p.start(p.planOf(p.project, "services:\n"+p.service("game", "done", more)+
		"networks: { default: { labels: "+labels+" } }\nvolumes: { world: { labels: "+labels+" }, own: {} }\n"))
	want := compose.Remains{
		Project: p.project, Owner: owner, Deadline: deadline,
		Containers: []string{p.project + "-game-1"}, Networks: []string{p.project + "_default"}, Volumes: []string{p.project + "_world"},
		Strangers: []string{"volume " + p.project + "_own"},
	}
	all, err := p.Remains(p.ctx)
	if err != nil {
		p.Fatal(err)
	}
	var ours []compose.Remains
	for _, r := range all {
		if r.Project == theirs {
			p.Errorf("a project that nobody has labelled is found: %+v", r)
		}
		if r.Project == p.project {
			ours = append(ours, r)
		}
	}
	if !reflect.DeepEqual(ours, []compose.Remains{want}) {
		p.Errorf("found %+v, want %+v", ours, want)
	}
}
