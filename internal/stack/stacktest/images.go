package stacktest

import (
	"os"
	"path/filepath"

	"devenv/compose"
)

// built is a service that is built from the party's image.
func (p *party) built() *compose.Plan {
	if fake, ok := p.Engine.(*Engine); ok {
		fake.Play("game", Runs)
	}
	text := "FROM " + p.image + " AS runner\nSTOPSIGNAL SIGKILL\nCOPY game.py /\nCMD [\"python3\", \"/game.py\"]\n"
	if err := os.WriteFile(filepath.Join(p.dir, "Dockerfile"), []byte(text), 0o644); err != nil {
		p.Fatal(err)
	}
	p.write("game.py", "import time\ntime.sleep(600)\n")
	return p.planOf(p.project, "services:\n  game: { build: . }\n")
}

func (p *party) write(name, text string) {
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644); err != nil {
		p.Fatal(err)
	}
}

// Digests are those that the contract labels images with, so that they can be
// found and removed.
var Digests = []string{"contract-1", "contract-2"}

func (p *party) build(plan *compose.Plan, digest string) {
	p.Helper()
	if err := p.Build(p.ctx, plan, map[string]string{"game": digest}); err != nil {
		p.Fatal(err)
	}
}

func builtWithDigest(p *party) {
	plan := p.built()
	p.build(plan, Digests[0])
	game, _ := plan.Service("game")
	images, err := p.Images(p.ctx, []string{game.Image})
	if err != nil {
		p.Fatal(err)
	}
	if got := images[game.Image]; got.ID == "" || got.Labels[compose.LabelDigest] != Digests[0] {
		p.Errorf("image is %+v", got)
	}
	p.start(plan)
	want := map[string]string{compose.LabelDigest: Digests[0], compose.LabelProfile: "prod", compose.LabelTarget: "runner"}
	c := p.one("game")
	for label, value := range want {
		if c.Labels[label] != value {
			p.Errorf("label %s is %q", label, c.Labels[label])
		}
	}
	if c.Image != game.Image || c.ImageID != images[game.Image].ID {
		p.Errorf("container is made from %s %s, want %+v", c.Image, c.ImageID, images[game.Image])
	}
}

func imageChanged(p *party) {
	plan := p.built()
	p.build(plan, Digests[0])
	p.start(plan)
	first := p.one("game")
	p.write("game.py", "import time\ntime.sleep(601)\n")
	p.build(plan, Digests[1])
	p.start(plan)
	if now := p.one("game"); now.ID == first.ID || now.ImageID == first.ImageID || now.Labels[compose.LabelDigest] != Digests[1] {
		p.Errorf("game is %+v", now)
	}
}

func noImage(p *party) {
	images, err := p.Images(p.ctx, []string{"devenv-contract/nobody:made"})
	if err != nil || len(images) > 0 {
		p.Errorf("got %v, %v", images, err)
	}
}
