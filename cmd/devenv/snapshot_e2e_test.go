//go:build e2e

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const worldProject = `
services:
  game:
    image: python:3.11-slim
    init: true
    command: [ python3, -u, -c, "import time; time.sleep(600)" ]
    volumes: [ "world:/world" ]
volumes: { world: }
`

// fillWorld writes more files than are restored at once; digestWorld tells
// contents, owners, modes and times of all.
const (
	fillWorld = `
import os
for i in range(40):
    os.mkdir(f'/world/{i}')
    for j in range(40):
        name = f'/world/{i}/{j}'
        open(name, 'wb').write(os.urandom(100000 + j))
        os.chown(name, i, j)
        os.chmod(name, 0o600 + j)
        os.utime(name, (i * 1000, j * 1000))
`
	digestWorld = `
import hashlib, os
sum, count = hashlib.sha256(), 0
for folder, folders, files in os.walk('/world'):
    folders.sort()
    for name in [folder] + [os.path.join(folder, f) for f in sorted(files)]:
        s = os.lstat(name)
        sum.update(repr((name, s.st_uid, s.st_gid, s.st_mode, int(s.st_mtime))).encode())
        if name != folder: sum.update(open(name, 'rb').read())
        count += 1
print(count, sum.hexdigest())
`
)

// worldly is a project whose world takes a while to restore.
func worldly(t *testing.T) (p *program, project string) {
	e := realEngine(t)
	project = uniqueProject()
	t.Cleanup(func() { remove(t, e, project) })
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(worldProject), 0o644); err != nil {
		t.Fatal(err)
	}
	p = newProgram(t, dir, "COMPOSE_PROJECT_NAME="+project, "XDG_DATA_HOME="+t.TempDir())
	p.run(0, "up")
	p.run(0, "exec", "-T", "game", "python3", "-c", fillWorld)
	return p, project
}

func helpersOf(t *testing.T, project string) string {
	return docker(t, "ps", "-a", "--filter", "label=devenv.owner", "--format", `{{.Label "com.docker.compose.project"}}`, "--filter", "volume="+project+"_world")
}

func TestAKilledRestoreLosesNothingAndIsFinished(t *testing.T) {
	p, project := worldly(t)
	before := p.run(0, "exec", "-T", "game", "python3", "-c", digestWorld).stdout
	p.run(0, "snapshot", "save", "whole")
	p.run(0, "exec", "-T", "game", "sh", "-c", "rm -r /world/1?; echo later >/world/later")
	later := p.run(0, "exec", "-T", "game", "python3", "-c", digestWorld).stdout

	killed := p.interrupt(syscall.SIGKILL, []string{"restoring volume world: 67.1 MB"}, "snapshot", "restore", "whole")
	if killed.code == 0 {
		t.Fatal("it was not killed")
	}
	refused := p.run(5, "up")
	if !strings.Contains(refused.stderr, "a restore of snapshot whole was interrupted") || !strings.Contains(refused.stderr, "`devenv snapshot restore before-restore-") {
		t.Errorf("up says %s", refused.stderr)
	}
	p.run(5, "snapshot", "save", "half")
	if !strings.Contains(p.run(0, "snapshot", "list").stderr, "was interrupted") {
		t.Error("list tells of no interrupted restore")
	}
	backup := ""
	for _, line := range strings.Fields(p.run(0, "snapshot", "list").stdout) {
		if strings.HasPrefix(line, "before-restore-") {
			backup = line
		}
	}
	p.run(5, "snapshot", "remove", backup)

	finished := p.run(0, "snapshot", "restore", "whole")
	if !strings.Contains(finished.stderr, "finishing a restore that was interrupted; what was there before it is snapshot "+backup) || !strings.Contains(finished.stderr, "game: ready") {
		t.Errorf("restore says %s", finished.stderr)
	}
	if after := p.run(0, "exec", "-T", "game", "python3", "-c", digestWorld).stdout; after != before {
		t.Errorf("the world is %s, and was %s", after, before)
	}
	p.run(0, "up")
	if left := helpersOf(t, project); left != "" {
		t.Errorf("left: %s", left)
	}
	p.run(0, "snapshot", "restore", backup, "--no-backup")
	if after := p.run(0, "exec", "-T", "game", "python3", "-c", digestWorld).stdout; after != later {
		t.Errorf("the world is %s, and was %s", after, later)
	}
}

func TestAnInterruptedSaveLeavesNoHalfAndLetsServicesGoOn(t *testing.T) {
	p, project := worldly(t)
	ended := p.interrupt(os.Interrupt, []string{"saving volume world: 67.1 MB"}, "snapshot", "save", "half")
	if ended.code != 130 || !strings.Contains(ended.stderr, "starting game again") {
		t.Errorf("exit code %d\n%s", ended.code, ended.stderr)
	}
	if list := p.run(0, "snapshot", "list").stdout; strings.Contains(list, "half") {
		t.Errorf("there is %s", list)
	}
	if ps := p.run(0, "ps").stdout; !strings.Contains(ps, "running") {
		t.Errorf("ps says %s", ps)
	}
	if left := helpersOf(t, project); left != "" {
		t.Errorf("left: %s", left)
	}
	p.interrupt(syscall.SIGKILL, []string{"saving volume world: 67.1 MB"}, "snapshot", "save", "half")
	p.run(0, "gc")
	if left := helpersOf(t, project); left != "" {
		t.Errorf("gc has left: %s", left)
	}
	whole := p.run(0, "snapshot", "save", "half")
	if !strings.Contains(whole.stderr, "removed 1 unfinished snapshot that") {
		t.Errorf("save says %s", whole.stderr)
	}
}

func TestAnInterruptedRestoreGivesBackWhatItHasNotTouched(t *testing.T) {
	p, _ := worldly(t)
	p.run(0, "snapshot", "save", "whole")
	ended := p.interrupt(os.Interrupt, []string{"saving volume world: 67.1 MB"}, "snapshot", "restore", "whole")
	if ended.code != 130 || !strings.Contains(ended.stderr, "starting game again") {
		t.Errorf("exit code %d\n%s", ended.code, ended.stderr)
	}
	p.run(0, "up")
	ended = p.interrupt(os.Interrupt, []string{"restoring volume world: 67.1 MB"}, "snapshot", "restore", "whole")
	if ended.code != 130 || !strings.Contains(ended.stderr, "the restore is unfinished: `devenv snapshot restore whole` finishes it") {
		t.Errorf("exit code %d\n%s", ended.code, ended.stderr)
	}
	p.run(5, "up")
	p.run(0, "snapshot", "restore", "whole")
}
