package conversation

import (
	"context"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTell(t *testing.T) {
	tests := map[string]struct {
		script []act
		lines  []string
		heard  string
		fault  string
	}{
		"each line after a prompt mark": {
			script: []act{says("admin password: " + goAhead), wants("s3cret"), says("s3cret? Hail.\r\n> " + goAhead), wants("shutdown"), says("Bye.\r\n"), quits},
			lines:  []string{"s3cret", "shutdown"}, heard: "admin password: [hidden]? Hail.\n> Bye.\n",
		},
		"after quiet moments": {
			script: []act{says("> "), wants("one"), says("1\r\n"), waits(150 * time.Millisecond), says("> "), wants("two"), says("2")},
			lines:  []string{"one", "two"}, heard: "> 1\n> 2",
		},
		"to a server that says nothing": {
			script: []act{wants("one"), wants("two")},
			lines:  []string{"one", "two"},
		},
		"to one that never stops": {
			script: append(chatter(), wants("one")),
			lines:  []string{"one"}, heard: strings.Repeat("more\n", 40),
		},
		"not to one that hangs up": {
			script: []act{says("> "), wants("one"), says("Go away.\r\n"), quits},
			lines:  []string{"one", "two"}, heard: "> Go away.\n", fault: "the server hung up before line 2 of 2 was said",
		},
		"and what it says is safe to print": {
			script: []act{says("\x1b[31mred\x1b]0;title\x07\x01" + goAhead), wants("one")},
			lines:  []string{"one"}, heard: `red\x01`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := net.Pipe()
				served := make(chan error)
				go func() { served <- serve(server, tt.script, whole) }()
				heard, err := Tell(t.Context(), client, tt.lines)
				if fault := <-served; fault != nil {
					t.Error(fault)
				}
				if heard != tt.heard || err == nil && tt.fault != "" || err != nil && err.Error() != tt.fault {
					t.Errorf("heard %q, %v", heard, err)
				}
			})
		})
	}
}

// chatter is a server that talks for longer than anybody listens.
func chatter() (script []act) {
	for range 40 {
		script = append(script, says("more\r\n"), waits(140*time.Millisecond))
	}
	return script
}

func TestTellEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		defer server.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := Tell(ctx, client, []string{"one"}); err != context.DeadlineExceeded {
			t.Error(err)
		}
	})
}
