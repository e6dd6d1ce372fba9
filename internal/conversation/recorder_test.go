package conversation

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"devenv/internal/telnet"

	"github.com/google/go-cmp/cmp"
)

// record feeds a recorder with a session as a script has it.
func record(script []act) *Recorder {
	r := &Recorder{}
	var client telnet.Client
	for _, a := range script {
		client.Feed([]byte(a.says), r.Hear)
		if a.wants != nil {
			r.Type(*a.wants)
		}
		if a.quits {
			r.HangUp()
		}
	}
	return r
}

func recorded(t *testing.T, r *Recorder) string {
	t.Helper()
	text, err := r.YAML()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestARecordingReadsLikeAConversation(t *testing.T) {
	r := record([]act{
		says("\x1b[1mExMud (2 players)\r\n\r\nname? "), wants("Ann"),
		says(willEcho + "Password: "), wants("s3cret"),
		says("\r\nAgain: "), wants("s3cret"),
		says("\r\nSpell: "), wants("xyzzy"),
		says(wontEcho + "\r\nWelcome, Ann.\r\n<20hp 100m> "), wants("give 5$ to Bob"),
		says("He says: is s3cret your word?\r\n"), wants("yes, s3cret"),
		says("\r\n"), wants(""),
		says("Goodbye.\r\n"), quits,
	})
	r.Name, r.Port = "log in", 5556
	want := `name: "log in"
port: 5556
steps:
  - expect: "name\\?"
  - send: "Ann"
  - expect: "Password:"
  # typed unseen, and not recorded: set DEVENV_PASSWORD
  - send: {text: "${PASSWORD}", hidden: true}
  - expect: "Again:"
  # typed unseen, and not recorded: set DEVENV_PASSWORD
  - send: {text: "${PASSWORD}", hidden: true}
  - expect: "Spell:"
  # typed unseen, and not recorded: set DEVENV_PASSWORD2
  - send: {text: "${PASSWORD2}", hidden: true}
  - expect: "<[0-9]+hp [0-9]+m>"
  - send: "give 5$$ to Bob"
  - expect: "He says: is ${PASSWORD} your word\\?"
  # typed unseen, and not recorded: set DEVENV_PASSWORD
  - send: {text: "yes, ${PASSWORD}", hidden: true}
  - send: ""
  - expect: "Goodbye\\."
  - close
`
	if diff := cmp.Diff(want, recorded(t, r)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsAPassword(t *testing.T) {
	tests := map[string]struct {
		script []act
		want   []string // the sends
	}{
		"a line that the server hides": {
			[]act{says(willEcho), wants("s3cret"), says("\r\nWelcome\r\n")}, []string{"${PASSWORD}"}},
		"not one that it shows": {
			[]act{says(willEcho), wants("Ann"), says("Ann\r\nPassword: "), wants("s3cret"), says("******\r\n")}, []string{"Ann", "${PASSWORD}"}},
		"nor an empty one": {
			[]act{says(willEcho), wants(""), says("\r\n")}, []string{""}},
		"one that begins the answer": {
			[]act{says(willEcho), wants("W"), says("Welcome\r\n")}, []string{"${PASSWORD}"}},
		"one without an answer": {
			[]act{says(willEcho), wants("s3cret")}, []string{"${PASSWORD}"}},
		"not one after the ECHO has ended": {
			[]act{says(willEcho + wontEcho), wants("Ann")}, []string{"Ann"}},
		"one typed before it was asked for": {
			[]act{says("name? "), wants("Ann"), wants("s3cret"), says(willEcho + "Password: ")}, []string{"Ann", "${PASSWORD}"}},
		"one typed earlier, in the open": {
			[]act{wants("register s3cret"), says("Now log in: " + willEcho), wants("s3cret")}, []string{"register ${PASSWORD}", "${PASSWORD}"}},
		"one that only words ask for": {
			[]act{says("ExMud admin\r\nadmin password: "), wants("wizard"), says("Welcome.\r\n> "), wants("look")}, []string{"${PASSWORD}", "look"}},
		"and that the server then repeats": {
			[]act{says("New password:\r\n"), wants("wizard"), says("wizard\r\nis too short. New password (8 signs): "), wants("wizard8888"), says("\r\n")}, []string{"${PASSWORD}", "${PASSWORD2}"}},
		"but not an empty one": {
			[]act{says("Password: "), wants(""), says("\r\n")}, []string{""}},
		"nor what follows other words": {
			[]act{says("Your password has been changed.\r\n> "), wants("look")}, []string{"look"}},
		"one typed before words asked for it": {
			[]act{says("name? "), wants("Ann"), wants("s3cret"), says("Password: \r\nWelcome\r\n> "), wants("look")}, []string{"Ann", "${PASSWORD}", "look"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, s := range record(tt.script).Conversation().Steps {
				if s.Verb != Send {
					continue
				}
				got = append(got, s.Text)
				if s.Hidden != strings.Contains(s.Text, "${") {
					t.Errorf("%q hidden: %v", s.Text, s.Hidden)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNothingSaidIsNoRecording(t *testing.T) {
	if text, err := new(Recorder).YAML(); err == nil {
		t.Errorf("%s", text)
	}
}

// TestWhatIsRecordedCanBePlayed records sessions made up at random, and plays
// them with the same server.
func TestWhatIsRecordedCanBePlayed(t *testing.T) {
	for seed := range uint64(80) {
		script, vars := randomSession(rand.New(rand.NewPCG(seed, 0)))
		text := recorded(t, record(script))
		for _, secret := range vars {
			if strings.Contains(text, secret) {
				t.Fatalf("seed %d: %q is in\n%s", seed, secret, text)
			}
		}
		c := parse(t, text)
		for _, cut := range []func(string) []string{whole, single, cutAt(int(seed))} {
			r, err := playScript(t, Player{Vars: vars}, c, script, cut)
			if !r.OK() || err != nil {
				t.Fatalf("seed %d: %v, %v\n%s\n%s", seed, r.Err(), err, text, r.Transcript)
			}
		}
	}
}

var fragments = []string{
	"name", "? ", "> ", "\r\n", "\r\r\n", "\n", " ", "\t", "$", "${", "${NAME}", "}", "\\", "\\d+", "[a-z]*", "(", "^",
	"20hp", "1999", "\x1b[1;31m", "\x1b]0;title\a", "\xe9", "é", "日本", "\u202e", "\u0085", "\ufeff", "# x", ": ", "- ", "'", `"`,
	goAhead, endOfRec, "\xff\xf1", "\xff\xff", strings.Repeat("=", 50),
}

var typed = []string{"look", "", "$", "$$", "${", "${RANDOM_NAME}", "say 'hi'", `"`, "# no", " x ", "é日本", "\t", "~", "null", "5"}

// randomSession makes up a session, and the values of its passwords.
func randomSession(rnd *rand.Rand) (script []act, vars map[string]string) {
	vars = map[string]string{}
	for range rnd.IntN(8) {
		var text strings.Builder
		text.WriteString(" ") // what comes before any answer is another story
		for range rnd.IntN(8) {
			text.WriteString(fragments[rnd.IntN(len(fragments))])
		}
		if rnd.IntN(4) > 0 {
			script = append(script, says(text.String()), wants(typed[rnd.IntN(len(typed))]))
			continue
		}
		name := password
		if len(vars) > 0 {
			name += fmt.Sprint(len(vars) + 1)
		}
		vars[name] = fmt.Sprintf("s3cret.%d$", len(vars))
		script = append(script, says(text.String()+willEcho), wants(vars[name]), says(wontEcho+"\r\n"))
	}
	script = append(script, says("\r\nBye, 1 of 2.\r\n"))
	if rnd.IntN(2) == 0 {
		script = append(script, quits)
	}
	return script, vars
}
