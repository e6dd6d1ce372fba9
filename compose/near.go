package compose

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// near tells whether a word may be a slip for another one: at most two letters
// are wrong, and they are fewer than half of it.
func near(word, meant string) bool {
	typos := distance([]rune(word), []rune(meant))
	return typos > 0 && typos <= 2 && 2*typos < len([]rune(meant))
}

// distance is how many letters to insert, delete, replace, or swap with their
// neighbour, to make b of a.
func distance(a, b []rune) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			replaced := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			rows[i][j] = min(replaced, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

// noteOddProtocols tells of ports that are nearly said to be telnet. Compose
// takes any text for an app_protocol, so it is no fault.
func (pl *planner) noteOddProtocols() {
	for _, name := range pl.model.ServiceNames() {
		told := map[uint32]bool{}
		for _, port := range pl.model.Services[name].Ports {
			word := strings.ToLower(strings.TrimSpace(port.AppProtocol))
			slip := port.AppProtocol != string(Telnet) && (word == string(Telnet) || near(word, string(Telnet)))
			if !slip || told[port.Target] {
				continue
			}
			told[port.Target] = true
			pl.notes = append(pl.notes, fmt.Sprintf("port %d of service %s has app_protocol %q; did you mean %s?", port.Target, name, port.AppProtocol, Telnet))
		}
	}
}

// noteOddProfiles tells of profiles that only a service names, and that look
// like another one. The one that is planned is meant.
func (pl *planner) noteOddProfiles() {
	known := pl.project.namedProfiles()
	for _, service := range pl.model.ServiceNames() {
		for _, name := range sortedKeys(pl.project.settings.Services[service].Profiles) {
			if known[name] || name == pl.profile {
				continue
			}
			for _, meant := range slices.Sorted(maps.Keys(known)) {
				if near(name, meant) {
					pl.notes = append(pl.notes, fmt.Sprintf("profile %q of service %s: did you mean %s?", name, service, meant))
					break
				}
			}
		}
	}
}

// namedProfiles are the profiles that something beside the x-devenv of a service
// speaks of.
func (p *Project) namedProfiles() map[string]bool {
	known := map[string]bool{p.settings.Default: true}
	for name := range builtin {
		known[name] = true
	}
	for name, said := range p.settings.Profiles {
		known[name], known[said.Like] = true, true
	}
	for _, name := range composeProfiles(p.base.model) {
		known[name] = true
	}
	delete(known, "")
	return known
}
