package stacktest

// Points about counting players.

func numbered(p *party) {
	plan := p.plan(p.service("done", "done", ""), p.service("game", "runs", ""), p.service("web", "runs", ""))
	p.start(plan)
	p.ended("done")
	done, game, web := p.one("done").PID, p.one("game").PID, p.one("web").PID
	if done != 0 || game <= 0 || web <= 0 || game == web {
		p.Errorf("processes are %d of what has ended, %d and %d", done, game, web)
	}
}
