package report

import (
	"strings"
	"testing"
)

func TestASweepIsToldGroupByGroup(t *testing.T) {
	s := Swept{
		Removed: []SweptGroup{{Project: "mud-smoke-1", Why: "its run ended without taking it down (pid 7)", Containers: []string{"a", "b"}, Volumes: []string{"v"}}},
		Failed:  []SweptGroup{{Project: "mud-smoke-2", Why: "its deadline passed 2h ago", Fault: "network mud_default is in use", Networks: []string{"n"}}},
		Kept:    []SweptGroup{{Why: "still running, \x1b[31mpid 77"}},
	}
	var text strings.Builder
	if err := SweptText(&text, s); err != nil {
		t.Fatal(err)
	}
	want := `removed mud-smoke-1: its run ended without taking it down (pid 7)
  containers: a, b
  volumes: v
could not remove mud-smoke-2: its deadline passed 2h ago
  fault: network mud_default is in use
  networks: n
kept what belongs to no project: still running, `
	if !strings.HasPrefix(text.String(), want) || strings.Contains(text.String(), "\x1b") {
		t.Errorf("got\n%s\nwant\n%s", &text, want)
	}
	if err := s.Err(); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("the error is %v", err)
	}
}

func TestASweepThatFoundNothingSaysSo(t *testing.T) {
	var text strings.Builder
	if err := SweptText(&text, Swept{}); err != nil || text.String() != "no smoke run has left anything\n" {
		t.Errorf("%q, %v", &text, err)
	}
}
