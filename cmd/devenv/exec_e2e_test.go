//go:build e2e

package main

import (
	"os"
	"testing"
)

// heardKeys prints each key as it comes, until a q.
const heardKeys = `import os, tty
tty.setraw(0)
print("ready", end="\r\n", flush=True)
key = b""
while key != b"q":
    key = os.read(0, 1)
    print("key", key, end="\r\n", flush=True)
`

// onTerminal is a program on a terminal, which script gives it.
func (p *program) onTerminal(line string) *talk {
	p.t.Helper()
	return p.begin("script", "-qec", p.path+" "+line, os.DevNull)
}

func TestEveryKeyReachesACommandOnATerminalAtOnce(t *testing.T) {
	p := projectOf(t, talker)
	p.run(0, "up")
	p.env = append(p.env, "KEYS="+heardKeys)
	for _, line := range []string{
		`exec -e KEYS game python3 -c 'import os; exec(os.environ["KEYS"])'`,
		`run --rm --progress quiet -e KEYS game python3 -c 'import os; exec(os.environ["KEYS"])'`,
	} {
		c := p.onTerminal(line)
		c.hear("ready")
		c.press("\x03") // Ctrl-C
		c.hear(`key b'\x03'`)
		c.press("\x10") // Ctrl-P, which engines would keep back
		c.hear(`key b'\x10'`)
		c.press("\x1a") // Ctrl-Z
		c.hear(`key b'\x1a'`)
		c.press("q")
		c.end(0)
	}
}

func TestCtrlCEndsTheCommandOnATerminalWithItsOwnExitCode(t *testing.T) {
	p := projectOf(t, talker)
	p.run(0, "up")
	c := p.onTerminal(`exec game sh -c 'trap "exit 9" INT; echo ready; sleep 600 & wait'`)
	c.hear("ready")
	c.press("\x03")
	c.end(9)
}

func TestAnInterruptIsPassedOnToWhatRunRunsWithoutATerminal(t *testing.T) {
	p := projectOf(t, talker)
	const handles = `trap "exit 9" INT; echo ready >&2; sleep 600 & wait`
	ended := p.interrupt(os.Interrupt, []string{"ready"}, "run", "--rm", "-T", "--no-deps", "game", "sh", "-c", handles)
	if ended.code != 9 {
		t.Errorf("exit code %d, want 9\n%s", ended.code, ended.stderr)
	}
}

func TestASecondInterruptKillsWhatRunRuns(t *testing.T) {
	p := projectOf(t, talker)
	const stubborn = `import signal, sys
signal.signal(signal.SIGINT, lambda *_: print("no", file=sys.stderr, flush=True))
print("ready", file=sys.stderr, flush=True)
while True:
    signal.pause()
`
	ended := p.interrupt(os.Interrupt, []string{"ready", "no"}, "run", "--rm", "-T", "--no-deps", "game", "python3", "-c", stubborn)
	if ended.code != 137 {
		t.Errorf("exit code %d, want 137\n%s", ended.code, ended.stderr)
	}
}

func TestAnInterruptedExecWithoutATerminalEndsAtOnce(t *testing.T) {
	p := projectOf(t, talker)
	p.run(0, "up")
	ended := p.interrupt(os.Interrupt, []string{"ready"}, "exec", "-T", "game", "sh", "-c", "echo ready >&2; sleep 600")
	if ended.code != 130 {
		t.Errorf("exit code %d, want 130\n%s", ended.code, ended.stderr)
	}
}
