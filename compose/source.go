package compose

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/errdefs"
	"github.com/compose-spec/compose-go/v2/loader"
)

// A Source says where the project is declared. Its fields mean what the
// options of the same name mean to docker compose.
type Source struct {
	Files            []string // -f; "-" is standard input
	ProjectDirectory string   // --project-directory
	ProjectName      string   // --project-name
	EnvFiles         []string // --env-file
	Environment      []string // of the process, as KEY=value
}

// options puts the source in the order in which docker compose applies it:
// the process environment wins, then .env; COMPOSE_FILE, then the default
// names upwards from the working directory; then the .env beside the file.
func (s Source) options() (*cli.ProjectOptions, error) {
	if s.ProjectName != loader.NormalizeProjectName(s.ProjectName) {
		return nil, &UsageError{
			Err: loader.InvalidProjectNameErr(s.ProjectName),
			Fix: "give --project-name a name such as " + cmp.Or(loader.NormalizeProjectName(s.ProjectName), "mud"),
		}
	}
	if err := s.directory(); err != nil {
		return nil, err
	}
	o, err := cli.NewProjectOptions(s.Files,
		cli.WithWorkingDirectory(s.ProjectDirectory),
		cli.WithEnv(s.Environment),
		cli.WithEnvFiles(s.envFiles()...),
		cli.WithDotEnv,
		cli.WithConfigFileEnv,
		cli.WithDefaultConfigPath,
		cli.WithEnvFiles(s.envFiles()...),
		cli.WithDotEnv,
		cli.WithDefaultProfiles(),
		cli.WithName(s.ProjectName),
		cli.WithResolvedPaths(true),
		cli.WithoutEnvironmentResolution,
	)
	if err != nil {
		return nil, sourceError(s.ProjectDirectory, err)
	}
	return o, nil
}

// directory is the rule that --project-directory is one.
func (s Source) directory() error {
	const fix = "name an existing folder with --project-directory DIR"
	if s.ProjectDirectory == "" {
		return nil
	}
	info, err := os.Stat(s.ProjectDirectory)
	if errors.Is(err, fs.ErrNotExist) {
		return &FileError{Where: s.ProjectDirectory, Err: errors.New("no such directory"), Fix: fix}
	}
	if err != nil {
		return &FileError{Err: err, Fix: fix}
	}
	if !info.IsDir() {
		return &FileError{Where: s.ProjectDirectory, Err: errors.New("is not a directory"), Fix: fix}
	}
	return nil
}

// envFiles is --env-file, else COMPOSE_ENV_FILES.
func (s Source) envFiles() []string {
	if len(s.EnvFiles) > 0 {
		return s.EnvFiles
	}
	for _, kv := range s.Environment {
		if list, ok := strings.CutPrefix(kv, "COMPOSE_ENV_FILES="); ok {
			return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
		}
	}
	return nil
}

// ErrNoFile is a folder without a project.
var ErrNoFile = errors.New("no compose file here or in a folder above")

// sourceError names the file or folder that could not be read.
func sourceError(dir string, err error) error {
	if !errors.Is(err, errdefs.ErrNotFound) {
		return &FileError{Err: withoutValues(err), Fix: "check the paths given to -f, --project-directory, --env-file, COMPOSE_FILE and COMPOSE_ENV_FILES"}
	}
	return &FileError{
		Where: dir,
		Err:   ErrNoFile,
		Fix:   "go to the folder of compose.yaml, or name it with -f FILE or --project-directory DIR",
	}
}
