package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/google/go-cmp/cmp"
)

func TestAHealthLogHasEveryExamination(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600))
	got := healthLog(&container.Health{Log: []*container.HealthcheckResult{
		{Start: at, End: at.Add(1500 * time.Millisecond), ExitCode: 1, Output: "\x1b[31mno\nplayers\x1b[0m\n"},
		{Start: at.Add(time.Minute), End: at.Add(time.Minute)},
	}})
	want := "2026-03-01T11:00:00Z exit code 1 after 1.5s\n  no\n  players\n2026-03-01T11:01:00Z exit code 0 after 0s\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := healthLog(nil); got != "" {
		t.Errorf("without a healthcheck: %q", got)
	}
}

func TestALogIsWholeLines(t *testing.T) {
	const at = "2026-03-01T11:00:00.000000000Z "
	tests := map[string]struct {
		pieces []string
		want   string
	}{
		"nothing":                      {nil, ""},
		"a line a piece":               {[]string{at + "one\n", at + "two\n"}, at + "one\n" + at + "two\n"},
		"without an end":               {[]string{at + "> "}, strings.TrimSpace(at) + " >\n"},
		"one line in several pieces":   {[]string{at + "one ", at + "and ", at + "the same\n"}, at + "one and the same\n"},
		"several lines in one piece":   {[]string{at + "one\r\n" + at + "two\r\n"}, at + "one\n" + at + "two\n"},
		"a word that is no time":       {[]string{at + "one ", "and two\n"}, at + "one and two\n"},
		"what a terminal would act on": {[]string{at + "\x1b]0;title\x07\x1b[31mred\x9b\n"}, at + "red\uFFFD\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			page := &page{limit: longestLog}
			p := &printer{page: page}
			for _, piece := range tt.pieces {
				if n, err := p.Write([]byte(piece)); n != len(piece) || err != nil {
					t.Fatal(n, err)
				}
			}
			p.flush()
			if diff := cmp.Diff(tt.want, page.text()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAVeryLongLogKeepsItsEndAndSaysSo(t *testing.T) {
	page := &page{limit: 100}
	for i := range 1000 {
		page.add(fmt.Appendf(nil, "line %d", i))
	}
	lines := strings.Split(strings.TrimSuffix(page.text(), "\n"), "\n")
	if want := "(the beginning is left out: this is the last of more than 100 bytes)"; lines[0] != want {
		t.Errorf("begins with %q", lines[0])
	}
	if n := len(lines); n != 12 || lines[1] != "line 989" || lines[n-1] != "line 999" {
		t.Errorf("%d lines: %q", n, lines)
	}
}
