package stacktest

import (
	"path/filepath"
	"slices"
	"strings"

	"devenv/compose"
	"devenv/internal/stack"
)

// Points about what watching does to containers that run.

// A syncer is the engine of a party, which must be one.
func (p *party) syncer() stack.Syncer {
	p.Helper()
	s, ok := p.Engine.(stack.Syncer)
	if !ok {
		p.Fatal("the engine does not sync")
	}
	return s
}

func synced(p *party) {
	p.folder("world/deep")
	p.write("world/room", "a dark room")
	p.write("world/deep/cellar", "a cellar")
	p.write("motd", "welcome")
	plan := p.plan(p.service("game", "reads", ""), p.service("web", "runs", ""))
	p.start(plan)
	p.ended("game") // it found none of its files
	file := func(name string) compose.CopiedFile {
		return compose.CopiedFile{Source: filepath.Join(p.dir, name), Path: "/devenv/" + name}
	}
	what := compose.Copying{Target: "/devenv", Files: []compose.CopiedFile{file("world/room"), file("world/deep/cellar"), file("motd")}}
	for _, service := range []string{"game", "web"} {
		if left, err := p.syncer().Sync(p.ctx, p.one(service), what); left != "" || err != nil {
			p.Fatalf("%s: %q, %v", service, left, err)
		}
	}
	p.write("motd", "welcome back")
	if _, err := p.syncer().Sync(p.ctx, p.one("game"), compose.Copying{Target: "/devenv/motd", Files: what.Files[2:]}); err != nil {
		p.Fatal(err)
	}
	if err := p.Start(p.ctx, plan, "game"); err != nil {
		p.Fatal(err)
	}
	p.ended("game")
	said, err := p.Logs(p.ctx, p.one("game").ID, 3)
	if err != nil || !slices.Equal(said, []string{"a dark room", "a cellar", "welcome back"}) {
		p.Errorf("said %q, %v", said, err)
	}
	gone := compose.Copying{Target: "/devenv", Gone: []string{"/devenv/world", "/devenv/nothing"}}
	if left, err := p.syncer().Sync(p.ctx, p.one("web"), gone); left != "" || err != nil {
		p.Errorf("delete: %q, %v", left, err)
	}
	if left, err := p.syncer().Sync(p.ctx, p.one("game"), gone); left == "" || err != nil {
		p.Errorf("delete in a container that does not run: %q, %v", left, err)
	}
}

func replaced(p *party) {
	first := p.plan(p.service("game", "runs", ""), p.service("web", "runs", ""))
	p.start(first)
	game, web := p.one("game").ID, p.one("web").ID
	label := "    labels: { changed: 'yes' }\n"
	second := p.plan(p.service("game", "runs", label), p.service("web", "runs", label))
	for range 2 { // the second time there is nothing to do
		if err := p.syncer().Replace(p.ctx, second, []string{"game"}); err != nil {
			p.Fatal(err)
		}
		if now := p.one("game"); now.ID == game || now.State != compose.Created {
			p.Errorf("game is %+v", now)
		}
	}
	if now := p.one("web"); now.ID != web || now.State != compose.Running {
		p.Errorf("web is %+v", now)
	}
}

func hooked(p *party) {
	p.start(p.plan(p.service("game", "runs", "")))
	var said []string
	each := func(line string) { said = append(said, line) }
	code, err := p.Hook(p.ctx, p.one("game"), compose.Command{Args: []string{"echo", "\x1b[31mred"}}, each)
	if err != nil || code != 0 || !strings.HasSuffix(strings.Join(said, "|"), "red") {
		p.Errorf("echo: %d, %v, said %q", code, err, said)
	}
	if code, err := p.Hook(p.ctx, p.one("game"), compose.Command{Args: []string{"false"}}, each); err != nil || code != 1 {
		p.Errorf("false: %d, %v", code, err)
	}
}
