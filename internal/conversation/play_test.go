package conversation

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"devenv/internal/telnet"

	"github.com/google/go-cmp/cmp"
)

const login = `
- expect: "name"
- send: "Ann"
- expect: "Password"
- send: "${PASSWORD}"
- expect: { text: "Welcome, Ann", within: 5s }
- prompt
- mssp: { NAME: "^ExMud$", PORT: "^5555$" }
- send: quit
- close
`

// loginServer asks for a password as games do: the ECHO that hides it comes
// after the words.
var loginServer = []act{
	says(willMSSP + "\x1b[1mBy what n\x1b[0mame?\r\n"), wants("Ann"),
	says("Password: " + willEcho), wants("s3cret"),
	says(wontEcho + "\r\nWelcome, Ann. Caf\xc3\xa9\r\n> " + goAhead + mssp), wants("quit"),
	says("Bye.\r\n"), quits,
}

func TestAConversationHoldsInEverySplit(t *testing.T) {
	c := steps(t, login)
	p := Player{Vars: map[string]string{"PASSWORD": "s3cret"}}
	for i, cut := range splits(loginServer) {
		r, err := playScript(t, p, c, loginServer, cut)
		if !r.OK() || err != nil || r.Held != 9 || r.Steps != 9 {
			t.Fatalf("split %d: %v, %v\n%s", i, r.Err(), err, r.Transcript)
		}
		if got := r.Status.Name(); got != "ExMud" {
			t.Errorf("split %d: MSSP says %q", i, got)
		}
		if strings.Contains(r.Transcript.String(), "s3cret") {
			t.Errorf("split %d tells the password:\n%s", i, r.Transcript)
		}
		if want := "Bye.\n"; !strings.HasSuffix(r.LastWords, want) || !strings.Contains(r.LastWords, "Café") {
			t.Errorf("split %d: last words %q", i, r.LastWords)
		}
	}
}

func TestTheTranscriptTellsWhoSaidWhat(t *testing.T) {
	r, _ := playScript(t, Player{Vars: map[string]string{"PASSWORD": "s3cret"}}, steps(t, login), loginServer, whole)
	got := regexp.MustCompile(`(?m)^ *[0-9.]+s `).ReplaceAllString(r.Transcript.String(), "")
	want := `< By what name?
> Ann
< Password: 
> [hidden]
< 
< Welcome, Ann. Café
< > 
> quit
< Bye.
# the server hung up
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatDoesNotHoldIsSaid(t *testing.T) {
	tests := map[string]struct {
		steps  string
		server []act
		want   string
	}{
		"other words": {"- expect: {text: Welcome, within: 5s}", []act{says("That name is\r\ntaken.\r\n")},
			`t.yaml:3: expected "Welcome" within 5s; the server said "That name is\ntaken."`},
		"silence": {"- expect: Welcome", nil,
			`t.yaml:3: expected "Welcome" within 10s; the server said nothing`},
		"silence after a match": {"- expect: name\n- expect: Welcome", []act{says("Your name")},
			`t.yaml:4: expected "Welcome" within 10s; the server said nothing after "Your name"`},
		"what was matched is gone": {"- expect: name\n- expect: name", []act{says("name, sir")},
			`t.yaml:4: expected "name" within 10s; the server said ", sir"`},
		"a server that hangs up": {"- expect: Welcome", []act{says("Full."), quits},
			`t.yaml:3: expected "Welcome", but the server hung up; the server said "Full."`},
		"one that hangs up before a send": {"- expect: Full\n- send: Ann", []act{says("Full."), quits},
			`t.yaml:4: expected to send "Ann", but the server hung up; the server said "."`},
		"and one that does not": {"- close: {within: 3s}", []act{says("Stay!")},
			`t.yaml:3: expected the server to hang up within 3s; the server said "Stay!"`},
		"no prompt": {"- prompt", []act{says("Loading...\r\n \x1b[0m")},
			`t.yaml:3: expected a prompt within 10s; the server said "Loading..."`},
		"a prompt that came before the send": {"- expect: '>'\n- send: look\n- prompt", []act{says("> " + goAhead), wants("look")},
			`t.yaml:5: expected a prompt within 10s; the server said nothing after ">"`},
		"no MSSP": {"- mssp", []act{says("Hello")},
			`t.yaml:3: expected MSSP within 10s; the server did not announce it`},
		"MSSP announced, and not sent": {"- mssp: {within: 1s}", []act{says(willMSSP)},
			`t.yaml:3: expected MSSP within 1s; the server announced it, and did not send it`},
		"a variable that is missing": {"- mssp: {UPTIME: ''}", []act{says(willMSSP + mssp)},
			`t.yaml:3: expected MSSP's UPTIME to match ""; the server does not tell it`},
		"a variable that is other": {"- mssp: {PLAYERS: '^0$'}", []act{says(willMSSP + mssp)},
			`t.yaml:3: expected MSSP's PLAYERS to match "^0$"; the server says "3"`},
		"more than anyone reads": {"- expect: Welcome", []act{says(strings.Repeat("all work and no play\r\n", 200_000))},
			`t.yaml:3: expected "Welcome" in the first 4 MiB; the server said "…`},
		"a variable without a value": {"- expect: name\n- send: '${NAME}'", nil,
			`t.yaml:4: send: ${NAME} has no value; nothing was said`},
		"a value of two lines": {"- send: '${LINES}'", nil,
			`t.yaml:3: send: the value of ${LINES} is more than one line; nothing was said`},
		"a terminal's commands": {"- expect: Welcome", []act{says("a\x08\x9b\xe2\x80\xae")},
			`t.yaml:3: expected "Welcome" within 10s; the server said "a\x08\x9b\u202e"`},
	}
	p := Player{Vars: map[string]string{"LINES": "a\nb"}}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := playScript(t, p, steps(t, tt.steps), tt.server, whole)
			if r.OK() || err != nil || !strings.HasPrefix(r.Err().Error(), tt.want) {
				t.Errorf("got  %v, %v\nwant %s", r.Err(), err, tt.want)
			}
			if len(r.Err().Error()) > 600 {
				t.Errorf("%d bytes of error", len(r.Err().Error()))
			}
		})
	}
}

func TestAPromptIsAMarkOrAPause(t *testing.T) {
	tests := map[string]struct {
		steps  string
		server []act
		took   time.Duration // without settling
	}{
		"go ahead":                           {"- prompt", []act{says("name? " + goAhead)}, 0},
		"end of record":                      {"- prompt", []act{says("name? " + endOfRec)}, 0},
		"a mark after Latin-1":               {"- prompt", []act{says("caf\xe9" + goAhead)}, 0},
		"a pause amid a line":                {"- prompt", []act{says("Hello\r\nname? ")}, pause},
		"a pause, though there were others":  {"- prompt", []act{says("one "), waits(pause / 2), says("two "), waits(pause / 2), says("three")}, 2 * pause},
		"a mark after what was matched":      {"- expect: name\n- prompt", []act{says("name?" + goAhead)}, 0},
		"a mark right after it":              {"- expect: name\n- prompt", []act{says("name"), waits(pause / 2), says(goAhead)}, pause / 2},
		"a mark before it is none":           {"- expect: name\n- prompt", []act{says("Hi" + goAhead + "name")}, pause},
		"a line of which a part was matched": {"- expect: name\n- prompt", []act{says("name ")}, pause},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := playScript(t, Player{}, steps(t, tt.steps), tt.server, single)
			if !r.OK() || err != nil || r.Took != tt.took {
				t.Errorf("%v, %v, took %v", r.Err(), err, r.Took)
			}
		})
	}
}

func TestAPromptReadsWhatCameBeforeIt(t *testing.T) {
	c := steps(t, "- prompt\n- send: a\n- expect: name\n")
	r, err := playScript(t, Player{}, c, []act{says("name? " + goAhead), wants("a"), says("What?\r\n")}, whole)
	if r.OK() || err != nil || r.Failure.Step != 3 {
		t.Errorf("%v, %v", r.Err(), err)
	}
}

func TestMSSPIsAskedForOnlyWhereItIsWanted(t *testing.T) {
	r, _ := playScript(t, Player{}, steps(t, "- expect: Hello"), []act{says(willMSSP + "Hello")}, whole)
	if !r.OK() || r.Status != nil {
		t.Errorf("%v, %v", r.Err(), r.Status)
	}
	r, _ = playScript(t, Player{}, steps(t, "- mssp\n- close"), []act{says(willMSSP + mssp), quits}, whole)
	if !r.OK() || r.Status == nil {
		t.Errorf("a server that hangs up after MSSP: %v", r.Err())
	}
}

func TestEverythingEndsWithItsTime(t *testing.T) {
	slow := []act{says("a"), waits(4 * time.Second), says("b"), waits(time.Hour)}
	c := steps(t, "- expect: a\n- expect: b\n- expect: c")

	r, _ := playWithin(t, 6*time.Second, Player{}, c, slow, whole)
	want := `t.yaml:5: expected "c", but was interrupted: context deadline exceeded; the server said nothing after "ab"`
	if r.Took != 6*time.Second || !errors.Is(r.Err(), context.DeadlineExceeded) || r.Err().Error() != want {
		t.Errorf("%v, took %v", r.Err(), r.Took)
	}

	c.Within = 3 * time.Second
	r, _ = playScript(t, Player{}, c, slow, whole)
	want = `t.yaml:4: expected "b" within 3s of the whole conversation; the server said nothing after "a"`
	if r.Took != 3*time.Second || errors.Is(r.Err(), context.DeadlineExceeded) || r.Err().Error() != want {
		t.Errorf("%v, took %v", r.Err(), r.Took)
	}
}

func TestAResultAsJSON(t *testing.T) {
	r, _ := playScript(t, Player{}, steps(t, "- send: a\n- expect: {text: b, within: 1s}"), []act{wants("a"), says("c")}, whole)
	got, err := json.Marshal(r)
	want := `{"ok":false,"name":"test","where":"t.yaml:1","held":1,"steps":2,` +
		`"failure":{"step":2,"where":"t.yaml:4","wanted":"expected \"b\" within 1s","said":"the server said \"c\""},` +
		`"last_words":"c","took_ns":1010000000,"transcript":[{"at_ns":0,"from":"client","text":"a"},` +
		`{"at_ns":0,"from":"server","text":"c"},{"at_ns":1000000000,"from":"note","text":` +
		`"t.yaml:4: expected \"b\" within 1s; the server said \"c\""}]}`
	if diff := cmp.Diff(want, string(got)); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestEveryByteOfALineIsSent(t *testing.T) {
	vars := map[string]string{"BYTES": "\xff\xf0 \xe9", "RANDOM_NAME": "Ann"}
	c := steps(t, `- send: "5$$ für ${RANDOM_NAME} ${BYTES}"`)
	r, err := playScript(t, Player{Vars: vars}, c, []act{wants("5$ für Ann \xff\xf0 \xe9")}, whole)
	if !r.OK() || err != nil {
		t.Errorf("%v, %v", r.Err(), err)
	}
	if got := string(wire("\xff")); got != string([]byte{byte(telnet.IAC), byte(telnet.IAC), '\r', '\n'}) {
		t.Errorf("%q", got)
	}
}

func TestAConversationMadeByHand(t *testing.T) {
	tests := map[string]struct {
		step       Step
		want, hint string
	}{
		"no verb":         {Step{}, `step 1: "" is no step; the server said nothing`, ""},
		"a bad pattern":   {Step{Verb: Expect, Text: "("}, "step 1: expected \"(\": error parsing regexp: missing closing ): `(`; the server said nothing", ""},
		"a bad variable":  {Step{Verb: Expect, Text: "${"}, `step 1: expected "${": "${" that begins no variable; the server said nothing`, ""},
		"a lone dollar":   {Step{Verb: Send, Text: "$"}, `step 1: expected a line to send: a dollar that begins no variable; the server said nothing`, ""},
		"a bad status":    {Step{Verb: MSSP, Status: map[string]string{"NAME": "("}}, "step 1: expected MSSP's NAME to match \"(\": error parsing regexp: missing closing ): `(`; the server said nothing", ""},
		"a variable lost": {Step{Verb: Send, Text: "${PASSWORD}"}, "step 1: send: ${PASSWORD} has no value; nothing was said", "set DEVENV_PASSWORD; only RANDOM_NAME is made up"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := playScript(t, Player{}, Conversation{Steps: []Step{tt.step}}, []act{says(willMSSP + mssp)}, whole)
			if r.OK() || err != nil || r.Err().Error() != tt.want || r.Failure.Hint() != tt.hint {
				t.Errorf("got  %v, %v\nwant %s", r.Err(), err, tt.want)
			}
		})
	}
}
