package telnet

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// converse feeds a client and returns all it said.
func converse(c *Client, parts ...[]byte) []byte {
	var said []byte
	for _, p := range parts {
		said = append(said, c.Feed(p, func(Event) {})...)
	}
	return said
}

func TestClient(t *testing.T) {
	tests := map[string]struct {
		client Client
		sent   string
		want   []string
	}{
		"a silent server is not spoken to": {sent: "Welcome\r\n\xff\xf9"},
		"compression and secrecy are refused": {
			client: Client{Accept: []Option{MCCP2, Encrypt}}, sent: "\xff\xfb\x56\xff\xfd\x57\xff\xfd\x25\xff\xfb\x26",
			want: []string{"DONT MCCP2", "WONT MCCP3", "WONT AUTH", "DONT ENCRYPT"},
		},
		"MSSP is refused where it is not wanted": {sent: "\xff\xfb\x46", want: []string{"DONT MSSP"}},
		"MSSP is agreed to where it is wanted":   {client: Client{Accept: []Option{MSSP}}, sent: "\xff\xfb\x46", want: []string{"DO MSSP"}},
		"agreements come before refusals": {
			client: Client{Accept: []Option{MSSP}}, sent: "\xff\xfb\x56\xff\xfb\x46\xff\xfb\xc9\xff\xfb\x5b",
			want: []string{"DO MSSP", "DONT MCCP2", "DONT GMCP", "DONT MXP"},
		},
		"an end of use keeps its place": {sent: "\xff\xfb\x01\xff\xfc\x01\xff\xfb\x01", want: []string{"DO ECHO", "DONT ECHO", "DO ECHO"}},
		"the window is told with the agreement": {
			client: Client{Window: Window{Width: 255, Height: 40}}, sent: "\xff\xfd\x1f",
			want: []string{"WILL NAWS", `SB NAWS "\x00\xff\x00("`},
		},
		"the terminal has three names, the last for ever": {
			sent: "\xff\xfd\x18" + strings.Repeat("\xff\xfa\x18\x01\xff\xf0", 4),
			want: []string{"WILL TTYPE", `SB TTYPE "\x00DEVENV"`, `SB TTYPE "\x00XTERM"`, `SB TTYPE "\x00MTTS 5"`, `SB TTYPE "\x00MTTS 5"`},
		},
		"the names begin anew with the option": {
			client: Client{Name: "PROBE", Terminal: "ANSI"},
			sent:   "\xff\xfd\x18\xff\xfa\x18\x01\xff\xf0\xff\xfe\x18\xff\xfd\x18\xff\xfa\x18\x01\xff\xf0",
			want:   []string{"WILL TTYPE", `SB TTYPE "\x00PROBE"`, "WONT TTYPE", "WILL TTYPE", `SB TTYPE "\x00PROBE"`},
		},
		"a question nobody agreed on gets no answer": {sent: "\xff\xfa\x18\x01\xff\xf0\xff\xfa\x2a\x01;UTF-8\xff\xf0"},
		"UTF-8 is accepted as the server spells it":  {sent: "\xff\xfd\x2a\xff\xfa\x2a\x01;LATIN1;utf-8\xff\xf0", want: []string{"WILL CHARSET", `SB CHARSET "\x02utf-8"`}},
		"also after a translation table's version":   {sent: "\xff\xfb\x2a\xff\xfa\x2a\x01[TTABLE]\x01 UTF-8\xff\xf0", want: []string{"DO CHARSET", `SB CHARSET "\x02UTF-8"`}},
		"other character sets are rejected":          {sent: "\xff\xfb\x2a\xff\xfa\x2a\x01;LATIN1\xff\xf0\xff\xfa\x2a\x01\xff\xf0", want: []string{"DO CHARSET", `SB CHARSET "\x03"`, `SB CHARSET "\x03"`}},
		"empty subnegotiations are survived":         {sent: "\xff\xfd\x18\xff\xfa\x18\xff\xf0\xff\xfa\xff\xf0", want: []string{"WILL TTYPE"}},
		"answers have an end":                        {client: Client{MaxAnswers: 2}, sent: strings.Repeat("\xff\xfb\x01\xff\xfc\x01", 9), want: []string{"DO ECHO", "DONT ECHO"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, decode(converse(&tt.client, []byte(tt.sent)))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestClientPassesEventsOnWithItsStateUpToDate(t *testing.T) {
	c := Client{Accept: []Option{MSSP}}
	var told []string
	c.Feed([]byte("\xff\xfb\x46Hi\xff\xf9"), func(e Event) {
		told = append(told, e.String())
		if !c.ServerUses(MSSP) {
			t.Errorf("at %v, MSSP is not in use yet", e)
		}
	})
	if diff := cmp.Diff([]string{"WILL MSSP", `text "Hi"`, "GA"}, told); diff != "" {
		t.Error(diff)
	}
}

func TestClientAsks(t *testing.T) {
	var c Client
	if got := decode(c.Ask(DO, GMCP), c.Ask(DO, GMCP)); !slices.Equal(got, []string{"DO GMCP"}) {
		t.Errorf("asked %q", got)
	}
	if said := converse(&c, []byte("\xff\xfb\xc9")); len(said) != 0 || !c.ServerUses(GMCP) {
		t.Errorf("the agreement was answered with %q", said)
	}
}

func TestClientAwaitsWhatItInvited(t *testing.T) {
	c := Client{Accept: []Option{MSSP}}
	steps := []struct {
		sent string
		want bool
	}{
		{"\xff\xfb\x01", false}, // ECHO invites nothing
		{"\xff\xfd\x18", true},
		{"\xff\xfa\x18\x01\xff\xf0", true},
		{"Name? ", false},
		{"\xff\xfb\x46", true},
		{"\xff\xf9", false},
	}
	for _, s := range steps {
		if converse(&c, []byte(s.sent)); c.Awaiting() != s.want {
			t.Errorf("after %q: awaiting is %v", s.sent, c.Awaiting())
		}
	}
}

func TestClientSaysTheSameAtEverySplit(t *testing.T) {
	for name, stream := range serverStreams(t) {
		t.Run(name, func(t *testing.T) {
			want := sortedAnswers(stream)
			for parts := range splits(stream) {
				if got := sortedAnswers(parts...); !slices.Equal(got, want) {
					t.Fatalf("split after %d bytes:\n%s", len(parts[0]), cmp.Diff(want, got))
				}
			}
		})
	}
}

// sortedAnswers is what a client says; where refusals stand depends on the split.
func sortedAnswers(parts ...[]byte) []string {
	said := decode(converse(&Client{Accept: []Option{MSSP}}, parts...))
	slices.Sort(said)
	return said
}

func TestTwoClientsDoNotLoop(t *testing.T) {
	all := bytes.Buffer{}
	for o := range 256 {
		all.Write([]byte{iac, byte(WILL), byte(o), iac, byte(DO), byte(o)})
	}
	var one, two Client
	said, rounds := converse(&one, all.Bytes()), 0
	for ; len(said) > 0 && rounds < 20; rounds++ {
		one, two = two, one
		said = converse(&one, said)
	}
	if rounds == 20 {
		t.Errorf("still talking: %q", decode(said))
	}
}
