package main

import (
	"strings"
	"testing"
	"time"

	"devenv/compose"

	"github.com/google/go-cmp/cmp"
)

func TestEnvironmentsAreATable(t *testing.T) {
	now := time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
	all := []compose.Environment{
		{Project: "mud", Profile: "dev", Folder: "/src/m\x1b[31mud", Running: 2, Total: 2, Created: now.Add(-3 * time.Hour), Ports: []compose.Port{{Published: 4000}, {Published: 4001}}, Size: 1234567},
		{Project: "mud-1a2b", Running: 1, Total: 2, Created: now.Add(-90 * time.Second), Size: -1},
		{Project: "old", Size: 12},
		{Project: "smoked", Total: 1, Smoke: true, Created: now.Add(-72 * time.Hour)},
	}
	want := `
PROJECT    PROFILE   STATE             AGE   PORTS        FOLDER            SIZE
mud        dev       running           3h    4000, 4001   /src/m\x1b[31mud  1.23 MB
mud-1a2b   -         1 of 2 running    90s   -            -                 ?
old        -         down              -     -            -                 12 B
smoked     -         stopped (smoke)   3d    -            -                 0 B
`
	var out strings.Builder
	if err := writeEnvironments(&out, all, now, true); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Fields(want), strings.Fields(out.String())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
