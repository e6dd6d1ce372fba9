package compose

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatASmokeRunIsNotedToDoOtherwise(t *testing.T) {
	const apart = " in a smoke run, without what service \"game\" writes to its copy of "
	for behaviour, test := range map[string]struct{ services, want string }{
		"a folder that is read within one that another service writes": {
			`game: { image: a, volumes: [ ".:/app" ] }, web: { image: a, volumes: [ "./data:/www:ro", "./data:/more:ro" ] }`,
			"service \"web\": reads DIR/data of this machine" + apart + "DIR",
		},
		"one that is read around it": {
			`game: { image: a, volumes: [ "./data:/data" ] }, web: { image: a, volumes: [ ".:/www:ro" ] }`,
			"service \"web\": reads DIR of this machine" + apart + "DIR/data",
		},
		"a file that another service reads": {
			`game: { image: a, volumes: [ "./data/file:/file" ] }, web: { image: a, volumes: [ "./data/file:/file:ro" ] }`,
			"service \"web\": reads DIR/data/file of this machine" + apart + "DIR/data/file",
		},
		"a file that another service writes too": {
			`game: { image: a, volumes: [ "./data/file:/file" ] }, web: { image: a, volumes: [ "./data/file:/file" ] }`,
			"service \"web\": has a copy of DIR/data/file of its own" + apart + "DIR/data/file",
		},
		"a shared folder is shared": {
			`game: { image: a, volumes: [ "./data:/data" ] }, web: { image: a, volumes: [ "./data:/www:ro", "./more:/more:ro" ] }`, "",
		},
		"a container that is read_only": {
			`game: { image: a, read_only: true, volumes: [ "./data/file:/file" ] }`,
			"service \"game\": reads DIR/data/file and cannot write to it in a smoke run, since no copy of it can be made: the container is read_only",
		},
		"namespaces of the machine and its engine": {
			`game: { image: a, pid: host, ipc: host, uts: host, userns_mode: host, cgroup: host, privileged: true, use_api_socket: true, volumes: [ "./s:/run/podman.sock:ro" ] }`,
			"service \"game\": reaches outside of its universe: pid: host, ipc: host, uts: host, userns_mode: host, cgroup: host, privileged: true, use_api_socket: true, the engine by DIR/s",
		},
	} {
		t.Run(behaviour, func(t *testing.T) {
			dir := bindFolder(t, "services: { "+test.services+" }")
			isolated, err := plan(t, loadFrom(t, Source{ProjectDirectory: dir}), Request{}).Isolate(universe)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for line := range strings.Lines(strings.ReplaceAll(noted(isolated), dir, "DIR")) {
				line = strings.TrimSpace(strings.TrimPrefix(line, "note: "))
				if !strings.Contains(line, "a copy of DIR in a smoke") && !strings.HasSuffix(line, " in a smoke run") {
					got = append(got, line)
				}
			}
			if diff := cmp.Diff(test.want, strings.Join(got, "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLinksThatAreNotCopiedAreNoted(t *testing.T) {
	dir := folder(t, "-- lib/a --\nA\n-- compose.yaml --\nservices: { game: { image: a, volumes: [ \"./lib:/lib\" ] } }\n")
	for _, name := range []string{"a1", "b2", "c3", "d4", "e5"} {
		if err := os.Symlink("../../shared", filepath.Join(dir, "lib", name)); err != nil {
			t.Fatal(err)
		}
	}
	isolated, err := plan(t, loadFrom(t, Source{ProjectDirectory: dir}), Request{}).Isolate(universe)
	if err != nil {
		t.Fatal(err)
	}
	want := "the copy of " + dir + "/lib is without links that lead out of it and what is mounted in it: a1, b2, c3 and 2 more\n"
	if got := noted(isolated); !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
}

// Where a file cannot be copied to, it stays as it is and is only read.
func TestAFileThatCannotBeCopiedIsOnlyRead(t *testing.T) {
	for behaviour, test := range map[string]struct{ service, want string }{
		"in a container that is read_only": {
			"read_only: true, volumes: [ './data/file:/file' ]", "the container is read_only"},
		"but there in a volume it is copied": {
			"read_only: true, volumes: [ './data/file:/world/file', '/world' ]", ""},
		"and in a folder that is one": {
			"read_only: true, volumes: [ '.:/app', './data/file:/app/deep/file' ]", ""},
		"below a tmpfs": {
			"tmpfs: [ '/run/g/:size=1m' ], volumes: [ './data/file:/run/g/x/file' ]", "its folder is in memory"},
		"below one that is mounted": {
			"volumes: [ { type: tmpfs, target: /run }, './data/file:/run/file' ]", "its folder is in memory"},
		"below a volume in a tmpfs it is copied": {
			"tmpfs: [ /run ], volumes: [ '/run/v', './data/file:/run/v/file' ]", ""},
		"in what the kernel shows": {
			"volumes: [ './data/file:/dev/shm/file' ]", "its folder is in memory"},
		"in a folder that is only read": {
			"volumes: [ './more:/app:ro', './data/file:/app/file' ]", "its folder is only read"},
		"in a folder that stays": {
			"volumes: [ '/dev:/host', './data/file:/host/file' ]", "its folder is one of this machine"},
	} {
		t.Run(behaviour, func(t *testing.T) {
			dir := bindFolder(t, "services: { game: { image: a, "+test.service+" } }")
			isolated, err := plan(t, loadFrom(t, Source{ProjectDirectory: dir}), Request{}).Isolate(universe)
			if err != nil {
				t.Fatal(err)
			}
			got := mounted(isolated, dir)
			isBound := strings.Contains(got, ": bind DIR/data/file ro\n") && strings.Contains(got, "made: "+test.want)
			isCopied := strings.Contains(got, "upload game DIR/data/file to ")
			if isBound != (test.want != "") || isCopied == isBound {
				t.Error(got)
			}
			if told := strings.Contains(isolated.String(), ".read_only false -> true ("+test.want+")"); told != isBound {
				t.Error(isolated)
			}
		})
	}
}

func TestTheWholeMachineIsRefusedToBeWrittenTo(t *testing.T) {
	dir := folder(t, "-- compose.yaml --\nservices:\n  game:\n    image: a\n    volumes: [ \"/:/host\" ]\n  watcher: { image: a, volumes: [ \"/:/host:ro\" ] }\n")
	_, err := plan(t, loadFrom(t, Source{ProjectDirectory: dir}), Request{}).Isolate(universe)
	want := `compose.yaml:4: service "game": a smoke run works on a copy of /: it is all of this machine
  hint: mount it read_only, mount only the part of it that the service writes to, or override volumes for the profile
`
	if diff := cmp.Diff(want, told(err, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFilesInSharedMemoryAreData(t *testing.T) {
	for source, want := range map[string]bool{
		"/dev": true, "/dev/null": true, "/proc/1": true, "/sys": true, "/dev/shm": true, "/dev/shm/mud": false, "/devel": false, "/srv/dev": false,
	} {
		if isKernels(source) != want {
			t.Errorf("%s: %v, want %v", source, !want, want)
		}
	}
}
