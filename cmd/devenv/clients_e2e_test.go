//go:build e2e

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The clients that players use understand the game, and so our reading of the
// protocol is theirs.

// testTelnet plays with Debian's telnet.
func (g *game) testTelnet(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), tool(t, "telnet"), "127.0.0.1", g.port)
	typing, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	screen, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for _, turn := range []struct{ hears, says string }{{"known?", "Ted"}, {"> ", "who"}, {"Ted", "quit"}, {"Farewell, Ted", ""}} {
		if heard, err := until(screen, turn.hears); err != nil {
			t.Fatalf("waiting for %q: %v; heard %q", turn.hears, err, heard)
		}
		fmt.Fprintln(typing, turn.says)
	}
	_ = cmd.Wait() // telnet ends with 1 when the other side hangs up
}

const tinScript = `#nop plays by itself
#action {wish to be known} {#send {Tina};#send {who};#send {quit}}
#event {SESSION DISCONNECTED} {#end}
#session mud 127.0.0.1 %s
`

// testTinTin plays with tintin++, which negotiates TTYPE, NAWS and more. It wants
// a terminal, which script gives it.
func (g *game) testTinTin(t *testing.T) {
	home := t.TempDir()
	script := filepath.Join(home, "play.tin")
	if err := os.WriteFile(script, fmt.Appendf(nil, tinScript, g.port), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), tool(t, "script"), "-qec", "stty rows 40 cols 100; "+tool(t, "tt++")+" -G "+script, filepath.Join(home, "log"))
	cmd.Env = append(os.Environ(), "HOME="+home, "TERM=xterm")
	if _, err := cmd.StdinPipe(); err != nil { // held open: an end of the input would be typed as Ctrl-D
		t.Fatal(err)
	}
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("Farewell, Tina")) {
		t.Errorf("tt++ did not play to the end: %v\n%q", err, out)
	}
}

// until reads until the words have come.
func until(r io.Reader, words string) (string, error) {
	var heard strings.Builder
	for !strings.Contains(heard.String(), words) {
		if _, err := io.CopyN(&heard, r, 1); err != nil {
			return heard.String(), err
		}
	}
	return heard.String(), nil
}

// tool finds a program of Debian's, also where only games are.
func tool(t *testing.T, name string) string {
	t.Helper()
	for _, path := range []string{name, "/usr/games/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	t.Fatalf("no %s on this machine: run fixtures/engine/peers.sh", name)
	return ""
}
