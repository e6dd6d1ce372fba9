package engine

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestAFilterPassesWholeLinesOn(t *testing.T) {
	long := strings.Repeat("x", longestLine)
	tests := map[string]struct {
		writes []string
		want   string
	}{
		"a line in one write":            {[]string{"one\n"}, "one\n"},
		"two lines in one write":         {[]string{"one\ntwo\n"}, "one\ntwo\n"},
		"a line in three writes":         {[]string{"o", "n", "e\n"}, "one\n"},
		"a sequence in two writes":       {[]string{"\x1b[3", "1mred\n"}, "red\n"},
		"a character in two writes":      {[]string{"\xc3", "\xa9\n"}, "é\n"},
		"blank lines are left out":       {[]string{"one\n\n \t \n\x1b[K\ntwo  \n"}, "one\ntwo\n"},
		"a line without an end":          {[]string{"one\ntwo"}, "one\ntwo\n"},
		"nothing":                        {[]string{""}, ""},
		"a line that is too long":        {[]string{long, "y\n"}, long + "\ny\n"},
		"no byte of a long line is lost": {[]string{long + "tail\n"}, long + "tail\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			f := &filter{w: &b}
			for _, text := range tt.writes {
				if n, err := f.Write([]byte(text)); n != len(text) || err != nil {
					t.Errorf("wrote %d of %d: %v", n, len(text), err)
				}
			}
			f.flush()
			if b.String() != tt.want {
				t.Errorf("got %.80q, want %.80q", b.String(), tt.want)
			}
		})
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestAFilterTellsThatNobodyTakesItsLines(t *testing.T) {
	if _, err := (&filter{w: full{}}).Write([]byte("one\n")); err == nil {
		t.Error("no error")
	}
}

func TestWhatABuilderPrintsGoesToTheStory(t *testing.T) {
	var b strings.Builder
	e := &Engine{log: &filter{w: &b}, mode: Lines}
	stdout := os.Stdout
	release, err := e.redirectStdout(e.log)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Print("#1 [internal] load\n\x1b[31m#2 DONE")
	release()
	if os.Stdout != stdout {
		t.Error("stdout is not what it was")
	}
	if want := "#1 [internal] load\n#2 DONE\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}
