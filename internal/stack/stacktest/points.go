package stacktest

import (
	"context"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"

	"devenv/compose"
)

func neverStarted(p *party) {
	if err := p.Down(p.ctx, &compose.Plan{Project: p.project}, compose.RemoveVolumes); err != nil {
		p.Error(err)
	}
	if all := p.containers(); len(all) > 0 {
		p.Errorf("containers: %+v", all)
	}
}

func startedTwice(p *party) {
	plan := p.plan(p.service("game", "runs", ""))
	p.start(plan)
	first := p.one("game")
	p.start(plan)
	second := p.one("game")
	if first.ID != second.ID || !first.Started.Equal(second.Started) {
		p.Errorf("container %s of %s became %s of %s", first.ID, first.Started, second.ID, second.Started)
	}
	if second.State != compose.Running || second.Name != p.project+"-game-1" || second.Number != 1 || second.Image != p.image {
		p.Errorf("container is %+v", second)
	}
}

func oneChanged(p *party) {
	web := p.service("web", "runs", "")
	label := func(value string) string {
		return p.service("game", "runs", "    labels: { "+compose.LabelTarget+": "+value+", "+compose.LabelProfile+": dev }\n")
	}
	p.start(p.plan(label("builder"), web))
	game, other := p.one("game"), p.one("web")
	p.start(p.plan(label("runner"), web))
	if now := p.one("game"); now.ID == game.ID || now.Labels[compose.LabelTarget] != "runner" || now.Labels[compose.LabelProfile] != "dev" || now.Name != game.Name {
		p.Errorf("game is %+v", now)
	}
	if now := p.one("web"); now.ID != other.ID || !now.Started.Equal(other.Started) {
		p.Errorf("web is %+v", now)
	}
}

func publishedPort(p *party) {
	p.start(p.plan(p.service("game", "greets", "    ports: ['127.0.0.1::4000']\n")))
	ports := p.one("game").Ports
	if len(ports) != 1 || ports[0].Target != 4000 || ports[0].Published == 0 {
		p.Fatalf("ports are %+v", ports)
	}
	address := net.JoinHostPort(p.Host(), strconv.Itoa(int(ports[0].Published)))
	for heard := ""; heard != "Welcome"; {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			p.Fatal(err) // the port is open before the game listens
		}
		text, _ := io.ReadAll(io.LimitReader(conn, 7))
		conn.Close()
		heard = string(text)
		if p.ctx.Err() != nil {
			p.Fatalf("heard %q", heard)
		}
	}
	holders, err := p.Holders(p.ctx)
	if err != nil {
		p.Fatal(err)
	}
	if !slices.ContainsFunc(holders, func(h compose.Holder) bool {
		return h.Project == p.project && h.Container == p.project+"-game-1" && h.Protocol == "tcp" && h.Port == ports[0]
	}) {
		p.Errorf("holders are %+v, want one of %+v", holders, ports[0])
	}
}

func keepsExitCode(p *party) {
	events := p.Events(p.ctx, p.project)
	p.start(p.plan(p.service("game", "crashes", "")))
	p.next(events, compose.Died)
	if c := p.one("game"); c.State != compose.Exited || c.ExitCode != 3 || c.Restart {
		p.Errorf("container is %+v", c)
	}
}

func tellsCrash(p *party) {
	events := p.Events(p.ctx, p.project)
	p.start(p.plan(p.service("game", "crashes", "")))
	start, _ := p.next(events, compose.Started)
	end, before := p.next(events, compose.Died)
	if slices.Contains(before, compose.Killed) {
		p.Errorf("a crash was told as a kill: %v", before)
	}
	if id := p.one("game").ID; end.ExitCode != 3 || end.Container != id || start.Container != id || end.Service != "game" {
		p.Errorf("start %+v, end %+v of %s", start, end, id)
	}
}

func tellsStop(p *party) {
	p.start(p.plan(p.service("game", "runs", "")))
	events := p.Events(p.ctx, p.project)
	old := p.one("game").ID
	p.start(p.plan(p.service("game", "runs", "    labels: { new: 'yes' }\n")))
	kill, _ := p.next(events, compose.Killed)
	end, _ := p.next(events, compose.Died)
	if kill.Container != old || end.Container != old {
		p.Errorf("killed %s, ended %s, want %s", kill.Container, end.Container, old)
	}
	if start, _ := p.next(events, compose.Started); start.Container == old {
		p.Errorf("the old container was started")
	}
	if err := p.Down(p.ctx, &compose.Plan{Project: p.project}, compose.KeepVolumes); err != nil {
		p.Fatal(err)
	}
	kill, _ = p.next(events, compose.Killed)
	if end, _ = p.next(events, compose.Died); kill.Container == old || end.Container != kill.Container {
		p.Errorf("killed %s, ended %s", kill.Container, end.Container)
	}
}

func eventsEnd(p *party) {
	ctx, cancel := context.WithCancel(p.ctx)
	events := p.Events(ctx, p.project)
	cancel()
	for range events {
		p.Error("an event of a project that was never started")
	}
}

func plainLog(p *party) {
	events := p.Events(p.ctx, p.project)
	p.start(p.plan(p.service("game", "prints", "")))
	p.next(events, compose.Died)
	lines, err := p.Logs(p.ctx, p.one("game").ID, 3)
	if err != nil {
		p.Fatal(err)
	}
	if want := []string{"line 28", "line 29", "red\tand bold"}; !slices.Equal(lines, want) {
		p.Errorf("log is %q, want %q", lines, want)
	}
}

func countsRestarts(p *party) {
	events := p.Events(p.ctx, p.project)
	p.start(p.plan(p.service("game", "crashes", "    restart: always\n")))
	for range 2 {
		if end, _ := p.next(events, compose.Died); end.ExitCode != 3 {
			p.Errorf("ended with %d", end.ExitCode)
		}
		p.next(events, compose.Started)
	}
	if c := p.one("game"); c.Restarts < 2 || !c.Restart {
		p.Errorf("container is %+v", c)
	}
}

func tellsHealth(p *party) {
	check := "    healthcheck: { test: [CMD, test, -e, /tmp/well], interval: 200ms, retries: 100 }\n"
	events := p.Events(p.ctx, p.project)
	p.start(p.plan(p.service("game", "recovers", check)))
	p.next(events, compose.HealthNow)
	if c := p.one("game"); c.Health != compose.Healthy {
		p.Errorf("health is %q", c.Health)
	}
}

func saysWhy(p *party) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.Fatal(err)
	}
	defer l.Close()
	err = Bring(p.ctx, p.Engine, p.plan(p.service("game", "runs", "    ports: ['"+l.Addr().String()+":4000']\n")))
	if err == nil {
		p.Fatal("started on a port that is taken")
	}
	if c := p.one("game"); c.State != compose.Created || c.Error == "" || !strings.Contains(err.Error(), c.Error) {
		p.Errorf("start: %v; container is %+v", err, c)
	}
}

func keepsVolumes(p *party) {
	plan := p.planOf(p.project, "services:\n"+p.service("game", "runs", "    volumes: ['world:/world']\n")+"volumes: { world: {} }\n")
	for _, removal := range []compose.Removal{compose.KeepVolumes, compose.RemoveVolumes} {
		p.start(plan)
		if err := p.Down(p.ctx, &compose.Plan{Project: p.project}, removal); err != nil {
			p.Fatal(err)
		}
		if all := p.containers(); len(all) > 0 {
			p.Errorf("containers are left: %+v", all)
		}
		lister, ok := p.Engine.(interface{ Volumes(project string) []string })
		if !ok {
			p.Fatal("this engine cannot say which volumes there are, so nothing is proven")
		}
		if left := len(lister.Volumes(p.project)); left != map[compose.Removal]int{compose.KeepVolumes: 1}[removal] {
			p.Errorf("removal %d leaves %d volumes", removal, left)
		}
	}
}

func otherProject(p *party) {
	other := p.project + "x"
	p.Cleanup(func() { p.Down(context.Background(), &compose.Plan{Project: other}, compose.RemoveVolumes) })
	events := p.Events(p.ctx, p.project)
	p.start(p.planOf(other, "services:\n"+p.service("game", "runs", "")))
	if all := p.containers(); len(all) > 0 {
		p.Errorf("sees %+v", all)
	}
	if err := p.Down(p.ctx, &compose.Plan{Project: p.project}, compose.RemoveVolumes); err != nil {
		p.Fatal(err)
	}
	if all, err := p.Containers(p.ctx, other); err != nil || len(all) != 1 || all[0].State != compose.Running {
		p.Errorf("the other project has %+v, %v", all, err)
	}
	p.start(p.plan(p.service("game", "runs", "")))
	if e, before := p.next(events, compose.Started); e.Container != p.one("game").ID || slices.Contains(before, compose.Started) {
		p.Errorf("told of another project: %v, %+v", before, e)
	}
}

func scaled(p *party) {
	plan := p.plan(p.service("game", "runs", "    deploy: { replicas: 2 }\n"))
	p.start(plan)
	all := p.containers()
	if len(all) != 2 || all[0].Number != 1 || all[1].Number != 2 {
		p.Errorf("containers are %+v", all)
	}
	if s := plan.Model.Services["game"]; s.GetScale() != 2 {
		p.Errorf("the start changed the plan: scale is %d", s.GetScale())
	}
}

func startWaitsForNothing(p *party) {
	plan := p.plan(
		p.service("game", "runs", "    depends_on: { postgres: { condition: service_healthy } }\n"),
		p.service("postgres", "runs", "    healthcheck: { test: [CMD, 'false'], start_period: 1h }\n"),
	)
	if err := p.Create(p.ctx, plan); err != nil {
		p.Fatal(err)
	}
	if c := p.one("game"); c.State != compose.Created {
		p.Errorf("created, game is %s", c.State)
	}
	if err := p.Start(p.ctx, plan, "game"); err != nil {
		p.Fatal(err)
	}
	if game, postgres := p.one("game"), p.one("postgres"); game.State != compose.Running || postgres.State != compose.Created {
		p.Errorf("game is %s, postgres is %s", game.State, postgres.State)
	}
}

func examined(p *party) {
	p.start(p.plan(
		p.service("well", "recovers", "    healthcheck: { test: [CMD, 'true'], interval: 1h }\n"),
		p.service("ill", "runs", "    healthcheck: { test: [CMD, python3, -c, 'import sys; sys.exit(\"no world\")'], interval: 1h }\n"),
	))
	for healthy := false; !healthy; { // the fake's container says so when it has come to it
		var err error
		if healthy, _, err = p.Examine(p.ctx, p.one("well").ID); err != nil {
			p.Fatal(err)
		}
	}
	if healthy, _, err := p.Examine(p.ctx, p.one("ill").ID); err != nil || healthy {
		p.Errorf("ill: %v, %v", healthy, err)
	}
}
