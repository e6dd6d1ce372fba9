package telnet

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseMSSP(t *testing.T) {
	tests := map[string]struct {
		payload string
		want    ServerStatus
	}{
		"what tbaMUD says": {
			"\x01NAME\x02tbaMUD\x01PLAYERS\x020\x01UPTIME\x021795427078\x01CRAWL DELAY\x02-1",
			ServerStatus{"NAME": {"tbaMUD"}, "PLAYERS": {"0"}, "UPTIME": {"1795427078"}, "CRAWL DELAY": {"-1"}},
		},
		"several values after one name":           {"\x01PORT\x0223\x024000", ServerStatus{"PORT": {"23", "4000"}}},
		"a name that comes again":                 {"\x01PORT\x0223\x01NAME\x02x\x01PORT\x024000", ServerStatus{"PORT": {"23", "4000"}, "NAME": {"x"}}},
		"an empty value is a value":               {"\x01ICON\x02", ServerStatus{"ICON": {""}}},
		"what stands before a name is skipped":    {"noise\x02\x01NAME\x02x", ServerStatus{"NAME": {"x"}}},
		"a name without a value has an empty":     {"\x01NAME", ServerStatus{"NAME": {""}}},
		"a value without a name is left out":      {"\x01\x02x\x01NAME\x02y", ServerStatus{"NAME": {"y"}}},
		"Latin-1 is read as such":                 {"\x01NAME\x02Caf\xe9", ServerStatus{"NAME": {"Café"}}},
		"control characters are spelt out":        {"\x01NAME\x02\x1b[2Jx\n::error::", ServerStatus{"NAME": {`\x1b[2Jx\n::error::`}}},
		"nothing is nothing":                      {"", nil},
		"a reply without any variable is none":    {"hello", nil},
		"a lone mark is none":                     {"\x01", nil},
		"a long word is cut":                      {"\x01NAME\x02" + strings.Repeat("x", 5000), ServerStatus{"NAME": {strings.Repeat("x", maxWord)}}},
		"of very many values, the first are kept": {"\x01PORT" + strings.Repeat("\x021", 5000), ServerStatus{"PORT": slices.Repeat([]string{"1"}, maxValues)}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, ParseMSSP([]byte(tt.payload))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseMSSPBoundsTheVariables(t *testing.T) {
	var b strings.Builder
	for i := range 2 * maxVariables {
		fmt.Fprintf(&b, "\x01V%d\x02x", i)
	}
	if got := len(ParseMSSP([]byte(b.String()))); got != maxVariables {
		t.Errorf("%d variables", got)
	}
}

func TestParsePlainMSSP(t *testing.T) {
	tests := map[string]struct {
		text  string
		want  ServerStatus
		whole bool
	}{
		"a reply amid other text":    {"Name? MSSP-REPLY-START\nNAME\tMidgaard\nPLAYERS\t3\nMSSP-REPLY-END\nName? ", ServerStatus{"NAME": {"Midgaard"}, "PLAYERS": {"3"}}, true},
		"several values of one name": {"MSSP-REPLY-START\nPORT\t23\t4000\nMSSP-REPLY-END", ServerStatus{"PORT": {"23", "4000"}}, true},
		"a name that comes again":    {"MSSP-REPLY-START\nPORT\t23\nPORT\t4000\nMSSP-REPLY-END", ServerStatus{"PORT": {"23", "4000"}}, true},
		"an empty value":             {"MSSP-REPLY-START\nICON\t\nMSSP-REPLY-END", ServerStatus{"ICON": {""}}, true},
		"lines that are none":        {"MSSP-REPLY-START\n\nhello\n\tx\nMSSP-REPLY-END", ServerStatus{}, true},
		"control characters":         {"MSSP-REPLY-START\nNAME\ta\bb\nMSSP-REPLY-END", ServerStatus{"NAME": {`a\x08b`}}, true},
		"not yet ended":              {"MSSP-REPLY-START\nNAME\tMid", nil, false},
		"ended, and never begun":     {"MSSP-REPLY-END", nil, false},
		"ended before it began":      {"MSSP-REPLY-END MSSP-REPLY-START", nil, false},
		"taken as a player's name":   {"Invalid name, please try another.\nName: ", nil, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, whole := ParsePlainMSSP([]byte(tt.text))
			if diff := cmp.Diff(tt.want, got); diff != "" || whole != tt.whole {
				t.Errorf("whole is %v\n%s", whole, diff)
			}
		})
	}
}

func TestWhatAServerStatusLacks(t *testing.T) {
	s := ServerStatus{"NAME": {"Midgaard"}, "PLAYERS": {""}}
	if got := s.Missing([]string{"UPTIME", "NAME", "PLAYERS"}); !slices.Equal(got, []string{"UPTIME", "PLAYERS"}) {
		t.Errorf("missing %q", got)
	}
	if got := s.Missing(nil); len(got) != 0 {
		t.Errorf("missing %q of nothing", got)
	}
}

func TestWhatAServerStatusTells(t *testing.T) {
	s := ServerStatus{"AREAS": {"5"}, "UPTIME": {"1795427078"}, "PLAYERS": {"7", "12"}, "NAME": {"Midgaard"}}
	if s.Name() != "Midgaard" {
		t.Errorf("name %q", s.Name())
	}
	if n, ok := s.Players(); n != 12 || !ok {
		t.Errorf("players %d, %v; the last value counts", n, ok)
	}
	if at, ok := s.Uptime(); !ok || !at.Equal(time.Unix(1795427078, 0)) {
		t.Errorf("uptime %v, %v", at, ok)
	}
	if diff := cmp.Diff([]string{"NAME", "PLAYERS", "UPTIME", "AREAS"}, s.Names()); diff != "" {
		t.Error(diff)
	}
}

func TestServerStatusThatSaysNothingUseful(t *testing.T) {
	for name, s := range map[string]ServerStatus{
		"nil": nil, "empty values": {"PLAYERS": {""}, "UPTIME": {""}}, "negative": {"PLAYERS": {"-1"}, "UPTIME": {"-1"}},
	} {
		_, players := s.Players()
		_, uptime := s.Uptime()
		if players || uptime || s.Name() != "" {
			t.Errorf("%s: players %v, uptime %v, name %q", name, players, uptime, s.Name())
		}
	}
}

func FuzzMSSP(f *testing.F) {
	f.Add([]byte("\x01NAME\x02tbaMUD\x01PORT\x0223\x024000"))
	f.Add([]byte("x\x02\x01\x01\x02\x1b\xff"))
	f.Add([]byte("MSSP-REPLY-START\nNAME\tx\ty\n\t\nMSSP-REPLY-END"))
	f.Fuzz(func(t *testing.T, payload []byte) {
		checkStatus(t, ParseMSSP(payload))
		plain, _ := ParsePlainMSSP(payload)
		checkStatus(t, plain)
	})
}

func checkStatus(t *testing.T, status ServerStatus) {
	if len(status) > maxVariables {
		t.Errorf("%d variables", len(status))
	}
	for name, values := range status {
		if len(values) == 0 || len(values) > maxValues {
			t.Errorf("%q has %d values", name, len(values))
		}
		for _, s := range append(values, name) {
			if VisibleLine(s) != s {
				t.Errorf("%q is not safe to print", s)
			}
		}
	}
}
