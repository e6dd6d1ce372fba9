package main

import (
	"bytes"
	"flag"
	"strings"
	"testing"
	"time"

	"devenv/compose"

	"github.com/urfave/cli/v2"
)

func TestTimesOfLogs(t *testing.T) {
	here := func(y int, m time.Month, d, hh, mm, ss int) time.Time {
		return time.Date(y, m, d, hh, mm, ss, 0, time.Local)
	}
	tests := map[string]struct {
		value   string
		want    time.Time
		wantErr string
	}{
		"none":                       {"", time.Time{}, ""},
		"a day is of here":           {"2026-05-01", here(2026, 5, 1, 0, 0, 0), ""},
		"a minute":                   {"2026-05-01T12:30", here(2026, 5, 1, 12, 30, 0), ""},
		"a time with a zone":         {"2026-05-01T12:30:05Z", time.Date(2026, 5, 1, 12, 30, 5, 0, time.UTC), ""},
		"what ps or logs -t show":    {"2026-05-01T12:30:05.000000007Z", time.Date(2026, 5, 1, 12, 30, 5, 7, time.UTC), ""},
		"seconds since 1970":         {"1777638605", time.Unix(1777638605, 0), ""},
		"a word that is not a time":  {"yesterday", time.Time{}, `--since "yesterday": want how long ago`},
		"a day that does not exist":  {"2026-13-01", time.Time{}, `--since "2026-13-01"`},
		"a number without its unit,": {"10x", time.Time{}, `--since "10x"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := parseTime(since(t, tt.value), "since")
			if !got.Equal(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if (err == nil) != (tt.wantErr == "") || err != nil && !strings.Contains(err.Error(), tt.wantErr) {
				t.Errorf("error is %v, want %q", err, tt.wantErr)
			}
		})
	}
}

func TestATimeAgoIsBeforeNow(t *testing.T) {
	got, err := parseTime(since(t, "10m"), "since")
	if ago := time.Since(got); err != nil || ago < 10*time.Minute || ago > 11*time.Minute {
		t.Errorf("10m is %v ago, error %v", ago, err)
	}
}

// since is a command line with this --since.
func since(t *testing.T, value string) *cli.Context {
	t.Helper()
	set := flag.NewFlagSet("logs", flag.ContinueOnError)
	set.String("since", "", "")
	if err := set.Set("since", value); err != nil {
		t.Fatal(err)
	}
	return cli.NewContext(nil, set, nil)
}

func TestALineInJSONIsOneLine(t *testing.T) {
	var out bytes.Buffer
	line := compose.LogLine{Service: "game", Container: "mud-game-1", Stream: compose.Stderr, Time: time.Date(2026, 5, 1, 12, 0, 0, 1, time.UTC), Text: `<say "hi">`}
	if err := jsonLines(&out)(line); err != nil {
		t.Fatal(err)
	}
	want := `{"service":"game","container":"mud-game-1","time":"2026-05-01T12:00:00.000000001Z","stream":"stderr","line":"<say \"hi\">"}` + "\n"
	if out.String() != want {
		t.Errorf("got %s, want %s", out.String(), want)
	}
}
