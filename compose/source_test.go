package compose

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What docker compose takes from its options, environment and files, devenv
// takes in the same order. Each project tells by its name, or by the image of
// its game, what it was read from.
func TestSource(t *testing.T) {
	const archive = `
-- compose.yaml --
services: { game: { image: "${IMAGE:-default}" } }
-- compose.override.yaml --
services: { game: { command: override } }
-- other.yaml --
name: from-file
services: { game: { image: other } }
-- third.yaml --
services: { game: { image: third } }
-- .env --
IMAGE=dot-env
-- a.env --
IMAGE=a
-- b.env --
IMAGE=b
COMPOSE_PROJECT_NAME=from-b
-- c.env --
DEVENV_PROFILE=prod
COMPOSE_FILE=third.yaml
-- sub/deep/.keep --
`
	tests := map[string]struct {
		source           func(dir string) Source
		name, image, cmd string // "" is not asked
	}{
		"the folder gives file, override file, .env and name": {
			func(dir string) Source { return Source{ProjectDirectory: dir} },
			"mud", "dot-env", "override",
		},
		"a folder below finds the file above": {
			func(dir string) Source { return Source{ProjectDirectory: dir + "/sub/deep"} },
			"", "default", "override",
		},
		"the process wins over .env": {
			func(dir string) Source { return Source{ProjectDirectory: dir, Environment: []string{"IMAGE=process"}} },
			"mud", "process", "override",
		},
		"--env-file replaces .env, the last one wins": {
			func(dir string) Source {
				return Source{ProjectDirectory: dir, EnvFiles: []string{dir + "/a.env", dir + "/b.env"}, Environment: []string{"COMPOSE_ENV_FILES=nope"}}
			},
			"from-b", "b", "override",
		},
		"COMPOSE_ENV_FILES": {
			func(dir string) Source {
				return Source{ProjectDirectory: dir, Environment: []string{"COMPOSE_ENV_FILES=" + dir + "/b.env," + dir + "/a.env"}}
			},
			"from-b", "a", "override",
		},
		"-f leaves the override file out": {
			func(dir string) Source { return Source{Files: []string{dir + "/compose.yaml"}} },
			"mud", "dot-env", "",
		},
		"COMPOSE_FILE with several files": {
			func(dir string) Source {
				return Source{ProjectDirectory: dir, Environment: []string{"COMPOSE_FILE=" + dir + "/compose.yaml:" + dir + "/other.yaml"}}
			},
			"from-file", "other", "",
		},
		"COMPOSE_FILE with another separator": {
			func(dir string) Source {
				return Source{ProjectDirectory: dir, Environment: []string{"COMPOSE_PATH_SEPARATOR=;", "COMPOSE_FILE=" + dir + "/other.yaml;" + dir + "/third.yaml"}}
			},
			"from-file", "third", "",
		},
		"-f wins over COMPOSE_FILE": {
			func(dir string) Source {
				return Source{Files: []string{dir + "/third.yaml"}, Environment: []string{"COMPOSE_FILE=" + dir + "/other.yaml"}}
			},
			"mud", "third", "",
		},
		"name: wins over the folder": {
			func(dir string) Source { return Source{Files: []string{dir + "/other.yaml"}} },
			"from-file", "other", "",
		},
		"COMPOSE_PROJECT_NAME wins over name:": {
			func(dir string) Source {
				return Source{Files: []string{dir + "/other.yaml"}, Environment: []string{"COMPOSE_PROJECT_NAME=from-env"}}
			},
			"from-env", "other", "",
		},
		"--project-name wins over all": {
			func(dir string) Source {
				return Source{Files: []string{dir + "/other.yaml"}, ProjectName: "asked", Environment: []string{"COMPOSE_PROJECT_NAME=from-env"}}
			},
			"asked", "other", "",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := loadFrom(t, test.source(folder(t, archive)))
			game := plan(t, p, Request{}).Model.Services["game"]
			if got := p.Name; test.name != "" && got != test.name {
				t.Errorf("project %q, want %q", got, test.name)
			}
			if game.Image != test.image {
				t.Errorf("image %q, want %q", game.Image, test.image)
			}
			if got := strings.Join(game.Command, " "); got != test.cmd {
				t.Errorf("command %q, want %q", got, test.cmd)
			}
		})
	}
}

func TestSourceFromStandardInput(t *testing.T) {
	dir := folder(t, "-- compose.yaml --\nname: stdin\nservices:\n  game:\n    image: a\n    environment: { GONE: x }\n    x-devenv: { profiles: { dev: { override: { environment: !reset null, volumes: [ \".:/app\" ] } } } }\n")
	file, err := os.Open(dir + "/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	stdin := os.Stdin
	os.Stdin = file // compose-go reads no other
	defer func() { os.Stdin = stdin }()

	game := plan(t, loadFrom(t, Source{Files: []string{"-"}, ProjectDirectory: dir}), Request{}).Model.Services["game"]
	if len(game.Environment) != 0 || len(game.Volumes) != 1 || game.Volumes[0].Source != dir {
		t.Errorf("environment %v, volumes %v", game.Environment, game.Volumes)
	}
}

func TestSourceFaults(t *testing.T) {
	tests := map[string]struct {
		source Source
		want   string
	}{
		"no compose file": {
			Source{ProjectDirectory: "DIR"},
			"no compose file here or in a folder above\n  hint: go to the folder of compose.yaml, or name it with -f FILE or --project-directory DIR\n",
		},
		"a file that is not there": {
			Source{Files: []string{"DIR/nope.yaml"}},
			"open nope.yaml: no such file or directory\n  hint: check the paths given to -f, --project-directory, --env-file, COMPOSE_FILE and COMPOSE_ENV_FILES\n",
		},
		"a project directory that is not there": {
			Source{ProjectDirectory: "DIR/nodir"},
			"nodir: no such directory\n  hint: name an existing folder with --project-directory DIR\n",
		},
		"a project directory that is a file": {
			Source{ProjectDirectory: "/dev/null"},
			"/dev/null: is not a directory\n  hint: name an existing folder with --project-directory DIR\n",
		},
		"an env file that is not there": {
			Source{ProjectDirectory: "DIR", EnvFiles: []string{"DIR/nope.env"}},
			"couldn't find env file: nope.env\n  hint: check the paths given to -f, --project-directory, --env-file, COMPOSE_FILE and COMPOSE_ENV_FILES\n",
		},
		"a project name that is none": {
			Source{ProjectDirectory: "DIR", ProjectName: "My Mud"},
			"invalid project name \"My Mud\": must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number\n  hint: give --project-name a name such as mymud\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			in := func(s string) string { return strings.ReplaceAll(s, "DIR", dir) }
			for _, list := range [][]string{test.source.Files, test.source.EnvFiles} {
				for i := range list {
					list[i] = in(list[i])
				}
			}
			test.source.ProjectDirectory = in(test.source.ProjectDirectory)
			_, err := Load(t.Context(), test.source)
			if err == nil {
				t.Fatal("no fault")
			}
			if diff := cmp.Diff(test.want, strings.TrimPrefix(told(err, dir), dir+": ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var file *FileError
			var usage *UsageError
			if !errors.As(err, &file) && !errors.As(err, &usage) {
				t.Errorf("%T has no exit code", err)
			}
		})
	}
}

// Files are told as absolute paths, in the order of the merge.
func TestProjectFiles(t *testing.T) {
	dir := folder(t, "-- compose.yaml --\nservices: { game: { image: a } }\n-- compose.override.yml --\nservices: { game: { tty: true } }\n")
	p := loadFrom(t, Source{ProjectDirectory: dir})
	if want := []string{dir + "/compose.yaml", dir + "/compose.override.yml"}; !slices.Equal(p.Files, want) {
		t.Errorf("files %v, want %v", p.Files, want)
	}
	if got := plan(t, p, Request{}).Model.ComposeFiles; !slices.Equal(got, p.Files) {
		t.Errorf("model has %v", got)
	}
}
