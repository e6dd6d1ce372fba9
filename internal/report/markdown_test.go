package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMarkdown(t *testing.T) {
	tests := map[string]struct {
		smoke Smoke
		want  string
	}{
		"a pass": {passing(), `## smoke: mud passed (5s)

### prod: passed (3 cases, 4.2s)

| | service | case | time |
|---|---|---|---:|
| ok |  | images of prod | 850ms |
| ok | game | is ready | 2s |
| ok | game | a new player looks around | 70ms |

artifacts: artifacts/prod

`},
		"two profiles and their differences": {twoProfiles(), `## smoke: mud FAILED (5s)

### dev: passed (3 cases, 4.2s)

| | service | case | time |
|---|---|---|---:|
| ok |  | images of prod | 850ms |
| ok | game | is ready | 2s |
| ok | game | a new player looks around | 70ms |

artifacts: artifacts/prod

### prod: FAILED (1 of 3 cases failed, 1m1s)

| | service | case | time |
|---|---|---|---:|
| ok |  | images of prod |  |
| **FAILED** | game | check 5556 telnet | 1m0s |
| skipped | game | a new player looks around |  |

<details><summary>game: check 5556 telnet: silent: not one byte within 3s</summary>

asked for by: /src/mud/compose.yaml:12

~~~text
last log lines:
** boot <failed> | ^oops^
::error::fake
~~~

next: docker logs mud-game-1

</details>

### differences

| | difference | dev | prod |
|---|---|---|---|
|  | game: image size | 645 MB | 28.5 MB |
| **BREAKS** | game: case check 5556 telnet | passed | failed: silent |

`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			want := strings.NewReplacer("~~~", "```", "^", "`").Replace(tt.want)
			if diff := cmp.Diff(want, markdown(t, tt.smoke)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAFlakeIsNoPlainPassInMarkdown(t *testing.T) {
	text := markdown(t, flaky())
	for _, want := range []string{
		"## smoke: mud FLAKY (5s)\n",
		"### prod: FLAKY: passed at attempt 2 of 3 (3 cases, 1m5s)\n",
		"\nFLAKY: passed at attempt 2 of 3; attempt 1: game: check 5556 telnet: silent: not one byte within 3s\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
}

func TestForeignTextIsNoMarkup(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"a pipe ends no cell":  {"a|b", `a\|b`},
		"a backtick":           {"a`b", "a\\`b"},
		"angle brackets":       {"<b>&amp;", "&lt;b&gt;&amp;amp;"},
		"lines become one":     {"a\r\nb\n\nc", "a b c"},
		"emphasis and links":   {"*a* _b_ [c](d) ~e~", `\*a\* \_b\_ \[c\](d) \~e\~`},
		"a backslash":          {`a\|b`, `a\\\|b`},
		"an image and a maths": {"![a](b) $x$", `\!\[a\](b) \$x\$`},
		"what acts is spelt":   {"\x1b[0m\u202e", `\\x1b\[0m\\u202e`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := inline(tt.text); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAFenceIsLongerThanAnyInTheText(t *testing.T) {
	for text, fence := range map[string]string{"plain": "```", "a ` b": "```", "```\nx": "````", "a ````` b ``": "``````"} {
		if got, want := fenced(text), fence+"text\n"+text+"\n"+fence+"\n\n"; got != want {
			t.Errorf("got %q", got)
		}
	}
}

func TestNastyTextLeavesTheTablesWhole(t *testing.T) {
	text := markdown(t, nasty())
	if acts(text) {
		t.Errorf("%q", text)
	}
	for line := range strings.Lines(text) {
		bars := strings.Count(line, "|") - strings.Count(line, `\|`)
		if strings.HasPrefix(line, "| ") && bars != 5 {
			t.Errorf("%d bars: %s", bars, line)
		}
	}
}

func TestASummaryIsAtMostAMebibyteLong(t *testing.T) {
	failure := func(i, length int) Case {
		return Case{Service: "game", Name: fmt.Sprint("case ", i), Result: Broken, Reason: strings.Repeat("ä", 500), Detail: strings.Repeat("x", length) + " the end\n"}
	}
	tests := map[string]struct {
		failures, length int
		says             []string
	}{
		"a long detail keeps its end": {1, 2 << 20, []string{"bytes are left out here)\nx", "x the end\n```"}},
		"many long details":           {40, 100_000, []string{"bytes are left out here)\nx", "case 39", "x the end\n```"}},
		"too many cases":              {5000, 1000, []string{"parts are left out: a summary has at most 1 MiB"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var a Attempt
			for i := range tt.failures {
				a.Cases = append(a.Cases, failure(i, tt.length))
			}
			text := markdown(t, smokeOf(SmokeRun{Profile: "prod", Attempts: []Attempt{a}}))
			if len(text) > 1<<20 {
				t.Errorf("%d bytes", len(text))
			}
			for _, want := range tt.says {
				if !strings.Contains(text, want) {
					t.Errorf("it does not say %q", want)
				}
			}
			if open, closed := strings.Count(text, "<details>"), strings.Count(text, "</details>"); open != closed {
				t.Errorf("%d folds are opened, %d closed", open, closed)
			}
		})
	}
}

func markdown(t *testing.T, s Smoke) string {
	t.Helper()
	var b strings.Builder
	if err := Markdown(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
