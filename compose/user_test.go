package compose

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ours is a folder of a project that belongs to a user who is not root, and that user.
func ours(t *testing.T, archive string) (dir string, user Owner) {
	t.Helper()
	dir = folder(t, archive)
	user = Owner{User: os.Getuid(), Group: os.Getgid()}
	if user.User == 0 {
		user = Owner{User: 1000, Group: 1000}
		give(t, dir, user)
	}
	return dir, user
}

func give(t *testing.T, dir string, user Owner) {
	t.Helper()
	for _, name := range tree(t, dir) {
		if err := os.Lchown(name, user.User, user.Group); err != nil {
			t.Fatal(err)
		}
	}
}

const served = `
-- data/file --
1
-- compose.yaml --
x-devenv: { profiles: { ci: { like: dev }, qa: {} } }
services:
  game:
    image: a
    volumes: [ "build:/app/_build" ]
    ports: [ "4000" ]
    %s
    x-devenv: { %s profiles: { dev: { override: { volumes: [ %s ] } }, prod: { override: { volumes: [ ".:/app" ] } }, qa: { override: { volumes: [ ".:/app" ] } } } }
  idle: { image: b, volumes: [ ".:/app" ] }
volumes: { build: }
`

func TestWhoRunsAsTheUser(t *testing.T) {
	tests := map[string]struct {
		service, settings, bind, profile string
		want                             string // user and HOME of the service
	}{
		"in dev, what writes to a folder of the project": {want: "ME /tmp"},
		"in a profile like dev":                          {profile: "ci", want: "ME /tmp"},
		"not in another profile":                         {profile: "qa"},
		"not in prod":                                    {profile: "prod"},
		"in any profile, when the author says so":        {settings: "user: host,", profile: "prod", want: "ME /tmp"},
		"not when the author says image":                 {settings: "user: image,"},
		"not when the author names a user":               {service: "user: root", want: "root "},
		"nor where x-devenv names another":               {service: "user: root", settings: "user: host,", want: "root "},
		"a HOME of the author stays":                     {service: "environment: { HOME: /home }", want: "ME /home"},
		"not what only reads":                            {bind: `".:/app:ro"`},
		"nor what writes elsewhere":                      {bind: `"../other:/app"`},
		"nor to a folder of somebody else":               {bind: `"./theirs:/app"`},
		"nor to a file":                                  {bind: `"./data/file:/app/file"`},
		"nor where the container is for reading only":    {service: "read_only: true"},
		"a folder that is yet to be made counts":         {bind: `"./new/folder:/app"`, want: "ME /tmp"},
	}
	for behaviour, tt := range tests {
		t.Run(behaviour, func(t *testing.T) {
			bind := tt.bind
			if bind == "" {
				bind = `".:/app"`
			}
			dir, me := ours(t, fmt.Sprintf(served, tt.service, tt.settings, bind))
			if err := os.Symlink("/", filepath.Join(dir, "theirs")); err != nil {
				t.Fatal(err)
			}
			p := plan(t, loadFrom(t, Source{ProjectDirectory: dir}).For(me), Request{Profile: tt.profile})
			want := strings.ReplaceAll(tt.want, "ME", fmt.Sprintf("%d:%d", me.User, me.Group))
			if got := runsAs(p, "game"); strings.TrimSpace(got) != strings.TrimSpace(want) {
				t.Errorf("runs as %q, want %q", got, want)
			}
			if got := runsAs(p, "idle"); got != " " {
				t.Errorf("a service about which the profile decides nothing runs as %q", got)
			}
		})
	}
}

// runsAs is the user and the HOME of a service.
func runsAs(p *Plan, service string) string {
	s, home := p.Model.Services[service], ""
	if h := s.Environment["HOME"]; h != nil {
		home = *h
	}
	return s.User + " " + home
}

func TestRootChangesNothing(t *testing.T) {
	p := load(t, fmt.Sprintf(served, "", "user: host,", `".:/app"`))
	if diff := cmp.Diff(plan(t, p, Request{}).String(), plan(t, p.For(Owner{}), Request{}).String()); diff != "" {
		t.Error(diff)
	}
}

func TestUserOfXDevenvIsStrict(t *testing.T) {
	_, err := loadFault(t, fmt.Sprintf(served, "", "user: me,", `".:/app"`))
	if err == nil || !strings.Contains(err.Error(), `user: "me" is not known`) {
		t.Errorf("got %v", err)
	}
}

func TestAPlanAsTheImageSaysIsTheOneOfRoot(t *testing.T) {
	dir, me := ours(t, fmt.Sprintf(served, "", "", `".:/app"`))
	project := loadFrom(t, Source{ProjectDirectory: dir})
	mine := plan(t, project.For(me), Request{})
	before := rendered(t, mine)
	if diff := cmp.Diff(rendered(t, plan(t, project, Request{})), rendered(t, mine.AsImage(mine.AsUsers()))); diff != "" {
		t.Errorf("(-root +as the image says):\n%s", diff)
	}
	if diff := cmp.Diff(before, rendered(t, mine)); diff != "" {
		t.Errorf("the plan changed:\n%s", diff)
	}
}

func TestASmokeRunRunsAsImagesSay(t *testing.T) {
	dir, me := ours(t, fmt.Sprintf(served, "", "user: host,", `".:/app"`))
	p := plan(t, loadFrom(t, Source{ProjectDirectory: dir}).For(me), Request{})
	isolated, err := p.Isolate(universe)
	if err != nil {
		t.Fatal(err)
	}
	if got := runsAs(isolated, "game"); got != " " || len(isolated.AsUsers()) > 0 {
		t.Errorf("runs as %q", got)
	}
}

func TestHindrance(t *testing.T) {
	me := Owner{User: 1000, Group: 1000}
	volume := func(root MountRoot) Survey { return Survey{Volumes: map[string]MountRoot{"/data": root}} }
	tests := map[string]struct {
		survey Survey
		said   bool
		want   string // "-" is none, "" is one that is not told
	}{
		"an image of root, and nothing there yet":        {want: "-"},
		"an engine that maps users":                      {survey: Survey{MapsUsers: true}},
		"an engine that maps users, whatever is said":    {survey: Survey{MapsUsers: true}, said: true},
		"an image of root by name":                       {survey: Survey{User: "root:staff"}, want: "-"},
		"an image with a user of its own":                {survey: Survey{User: "app"}, want: `its image runs as "app"`},
		"an image that runs as the user":                 {survey: Survey{User: "1000:5"}},
		"a volume that is empty":                         {survey: volume(MountRoot{Volume: "v"}), want: "-"},
		"a volume of the user":                           {survey: volume(MountRoot{Volume: "v", Owner: 1000, Filled: true}), want: "-"},
		"a volume of the user with files of root":        {survey: volume(MountRoot{Volume: "v", Owner: 1000, Filled: true, OfRoot: true}), want: "volume v has files that are not yours; `devenv down --volumes` removes it"},
		"a volume of root":                               {survey: volume(MountRoot{Volume: "v", Filled: true}), want: "volume v has files that are not yours; `devenv down --volumes` removes it"},
		"a volume of somebody else":                      {survey: volume(MountRoot{Volume: "v", Owner: 70}), want: "volume v has files that are not yours; `devenv down --volumes` removes it"},
		"a volume that the image fills":                  {survey: volume(MountRoot{Filled: true}), want: "its image fills the volume at /data with files that are not yours"},
		"tools of root":                                  {survey: Survey{Home: []string{".bashrc", ".mix"}}, want: "its image keeps .mix in the home of root, where you cannot find it"},
		"a home as any image has it":                     {survey: Survey{Home: []string{".bashrc", ".profile"}}, want: "-"},
		"whatever it is, when the author wants the user": {survey: Survey{User: "app", Home: []string{".mix"}}, said: true, want: "-"},
	}
	for behaviour, tt := range tests {
		t.Run(behaviour, func(t *testing.T) {
			a := AsUser{Owner: me, Said: tt.said, Volumes: []MountedVolume{{Name: "v", Target: "/data"}}}
			why, hindered := a.Hindrance(tt.survey)
			if !hindered && why == "" {
				why = "-"
			}
			if why != tt.want {
				t.Errorf("%q, want %q", why, tt.want)
			}
		})
	}
}

func TestAFileOfRootInTheFolderHinders(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make a file of root")
	}
	dir, me := ours(t, fmt.Sprintf(served, "", "", `".:/app"`))
	p := plan(t, loadFrom(t, Source{ProjectDirectory: dir}).For(me), Request{})
	game, _ := p.Service("game")
	if err := os.Mkdir(filepath.Join(dir, "_build"), 0o755); err != nil {
		t.Fatal(err)
	}
	if why, hindered := game.AsUser.Hindrance(Survey{}); hindered {
		t.Errorf("the place of a volume hinders: %s", why)
	}
	write(t, filepath.Join(dir, "data", "log"), "")
	why, _ := game.AsUser.Hindrance(Survey{})
	if want := filepath.Join(dir, "data/log") + " belongs to root; `sudo chown -R 1000:1000 " + dir + "` makes it yours"; why != want {
		t.Errorf("%q, want %q", why, want)
	}
}

func TestFoldersToMountAtAreMade(t *testing.T) {
	dir, me := ours(t, fmt.Sprintf(served, "tmpfs: [ /app/tmp ]", "", `"./new:/app", "./data/file:/app/conf/file"`))
	p := plan(t, loadFrom(t, Source{ProjectDirectory: dir}).For(me), Request{})
	game, _ := p.Service("game")
	game.AsUser.MakeFolders()
	var made []string
	for _, name := range tree(t, filepath.Join(dir, "new")) {
		made = append(made, strings.TrimPrefix(name, dir+"/"))
	}
	if diff := cmp.Diff([]string{"new", "new/_build", "new/tmp"}, made); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
