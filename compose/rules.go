package compose

import (
	"maps"
	"slices"
)

// rules checks what no single key can know: that names which refer to others
// exist. Every fault is told.
func (d *decoder) rules(s settings) {
	d.ruleDefault(s)
	d.ruleLike(s)
}

func (s settings) knows(profile string) bool {
	_, named := s.Profiles[profile]
	_, own := builtin[profile]
	return named || own || slices.ContainsFunc(slices.Collect(maps.Values(s.Services)), func(s serviceSettings) bool {
		_, ok := s.Profiles[profile]
		return ok
	})
}

func (d *decoder) ruleDefault(s settings) {
	if s.Default == "" || s.knows(s.Default) {
		return
	}
	d.fault(path{extension, "default"}, "name it under "+extension+".profiles", "no profile %q", s.Default)
}

func (d *decoder) ruleLike(s settings) {
	for _, name := range slices.Sorted(maps.Keys(s.Profiles)) {
		like := s.Profiles[name].Like
		at := path{extension, "profiles", name, "like"}
		if like != "" && !s.knows(like) {
			d.fault(at, "name it under "+extension+".profiles", "no profile %q", like)
		}
		if line := s.lineage(name); like != "" && s.Profiles[line[len(line)-1]].Like == name {
			d.fault(at, "take out one like", "%q is like itself", name)
		}
	}
}
