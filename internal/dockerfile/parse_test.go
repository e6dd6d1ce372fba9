package dockerfile

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func parse(t testing.TB, text string) *File {
	t.Helper()
	f, err := Parse("Dockerfile", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestParseFindsStages(t *testing.T) {
	type stage struct {
		Name, Base string
		Line       int
	}
	tests := map[string]struct {
		text string
		want []stage
	}{
		"with and without a name": {
			"# a comment\nFROM elixir:1.14-slim as builder\n\nRUN true\nFROM scratch\n",
			[]stage{{"builder", "elixir:1.14-slim", 2}, {"", "scratch", 5}},
		},
		"names are lower-cased": {
			"FROM a AS Builder\n", []stage{{"builder", "a", 1}},
		},
		"arguments and a platform": {
			"ARG V=1\nFROM --platform=$BUILDPLATFORM a:${V} AS b\n", []stage{{"b", "a:${V}", 2}},
		},
		"a syntax directive": {
			"# syntax=docker/dockerfile:1.4\nFROM a AS b\n", []stage{{"b", "a", 2}},
		},
		"another escape character": {
			"# escape=`\nFROM a AS b\nRUN one `\n  two \\\nFROM c\n", []stage{{"b", "a", 2}, {"", "c", 5}},
		},
		"a heredoc with a FROM in it": {
			"FROM a AS b\nRUN <<EOF\nFROM x\nEOF\nCOPY <<one <<two /\n1\none\n2\ntwo\nFROM c\n", []stage{{"b", "a", 1}, {"", "c", 10}},
		},
		"Windows line ends and a byte order mark": {
			"\xef\xbb\xbfFROM a AS b\r\nRUN one\\\r\n two\r\nFROM c\r\n", []stage{{"b", "a", 1}, {"", "c", 4}},
		},
		"copy with flags of newer syntax": {
			"FROM a\nCOPY --link --chown=1:1 --chmod=755 --exclude=*.md src/ /\n", []stage{{"", "a", 1}},
		},
		"a flag of a syntax that this parser does not know": {
			"# syntax=docker/dockerfile:9-labs\nFROM a AS b\nCOPY --new-flag=1 src /\nFROM c\n", []stage{{"b", "a", 2}, {"", "c", 4}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []stage
			for _, s := range parse(t, test.text).Stages {
				got = append(got, stage{s.Name, s.Base, s.Line})
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseTellsFaults(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"nothing":                        {"", "game/Dockerfile: file with no instructions"},
		"only comments":                  {"# one\n# two\n", "game/Dockerfile:2: file with no instructions"},
		"only arguments":                 {"ARG A=1\n", "game/Dockerfile: no FROM, so there is nothing to build"},
		"an instruction before FROM":     {"\nRUN true\nFROM a\n", "game/Dockerfile:2: RUN stands before the first FROM"},
		"an unknown instruction":         {"FROM a\n\nFORM b\n", "game/Dockerfile:3: unknown instruction: FORM (did you mean FROM?)"},
		"an unknown flag":                {"FROM a\nCOPY --form=b . .\n", "game/Dockerfile:2: unknown flag: --form (did you mean from?)"},
		"FROM without an image":          {"FROM\n", "game/Dockerfile:1: FROM requires either one or three arguments"},
		"a typing error under a syntax":  {"# syntax=x\nFROM a\nFORM b\n", "game/Dockerfile:3: unknown instruction: FORM (did you mean FROM?)"},
		"a name that is none":            {"FROM a AS 1b\n", `game/Dockerfile:1: invalid name for build stage: "1b", name can't start with a number or contain symbols`},
		"a heredoc that has no end":      {"FROM a\nRUN <<EOF\ntrue\n", "game/Dockerfile:2: unterminated heredoc"},
		"a fault after a continued line": {"FROM a\nRUN one \\\n  two\nCOPY x\n", "game/Dockerfile:4: COPY requires at least two arguments, but only one was provided. Destination could not be determined"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("game/Dockerfile", []byte(test.text))
			var fault *ParseError
			if !errors.As(err, &fault) {
				t.Fatalf("error %v", err)
			}
			if err.Error() != test.want {
				t.Errorf("got  %s\nwant %s", err, test.want)
			}
		})
	}
}

func TestReadOfNoFile(t *testing.T) {
	_, err := Read(filepath.Join(t.TempDir(), "Dockerfile"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

func TestHas(t *testing.T) {
	f := parse(t, "FROM a AS one\nFROM b AS Two\nFROM c AS one\nFROM d\n")
	for target, want := range map[string]int{
		"one": 2, "ONE": 2, "two": 1, "Two": 1, "": 3, "three": -1, "0": -1, "3": -1, "-1": -1, "a": -1,
	} {
		if got := f.Index(target); got != want || f.Has(target) != (want >= 0) {
			t.Errorf("stage %q is %d, want %d", target, got, want)
		}
	}
	if got := f.Names(); !slices.Equal(got, []string{"one", "two", "one"}) {
		t.Errorf("names %v", got)
	}
	if f.Last().Base != "d" {
		t.Errorf("the last is %v", f.Last())
	}
}

func TestRunsByItself(t *testing.T) {
	f := parse(t, `ARG BASE=with
FROM a AS with
CMD run
FROM with AS heir
RUN true
FROM $BASE AS byarg
FROM a AS without
RUN true
FROM without AS poor
FROM a AS entry
ENTRYPOINT ["run"]
`)
	for target, want := range map[string]bool{
		"with": true, "heir": true, "byarg": true, "without": false, "poor": false, "entry": true, "": true, "nope": false,
	} {
		if f.RunsByItself(target) != want {
			t.Errorf("%q runs by itself: %v, want %v", target, !want, want)
		}
	}
}

// Any bytes are a Dockerfile or a fault, and each named stage is found.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"", "# only\n", "ARG A\n", "FROM a\n", "FROM a AS b\nFROM b AS c\nCOPY --from=b /x /y\n", "FROM ${A:-b} AS c",
		"# escape=`\nFROM a`\n AS b\n", "# syntax=x\nFROM a\nRUN <<EOF\nEOF\n", "FROM a\nRUN --mount=type=bind,from=0,source=x true\n",
		"FROM a\nONBUILD COPY . .\n", "FROM a\nADD https://x/y git@z:q.git $A /\n", "ARG A=$A\nFROM $A AS a\nFROM $A\n", "# syntax=x\nFROM a\nCOPY --new <<E /\nE\n", "FROM a AS a\nFROM A\nCOPY --from=99 a b",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := Parse("Dockerfile", text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "Dockerfile:") {
				t.Errorf("a fault without a place: %v", err)
			}
			return
		}
		for _, name := range append(file.Names(), "") {
			if !file.Has(name) {
				t.Errorf("stage %q is listed and not found", name)
			}
			file.RunsByItself(name)
			file.Inputs(name, nil)
		}
	})
}
