package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSmokeText(t *testing.T) {
	tests := map[string]struct {
		smoke Smoke
		want  string
	}{
		"a pass is a table and a line": {passing(), `
mud as prod
  ok          images of prod              850ms
  ok   game   is ready                    2s
  ok   game   a new player looks around   70ms

artifacts of prod: artifacts/prod
smoke: prod passed (3 cases, 4.2s)
`},
		"a failure is told below the table": {failed(), `
mud as prod
  ok               images of prod
  FAILED    game   check 5556 telnet           1m0s
  skipped   game   a new player looks around

prod: game: check 5556 telnet FAILED: silent: not one byte within 3s
  asked for by: /src/mud/compose.yaml:12
    last log lines:
    ** boot <failed> | ` + "`oops`" + `
    ::error::fake
  next: docker logs mud-game-1

smoke: prod FAILED (1 of 3 cases failed, 1m1s)
`},
		"a flake is no plain pass": {flaky(), `
mud as prod
  ok          images of prod              850ms
  ok   game   is ready                    2s
  ok   game   a new player looks around   70ms

FLAKY: passed at attempt 2 of 3; attempt 1: game: check 5556 telnet: silent: not one byte within 3s

artifacts of prod: artifacts/prod
smoke: prod FLAKY: passed at attempt 2 of 3 (3 cases, 1m5s)
`},
		"a run without an attempt has failed": {smokeOf(SmokeRun{Profile: "prod"}), `
mud as prod
  FAILED      smoke run

prod: smoke run FAILED: there was no attempt

smoke: prod FAILED (1 of 1 case failed, 0s)
`},
		"no run at all": {Smoke{}, `
smoke: FAILED: no profile was run
`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(strings.TrimPrefix(tt.want, "\n"), smokeText(t, tt.smoke)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDifferencesHaveAColumnForEachProfile(t *testing.T) {
	want := `
DIFFERENCE                            dev      prod
game: image size                      645 MB   28.5 MB
BREAKS game: case check 5556 telnet   passed   failed: silent

artifacts of dev: artifacts/prod
smoke: dev passed (3 cases, 4.2s)
smoke: prod FAILED (1 of 3 cases failed, 1m1s)
`
	text := smokeText(t, twoProfiles())
	_, table, _ := strings.Cut(text, "\n\nDIFFERENCE")
	if diff := cmp.Diff(strings.TrimPrefix(want, "\nDIFFERENCE"), table); diff != "" {
		t.Error(diff)
	}
}

func TestTheTablesAreAtMost100ColumnsWide(t *testing.T) {
	s := twoProfiles()
	long := strings.Repeat("long ", 50)
	for i := range s.Differences {
		s.Differences[i].What = long
		s.Differences[i].Values = map[string]string{"dev": long, "prod": long}
	}
	for i := range s.Runs[0].Attempts[0].Cases {
		s.Runs[0].Attempts[0].Cases[i].Service = long
		s.Runs[0].Attempts[0].Cases[i].Name = long
	}
	for line := range strings.Lines(smokeText(t, s)) {
		if len([]rune(line)) > 101 {
			t.Errorf("%d columns: %s", len([]rune(line)), line)
		}
	}
}

func TestForeignTextInASmokeRunIsSafeToPrint(t *testing.T) {
	if text := smokeText(t, nasty()); acts(text) {
		t.Errorf("%q", text)
	}
}

func smokeText(t *testing.T, s Smoke) string {
	t.Helper()
	var b strings.Builder
	if err := SmokeText(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
