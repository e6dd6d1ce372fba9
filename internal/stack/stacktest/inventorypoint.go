package stacktest

import "devenv/compose"

func inventoried(p *party) {
	text := "services:\n" + p.service("game", "greets", "    ports: [ '127.0.0.1::4000' ]\n    volumes: [ 'world:/world' ]\n") + "volumes: { world: {} }\n"
	p.start(p.planOf(p.project, text))
	for _, sizes := range []bool{false, true} {
		items, err := p.Inventory(p.ctx, sizes)
		if err != nil {
			p.Fatal(err)
		}
		kinds := map[compose.ThingKind]int{}
		for _, item := range items {
			if item.Project != p.project {
				continue
			}
			kinds[item.Kind]++
			if item.Kind == compose.AContainer && (item.State != compose.Running || len(item.Ports) == 0 || item.Ports[0].Published == 0 || item.Created.IsZero()) {
				p.Errorf("container is %+v", item)
			}
			if !sizes && item.Size != 0 {
				p.Errorf("has a size that was not asked for: %+v", item)
			}
		}
		if kinds[compose.AContainer] != 1 || kinds[compose.AVolume] != 1 {
			p.Errorf("found %v", kinds)
		}
	}
}
