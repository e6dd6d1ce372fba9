package engine

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"devenv/compose"

	"github.com/docker/docker/pkg/stdcopy"
	"github.com/google/go-cmp/cmp"
)

// A piece is what an engine sends at once.
type piece struct {
	stream stdcopy.StdType
	text   string
}

const (
	first  = "2026-05-01T12:00:00.000000001Z"
	second = "2026-05-01T12:00:00.000000002Z"
)

func TestLogLinesFromFrames(t *testing.T) {
	tests := map[string]struct {
		pieces []piece
		want   []compose.LogLine
	}{
		"a line of each stream": {
			[]piece{{stdcopy.Stdout, first + " hello\n"}, {stdcopy.Stderr, second + " oops\n"}},
			[]compose.LogLine{line(compose.Stdout, first, "hello"), line(compose.Stderr, second, "oops")},
		},
		"a long line in pieces has one time": {
			[]piece{{stdcopy.Stdout, first + " a long "}, {stdcopy.Stderr, first + " between\n"}, {stdcopy.Stdout, first + " line\n"}},
			[]compose.LogLine{line(compose.Stderr, first, "between"), line(compose.Stdout, first, "a long line")},
		},
		"a last line without an end": {
			[]piece{{stdcopy.Stdout, first + " By what name? "}},
			[]compose.LogLine{line(compose.Stdout, first, "By what name? ")},
		},
		"escape sequences are taken out": {
			[]piece{{stdcopy.Stdout, first + " \x1b[31mred\x1b[0m\x1b]0;title\x07 \u009b5n\r\n"}},
			[]compose.LogLine{line(compose.Stdout, first, "red ")},
		},
		"a line that never ends is told as several": {
			[]piece{{stdcopy.Stdout, first + " " + strings.Repeat("x", longestLine)}, {stdcopy.Stdout, first + " y\n"}},
			[]compose.LogLine{line(compose.Stdout, first, strings.Repeat("x", longestLine)), line(compose.Stdout, first, "y")},
		},
		"an empty line": {
			[]piece{{stdcopy.Stdout, first + " \n"}},
			[]compose.LogLine{line(compose.Stdout, first, "")},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []compose.LogLine
			lines := &logLines{each: func(l compose.LogLine) error { got = append(got, l); return nil }}
			if err := lines.fromFrames(framed(t, tt.pieces)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func framed(t *testing.T, pieces []piece) io.Reader {
	t.Helper()
	var b bytes.Buffer
	for _, p := range pieces {
		if _, err := io.WriteString(stdcopy.NewStdWriter(&b, p.stream), p.text); err != nil {
			t.Fatal(err)
		}
	}
	return &b
}

func line(stream compose.Stream, at, text string) compose.LogLine {
	when, _ := time.Parse(time.RFC3339Nano, at)
	return compose.LogLine{Stream: stream, Time: when, Text: text}
}

func TestLogLinesOfATerminal(t *testing.T) {
	var got []compose.LogLine
	lines := &logLines{each: func(l compose.LogLine) error { got = append(got, l); return nil }}
	if err := lines.fromTerminal(strings.NewReader(first + " \x1b[2Jhello\r\n" + second + " prompt> ")); err != nil {
		t.Fatal(err)
	}
	want := []compose.LogLine{line(compose.Stdout, first, "hello"), line(compose.Stdout, second, "prompt> ")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLogLinesStopWhereNobodyWantsMore(t *testing.T) {
	enough := errors.New("enough")
	lines := &logLines{each: func(compose.LogLine) error { return enough }}
	err := lines.fromFrames(framed(t, []piece{{stdcopy.Stdout, first + " one\n"}, {stdcopy.Stdout, first + " two\n"}}))
	if !errors.Is(err, enough) {
		t.Errorf("error is %v, want %v", err, enough)
	}
}

func TestLogLinesRefuseAPieceThatCannotBe(t *testing.T) {
	lines := &logLines{each: func(compose.LogLine) error { return nil }}
	err := lines.fromFrames(strings.NewReader("\x01\x00\x00\x00\xff\xff\xff\xff"))
	if err == nil || !strings.Contains(err.Error(), "a piece of") {
		t.Errorf("error is %v", err)
	}
}
