package probe

import (
	"encoding/json"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"devenv/internal/telnet"

	"github.com/google/go-cmp/cmp"
)

// The steps of a script; see readScript.
func server(text string) step         { return step{verb: "server", text: text} }
func client(text string) step         { return step{verb: "client", text: text} }
func wait(d time.Duration) step       { return step{verb: "wait", time: d} }
func hangsUp() step                   { return step{verb: "hangup"} }
func pattern(s string) *regexp.Regexp { return regexp.MustCompile(s) }

func TestWhatIsSaidWhereItIsAskedFor(t *testing.T) {
	login := []step{
		server("Midgaard\r\nName? "), client("Ann\r\n"), server("Password: \xff\xfb\x01"), client("secret\r\n"),
		wait(100 * time.Millisecond), server("Welcome back, Ann.\r\n> "),
	}
	tests := map[string]struct {
		steps    []step
		q        Question
		want     string // the verdict
		greeting string
		reply    string
		took     time.Duration
	}{
		"a line is sent when the greeting has come to rest": {
			steps: []step{server("Mid"), wait(20 * time.Millisecond), server("gaard\r\n"), client("look\r\n"), server("A temple.\r\n")},
			q:     Question{Send: []string{"look"}}, want: "ready", greeting: "Midgaard", reply: "A temple.", took: 80 * time.Millisecond,
		},
		"lines are sent one after another": {
			steps: login, q: Question{Send: []string{"Ann", "secret"}, Expect: pattern("Welcome back")},
			want: "ready", greeting: "Midgaard\nName?", reply: "Welcome back, Ann.\n>", took: 160 * time.Millisecond,
		},
		"the pattern is for what comes after the last": {
			steps: login, q: Question{Send: []string{"Ann", "secret"}, Expect: pattern("Midgaard|Password")},
			want:     `talks, but no match: nothing matched "Midgaard|Password" after line 2 of 2 within 3s; the last line was "> "`,
			greeting: "Midgaard\nName?", reply: "Welcome back, Ann.\n>", took: 3 * time.Second,
		},
		"a line that nothing follows": {
			steps: []step{server("Name? ")}, q: Question{Send: []string{"Ann"}},
			want: "talks, but no match: no text after line 1 of 1 within 3s", greeting: "Name?", took: 3 * time.Second,
		},
		"a line after which the server hangs up": {
			steps: []step{server("Name? "), client("Ann"), hangsUp()}, q: Question{Send: []string{"Ann", "secret"}},
			want: "talks, but no match: no text after line 1 of 2 before the server hung up", greeting: "Name?", took: 30 * time.Millisecond,
		},
		"a server that hangs up before the first": {
			steps: []step{server("Server full."), wait(time.Millisecond), hangsUp()}, q: Question{Send: []string{"Ann"}},
			want:     "talks, but no match: line 1 of 1 was not sent: the server did not come to rest before the server hung up",
			greeting: "Server full.", took: time.Millisecond,
		},
		"a silent server is sent nothing": {q: Question{Send: []string{"Ann"}}, want: "silent: not one byte within 3s; ports for TLS and HTTP wait to be spoken to", took: 3 * time.Second},
		"a byte that telnet would take for its own": {
			steps: []step{server("Name? "), client("Zo\xff\xff\r\n"), server("Welcome")}, q: Question{Send: []string{"Zo\xff"}},
			want: "ready", greeting: "Name?", reply: "Welcome", took: 60 * time.Millisecond,
		},
		"a nudge wakes a server that waits": {
			steps: []step{client("\r\n"), server("login: ")}, q: Question{Nudge: true},
			want: "ready", greeting: "login:", took: 1030 * time.Millisecond,
		},
		"a nudge follows negotiation, too": {
			steps: []step{wait(500 * time.Millisecond), server("\xff\xfb\x01"), client("\r\n"), server("login: ")}, q: Question{Nudge: true},
			want: "ready", greeting: "login:", took: 1530 * time.Millisecond,
		},
		"a nudge is given once": {
			steps: []step{client("\r\n"), server("\xff\xf1"), client("\r\n"), server("login: ")}, q: Question{Nudge: true},
			want: "negotiation only: no readable text within 3s", took: 3 * time.Second,
		},
		"a short question nudges sooner": {
			steps: []step{client("\r\n"), server("login: ")}, q: Question{Nudge: true, Bound: 300 * time.Millisecond},
			want: "ready", greeting: "login:", took: 130 * time.Millisecond,
		},
		"a server that talks is not nudged": {
			steps: []step{server("Name?"), client("\r\n"), server("login: ")}, q: Question{Nudge: true, Expect: pattern("login")},
			want: `talks, but no match: nothing matched "login" within 3s; the last line was "Name?"`, greeting: "Name?", took: 3 * time.Second,
		},
		"nudged, then sent a line": {
			steps: []step{client("\r\n"), server("login: "), client("ann\r\n"), server("password: ")}, q: Question{Nudge: true, Send: []string{"ann"}},
			want: "ready", greeting: "login:", reply: "password:", took: 1060 * time.Millisecond,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a, _ := askScript(t, tt.steps, tt.q)
			if a.Verdict() != tt.want || a.Greeting != tt.greeting || a.Reply != tt.reply || a.Took != tt.took {
				t.Errorf("%s after %v, greeting %q, reply %q", a.Verdict(), a.Took, a.Greeting, a.Reply)
			}
		})
	}
}

func TestNothingIsSaidUnasked(t *testing.T) {
	for name, steps := range map[string][]step{
		"to silence": nil, "to negotiation": {server("\xff\xfb\x01")}, "to text": {server("Name? ")},
	} {
		for _, mode := range []MSSPMode{MSSPOff, MSSPAuto, MSSPRequired} {
			a, unsaid := askScript(t, append(slices.Clone(steps), client("\n")), Question{MSSP: mode})
			if unsaid != "\n" {
				t.Errorf("%s, with MSSP %s: a line was sent; %s", name, mode, a.Verdict())
			}
		}
	}
}

func TestARecordedConversation(t *testing.T) {
	steps := []step{
		server("\xff\xfb\x46\xff\xfd\x18"), client("\xff\xfb\x18"), server("\xff\xfa\x46\x01NAME\x02Mid\x1b\xff\xf0"), wait(100 * time.Millisecond),
		server("Na"), server("me\xc3"), server("\xa9? "), client("Ann\r\n"), server("\x1b[1mHi\x1b[0m \bAnn\r\n\xff\xf9"), hangsUp(),
	}
	a, _ := askScript(t, steps, Question{Addr: "mud:4000", Send: []string{"Ann"}, Record: true})
	var b strings.Builder
	for _, e := range a.Transcript {
		b.WriteString(e.At.String() + " " + string(e.From) + " " + e.Text + "\n")
	}
	want := strings.Join([]string{
		"0s note connected to mud:4000", "0s note server: WILL MSSP", "0s note server: DO TTYPE", "0s note client: DO MSSP", "0s note client: WILL TTYPE",
		`0s note server: SB MSSP "\x01NAME\x02Mid\x1b"`, "100ms server Nameé? ", "130ms client Ann\n",
		`130ms server Hi \x08Ann` + "\n", "130ms note server: GA", "130ms note ready", "",
	}, "\n")
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	if a, _ := askScript(t, steps, Question{Send: []string{"Ann"}}); a.Transcript != nil {
		t.Error("a transcript was kept unasked")
	}
}

func TestAPasswordIsToldNowhere(t *testing.T) {
	tests := map[string][]step{
		"hidden by the server":            {server("Code? \xff\xfb\x01")},
		"asked for in words":              {server("Midgaard\r\nadmin password: ")},
		"asked for, and then not matched": {server("Password:\r\n")},
	}
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			steps = append(steps, client("s3cret\r\n"), server("s3c"), server("ret is wrong, says s3cret. "), hangsUp())
			for _, expect := range []string{"is wrong", "Welcome"} {
				q := Question{Send: []string{"s3cret"}, Record: true, Expect: pattern(expect)}
				a, _ := askScript(t, steps, q)
				all, err := json.Marshal(a)
				told := string(all) + a.Verdict() + telnet.Render(a.Transcript)
				if err != nil || strings.Contains(told, "s3cret") {
					t.Errorf("%s, %v", told, err)
				}
				if a.Ready() != (expect == "is wrong") || a.Reply != "[hidden] is wrong, says [hidden]." {
					t.Errorf("%s, reply %q", a.Verdict(), a.Reply)
				}
				if !strings.Contains(told, "> [hidden]\n") {
					t.Errorf("nothing tells that a line was sent:\n%s", told)
				}
			}
		})
	}
}

func TestOnlyWhatIsHiddenIsHidden(t *testing.T) {
	steps := []step{
		server("Name? "), client("Ann\r\n"), server("Password: \xff\xfb\x01"), client("\r\n"), server("Again: "), client("xy\r\n"),
		server("\xff\xfc\x01Welcome, sexy Ann.\r\n> "), client("look\r\n"), server("A temple.\r\n"),
	}
	a, _ := askScript(t, steps, Question{Send: []string{"Ann", "", "xy", "look"}, Record: true})
	var said []string
	for _, e := range a.Transcript {
		if e.From != telnet.Note {
			said = append(said, e.Text)
		}
	}
	want := []string{"Name? ", "Ann\n", "Password: ", "\n", "Again: ", "[hidden]\n", "Welcome, sexy Ann.\n> ", "look\n", "A temple.\n"}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
}

func TestTheLastLineIsQuotedAsItCame(t *testing.T) {
	tests := map[string]string{
		"":                                    "",
		"\r\n \r\n":                           "",
		"Midgaard\r\nBy what name? ":          `; the last line was "By what name? "`,
		"  Name:\t\r\n\r\n ":                  `; the last line was "  Name:\t"`,
		"Hi\b":                                `; the last line was "Hi\x08"`,
		strings.Repeat("é", 60) + "? ":        `; the last line was "…` + strings.Repeat("é", 49) + `? "`,
		strings.Repeat("x", 99) + " s3cret  ": `; the last line was "…` + strings.Repeat("x", 89) + ` [hidden]  "`,
	}
	for text, want := range tests {
		var tr transcript
		tr.add([]byte(text))
		if got := tr.lastWords(secrets{"s3cret"}); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestARecordIsBounded(t *testing.T) {
	q := Question{Record: true, Addr: serve(t, says(strings.Repeat("\xff\xfb\x01\xff\xfc\x01x", 40<<10))), Expect: pattern("y")}
	a := Ask(t.Context(), q)
	size := 0
	for _, e := range a.Transcript {
		size += len(e.Text)
	}
	if a.Outcome != NoMatch || size > 300<<10 || len(a.Transcript) > 10_000 {
		t.Errorf("%s; %d entries of %d bytes", a.Verdict(), len(a.Transcript), size)
	}
}

// A peer that reads nothing of what it is told cannot hold a check up.
func TestAPeerThatNeverReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, peer := net.Pipe() // a write waits until it is read
		go func() {
			defer peer.Close()
			peer.Write([]byte("\xff\xfd\x18Name? "))
			<-t.Context().Done()
		}()
		a := askPipe(t, conn, Question{Send: []string{"Ann"}, MSSP: MSSPAsk})
		if a.Ready() || a.Took > 4*time.Second {
			t.Errorf("%s after %v", a.Verdict(), a.Took)
		}
	})
}

func TestInquiries(t *testing.T) {
	reply := "\xff\xfa\x46\x01NAME\x02Mid\x01PLAYERS\x023\xff\xf0"
	plain := "MSSP-REPLY-START\r\nNAME\tMid\r\nPLAYERS\t3\r\nMSSP-REPLY-END\r\n"
	ask, request := client("\xff\xfd\x46"), client("MSSP-REQUEST\r\n")
	const second = time.Second
	tests := map[string]struct {
		steps []step
		q     Question
		want  string
		name  string
		took  time.Duration
	}{
		"asked for, and sent though never announced": {steps: []step{server("Name? "), ask, wait(90 * time.Millisecond), server(reply)}, q: Question{MSSP: MSSPAsk}, want: "ready", name: "Mid", took: 150 * time.Millisecond},
		"asked for, agreed to and sent":              {steps: []step{server("Name? "), ask, server("\xff\xfb\x46"), server(reply)}, q: Question{MSSP: MSSPAsk}, want: "ready", name: "Mid", took: 60 * time.Millisecond},
		"asked for and refused":                      {steps: []step{server("Name? "), ask, server("\xff\xfc\x46")}, q: Question{MSSP: MSSPAsk}, want: "talks, but no match: no MSSP: the server refuses it", took: 60 * time.Millisecond},
		"asked for in vain":                          {steps: []step{server("Name? "), ask}, q: Question{MSSP: MSSPAsk}, want: "talks, but no match: no MSSP: no answer within 1s", took: second + quiet},
		"asked for, and hung up":                     {steps: []step{server("Name? "), ask, hangsUp()}, q: Question{MSSP: MSSPAsk}, want: "talks, but no match: no MSSP: the server hung up when asked", took: quiet},
		"asked for, sent and hung up":                {steps: []step{server("Name? "), ask, server(reply), hangsUp()}, q: Question{MSSP: MSSPAsk}, want: "ready", name: "Mid", took: quiet},
		"agreed to, and never sent":                  {steps: []step{server("Name? "), ask, server("\xff\xfb\x46")}, q: Question{MSSP: MSSPAsk}, want: "talks, but no match: MSSP announced, but not sent within 1s", took: second + quiet},
		"announced, so there is no need to ask":      {steps: []step{server("\xff\xfb\x46Name? "), ask, server(reply)}, q: Question{MSSP: MSSPAsk}, want: "ready", name: "Mid", took: quiet},
		"asked for before any line is sent":          {steps: []step{server("Name? "), ask, server(reply), client("Ann\r\n"), server("Hi")}, q: Question{MSSP: MSSPAsk, Send: []string{"Ann"}}, want: "ready", name: "Mid", took: 3 * quiet},
		"without it, no line is sent":                {steps: []step{server("Name? "), ask, server("\xff\xfc\x46"), client("Ann\r\n"), server("Hi")}, q: Question{MSSP: MSSPAsk, Send: []string{"Ann"}}, want: "talks, but no match: no MSSP: the server refuses it", took: 60 * time.Millisecond},
		"not asked for where text is wanting":        {steps: []step{server("\xff\xfb\x01"), ask, server(reply)}, q: Question{MSSP: MSSPAsk}, want: "negotiation only: no readable text within 3s", took: 3 * second},
		"variables that are there":                   {steps: []step{server("\xff\xfb\x46Name? "), server(reply)}, q: Question{MSSP: MSSPRequired, MSSPVariables: []string{"NAME", "PLAYERS"}}, want: "ready", name: "Mid", took: quiet},
		"variables that are not":                     {steps: []step{server("\xff\xfb\x46Name? "), server(reply)}, q: Question{MSSP: MSSPRequired, MSSPVariables: []string{"UPTIME", "NAME", "PORT"}}, want: "talks, but no match: MSSP says nothing of UPTIME, PORT", name: "Mid", took: quiet},
		"variables that nobody insists on":           {steps: []step{server("\xff\xfb\x46Name? "), server(reply)}, q: Question{MSSPVariables: []string{"UPTIME"}}, want: "ready", name: "Mid", took: quiet},
		"not announced within the bound":             {steps: []step{server("Name? ")}, q: Question{MSSP: MSSPRequired}, want: "talks, but no match: no MSSP announced within 3s", took: 3 * second},
		"asked for in plain text":                    {steps: []step{server("Name? "), request, server(plain)}, q: Question{MSSP: MSSPPlain}, want: "ready", name: "Mid", took: 60 * time.Millisecond},
		"in plain text and pieces":                   {steps: []step{server("Name? "), request, server(plain[:30]), wait(500 * time.Millisecond), server(plain[30:])}, q: Question{MSSP: MSSPPlain}, want: "ready", name: "Mid", took: 530 * time.Millisecond},
		"in plain text, and hung up after it":        {steps: []step{server("Name? "), request, server(plain), hangsUp()}, q: Question{MSSP: MSSPPlain}, want: "ready", name: "Mid", took: quiet},
		"taken as a player's name":                   {steps: []step{server("Name? "), request, server("Invalid name.\r\nName: ")}, q: Question{MSSP: MSSPPlain}, want: "talks, but no match: no MSSP: no answer within 1s", took: second + quiet},
		"in plain text, and only hung up":            {steps: []step{server("Name? "), request, server(plain[:30]), hangsUp()}, q: Question{MSSP: MSSPPlain}, want: "talks, but no match: no MSSP: the server hung up when asked", took: quiet},
		"in plain text, without a variable":          {steps: []step{server("Name? "), request, server(plain)}, q: Question{MSSP: MSSPPlain, MSSPVariables: []string{"UPTIME"}}, want: "talks, but no match: MSSP says nothing of UPTIME", name: "Mid", took: 60 * time.Millisecond},
		"in plain text, before any line is sent":     {steps: []step{server("Name? "), request, server(plain), client("Ann\r\n"), server("Hi")}, q: Question{MSSP: MSSPPlain, Send: []string{"Ann"}, Expect: pattern("^Hi")}, want: "ready", name: "Mid", took: 60 * time.Millisecond},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a, _ := askScript(t, tt.steps, tt.q)
			if a.Verdict() != tt.want || a.Status.Name() != tt.name || a.Took != tt.took {
				t.Errorf("%s after %v, status %v", a.Verdict(), a.Took, a.Status)
			}
			if strings.Contains(a.Greeting, "MSSP") || strings.Contains(a.Reply, "MSSP") {
				t.Errorf("greeting %q, reply %q", a.Greeting, a.Reply)
			}
		})
	}
}

func TestASilentServerIsAskedNothing(t *testing.T) {
	a, unsaid := askScript(t, []step{client("\xff")}, Question{MSSP: MSSPAsk})
	if a.Outcome != Silent || unsaid == "" {
		t.Errorf("%s", a.Verdict())
	}
	var none telnet.ServerStatus
	if diff := cmp.Diff(none, a.Status); diff != "" {
		t.Error(diff)
	}
}
