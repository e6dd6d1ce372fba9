package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"devenv/compose"
	"devenv/internal/console"

	"github.com/urfave/cli/v2"
)

// Readline takes = for the end of a word, so the words are taken from the line.
const bashCompletion = `# devenv completion for bash: source <(devenv completion bash)
_devenv() {
  local line="${COMP_LINE:0:COMP_POINT}" cur words
  cur="${line##*[[:space:]]}"
  read -ra words <<<"${line%"$cur"}"
  [[ "$cur" == -* ]] && words+=("$cur")
  COMPREPLY=($(compgen -W "$("${words[@]}" --generate-completion 2>/dev/null)" -- "$cur"))
  [[ "$cur" == *=* && "$COMP_WORDBREAKS" == *=* ]] && COMPREPLY=("${COMPREPLY[@]#"${cur%=*}="}")
  return 0
}
complete -o bashdefault -o default -F _devenv devenv
`

const zshCompletion = `#compdef devenv
# devenv completion for zsh: source <(devenv completion zsh)
_devenv() {
  local -a replies words_before
  words_before=("${(@)words[1,CURRENT-1]}")
  [[ "${words[CURRENT]}" == -* ]] && words_before+=("${words[CURRENT]}")
  replies=("${(@f)$("${words_before[@]}" --generate-completion 2>/dev/null)}")
  _describe 'devenv' replies
}
compdef _devenv devenv
`

const fishCompletion = `# devenv completion for fish: devenv completion fish > ~/.config/fish/completions/devenv.fish
function __devenv_complete
  set -l words (commandline -opc)
  set -l cur (commandline -ct)
  string match -q -- '-*' $cur; and set -a words $cur
  set -l replies ($words --generate-completion 2>/dev/null)
  if test (count $replies) -gt 0
    printf '%s\n' $replies
  else
    __fish_complete_path $cur
  end
end
complete -c devenv -f -a '(__devenv_complete)'
`

func completionCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print the completion script of a shell",
		ArgsUsage: "bash|zsh|fish",
		Description: `Example:
  source <(devenv completion bash)
  devenv completion fish > ~/.config/fish/completions/devenv.fish`,
		Action: func(c *cli.Context) error {
			script := ""
			switch c.Args().First() {
			case "bash":
				script = bashCompletion
			case "zsh":
				script = zshCompletion
			case "fish":
				script = fishCompletion
			default:
				return errUsage(c, "completion: want bash, zsh or fish, have %q", c.Args().First())
			}
			return writeAll(w.stdout, []byte(script))
		},
	}
}

// values are the words that some options take; files are left to the shell.
var values = map[string][]string{
	"format":      {"text", "json"},
	"progress":    {"auto", "tty", "plain", "quiet"},
	"charset":     console.Charsets,
	"annotations": {"auto", "github", "gitlab", "off"},
	"mssp":        {"auto", "off", "required", "ask", "plain"},
	"ports":       {"auto", "fixed"},
}

// complete writes what can follow the words of a command line. The last one is
// what stands before the cursor, or an option that is being written.
func (w world) complete(ctx context.Context, words []string, commands []*cli.Command) {
	command, _ := findCommand(words, commands)
	last := ""
	if len(words) > 0 {
		last = words[len(words)-1]
	}
	known := optionsOf(command, commands)
	switch option := strings.TrimLeft(last, "-"); {
	case strings.HasPrefix(last, "-") && takesNext(last, known) && !(len(option) == 1 && strings.HasPrefix(last, "--")):
		w.completeValue(ctx, option, words)
	case strings.HasPrefix(last, "-"):
		for _, f := range known {
			fmt.Fprintln(w.stdout, "--"+f.Names()[0])
		}
	case command == nil, command.Name == "help":
		for _, c := range commands {
			fmt.Fprintln(w.stdout, c.Name)
		}
	case command.Name == "completion":
		fmt.Fprintln(w.stdout, "bash\nzsh\nfish")
	case passesOn(words, command):
	case command.Name == "snapshot":
		_, after := split(words[slices.Index(words, command.Name)+1:], known)
		w.completeSnapshots(ctx, words, after)
	case command.ArgsUsage != "":
		w.completeNames(ctx, words, (*compose.Project).ServiceNames, "")
	}
}

// optionsOf are the options of a command; before it, those of any.
func optionsOf(command *cli.Command, commands []*cli.Command) []cli.Flag {
	if command != nil {
		return command.Flags
	}
	for _, c := range commands {
		if c.Name == "up" {
			return c.Flags
		}
	}
	return nil
}

func (w world) completeValue(ctx context.Context, option string, words []string) {
	switch option {
	case "profile":
		w.completeNames(ctx, words, (*compose.Project).Profiles, "")
	case "target":
		w.completeNames(ctx, words, (*compose.Project).Targets, "")
	default:
		for _, value := range values[option] {
			fmt.Fprintln(w.stdout, value)
		}
	}
}

// completeNames offers names of the project that the words mean.
func (w world) completeNames(ctx context.Context, words []string, names func(*compose.Project) []string, after string) {
	source := compose.Source{Environment: w.environment}
	for i := 0; i+1 < len(words); i++ {
		switch strings.TrimLeft(words[i], "-") {
		case "file", "f":
			source.Files = append(source.Files, words[i+1])
		case "project-directory":
			source.ProjectDirectory = words[i+1]
		case "env-file":
			source.EnvFiles = append(source.EnvFiles, words[i+1])
		}
	}
	project, err := compose.Load(ctx, source)
	if err != nil {
		return
	}
	for _, name := range names(project) {
		fmt.Fprintln(w.stdout, name+after)
	}
}
