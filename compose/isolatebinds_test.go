package compose

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mounted is what the services of a plan mount, its uploads and its notes.
func mounted(p *Plan, dir string) string {
	var b strings.Builder
	for _, name := range p.Model.ServiceNames() {
		for _, m := range p.Model.Services[name].Volumes {
			access := "rw"
			if m.ReadOnly {
				access = "ro"
			}
			if m.Volume != nil && m.Volume.NoCopy {
				access += " nocopy"
			}
			fmt.Fprintf(&b, "%s %s: %s %s %s\n", name, m.Target, m.Type, m.Source, access)
		}
	}
	for _, u := range p.Uploads {
		fmt.Fprintf(&b, "upload %s %s to %s %v\n", u.Service, u.Source, u.Target, u.Hidden)
	}
	b.WriteString(noted(p))
	return strings.ReplaceAll(b.String(), dir, "DIR")
}

// noted are the notes of a plan.
func noted(p *Plan) string {
	var b strings.Builder
	for _, note := range p.Notes[1:] { // the first says that nothing is telnet
		b.WriteString("note: " + note + "\n")
	}
	return b.String()
}

func TestIsolatedBinds(t *testing.T) {
	for behaviour, test := range map[string]struct{ services, want string }{
		"what is only read stays": {
			`game: { image: a, volumes: [ "./data:/data:ro", "./data/file:/file:ro" ] }`,
			"game /data: bind DIR/data ro\ngame /file: bind DIR/data/file ro\n",
		},
		"a folder is copied to a volume": {
			`game: { image: a, volumes: [ "./data:/data" ] }`,
			"game /data: volume copy-data rw nocopy\nupload game DIR/data to /data []\n" +
				"note: service \"game\": works on a copy of DIR/data in a smoke run\n",
		},
		"without what something else is mounted over": {
			`game: { image: a, tmpfs: [ "/app/tmp:size=1m" ], secrets: [ { source: pw, target: /app/pw } ], configs: [ { source: site, target: /app/etc/site } ], volumes: [ ".:/app", /app/_build, "./data:/app/data:ro", "./data/file:/application" ] }`,
			"game /app: volume copy-mud rw nocopy\ngame /app/_build: volume  rw\ngame /app/data: bind DIR/data ro\n" +
				"upload game DIR to /app [/app/_build /app/data /app/etc/site /app/pw /app/tmp]\n" +
				"upload game DIR/data/file to /application []\n" +
				"note: service \"game\": writes to a copy of DIR/data/file in a smoke run\n" +
				"note: service \"game\": works on a copy of DIR in a smoke run\n",
		},
		"those who share a folder share its volume, and the one who hides least of it gets the copy": {
			`bot: { image: a, volumes: [ "./data:/b", /b/x ] }, game: { image: a, volumes: [ "./data/../data:/g" ] }, web: { image: a, volumes: [ "./data:/w:ro", "./link:/link" ] }`,
			"bot /b: volume copy-data rw nocopy\nbot /b/x: volume  rw\ngame /g: volume copy-data rw nocopy\n" +
				"web /w: volume copy-data ro nocopy\nweb /link: volume copy-data rw nocopy\n" +
				"upload game DIR/data to /g []\n" +
				"note: service \"bot\": works on a copy of DIR/data in a smoke run\n",
		},
		"a file is copied into the container": {
			`game: { image: a, volumes: [ "./data/file:/etc/game.conf" ] }`,
			"upload game DIR/data/file to /etc/game.conf []\n" +
				"note: service \"game\": writes to a copy of DIR/data/file in a smoke run\n",
		},
		"a folder that is not there is empty, and is not made": {
			`game: { image: a, volumes: [ "./nowhere:/data", "./nothing:/ro:ro" ] }`,
			"game /data: volume copy-nowhere rw nocopy\ngame /ro: volume copy-nothing ro nocopy\n" +
				"note: service \"game\": DIR/nothing does not exist; a smoke run has an empty volume instead\n" +
				"note: service \"game\": DIR/nowhere does not exist; a smoke run has an empty volume instead\n",
		},
		"one that Compose must not make is left to the engine to refuse": {
			`game: { image: a, volumes: [ { type: bind, source: ./nowhere, target: /data, bind: { create_host_path: false } } ] }`,
			"game /data: bind DIR/nowhere rw\n",
		},
		"sockets and what the kernel shows stay": {
			`game: { image: a, volumes: [ "./s:/var/run/docker.sock", "/dev:/dev", "/proc:/host/proc", "/sys/class:/sys/class", "/dev/null:/null" ] }`,
			"game /var/run/docker.sock: bind DIR/s rw\ngame /dev: bind /dev rw\ngame /host/proc: bind /proc rw\n" +
				"game /sys/class: bind /sys/class rw\ngame /null: bind /dev/null rw\n" +
				"note: service \"game\": reaches outside of its universe: the engine by DIR/s\n",
		},
		"folders one within the other are copied apart": {
			`bot: { image: a, volumes: [ "./data:/b" ] }, game: { image: a, volumes: [ ".:/app" ] }`,
			"bot /b: volume copy-data rw nocopy\ngame /app: volume copy-mud rw nocopy\n" +
				"upload bot DIR/data to /b []\nupload game DIR to /app []\n" +
				"note: service \"game\": works on a copy of DIR in a smoke run\n" +
				"note: service \"bot\": works on a copy of DIR/data in a smoke run\n" +
				"note: DIR and DIR/data are copied apart: what a smoke run writes to one is not seen in the other\n",
		},
		"folders of the same name have volumes of their own": {
			`game: { image: a, volumes: [ "./data:/1", "./more/data:/2" ] }`,
			"game /1: volume copy-data rw nocopy\ngame /2: volume copy-data-2 rw nocopy\n" +
				"upload game DIR/data to /1 []\nupload game DIR/more/data to /2 []\n" +
				"note: service \"game\": works on a copy of DIR/data in a smoke run\n" +
				"note: service \"game\": works on a copy of DIR/more/data in a smoke run\n",
		},
	} {
		t.Run(behaviour, func(t *testing.T) {
			dir := bindFolder(t, "services: { "+test.services+" }")
			before := tree(t, dir)
			p := plan(t, loadFrom(t, Source{ProjectDirectory: dir}), Request{})
			isolated, err := p.Isolate(universe)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, mounted(isolated, dir)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
				t.Errorf("the folder of the project changed (-before +after):\n%s", diff)
			}
		})
	}
}

// bindFolder is a project with folders, files, a link and a socket.
func bindFolder(t *testing.T, services string) string {
	t.Helper()
	dir := folder(t, "-- data/file --\n1\n-- more/data/file --\n2\n-- compose.yaml --\n"+services+`
secrets: { pw: { file: ./data/file } }
configs: { site: { content: x } }
`)
	if err := os.Symlink("data", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir) // the path of a socket must be short
	l, err := net.Listen("unix", "s")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return dir
}

func tree(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(name string, _ os.DirEntry, err error) error {
		names = append(names, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestAVolumeOfACopyHasNameAndLabels(t *testing.T) {
	isolated := isolate(t, "-- data/a --\n1\n-- compose.yaml --\nservices: { game: { image: a, volumes: [ \"./data:/data\" ] } }\n")
	if got, want := excerpt(t, isolated, "volumes/copy-data"), `{`+someLabels+`,"name":"smoke-1_copy-data"}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestAFolderThatIsTooLargeIsRefused(t *testing.T) {
	dir := folder(t, "-- data/a --\n1\n-- compose.yaml --\nservices:\n  game:\n    image: a\n    volumes: [ \"./data:/data\", \"./data:/over\", /over/huge ]\n")
	if err := os.Truncate(filepath.Join(dir, "data/a"), MaxUpload+1); err != nil {
		t.Fatal(err)
	}
	_, err := plan(t, loadFrom(t, Source{ProjectDirectory: dir}), Request{}).Isolate(universe)
	want := `compose.yaml:4: service "game": a smoke run works on a copy of data: it holds more than 1 GiB
  hint: mount it read_only, mount only the part of it that the service writes to, or override volumes for the profile
`
	if diff := cmp.Diff(want, told(err, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
