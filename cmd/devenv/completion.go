package main

import (
	"fmt"
	"strings"

	"devenv/compose"

	"github.com/urfave/cli/v2"
)

const bashCompletion = `# devenv completion for bash: source <(devenv completion bash)
_devenv() {
  local cur="${COMP_WORDS[COMP_CWORD]}" words=("${COMP_WORDS[@]:0:COMP_CWORD}")
  [[ "$cur" == -* ]] && words+=("$cur")
  COMPREPLY=($(compgen -W "$("${words[@]}" --generate-bash-completion 2>/dev/null)" -- "$cur"))
}
complete -o bashdefault -o default -F _devenv devenv
`

const zshCompletion = `#compdef devenv
# devenv completion for zsh: source <(devenv completion zsh)
_devenv() {
  local -a replies words_before
  words_before=("${(@)words[1,CURRENT-1]}")
  [[ "${words[CURRENT]}" == -* ]] && words_before+=("${words[CURRENT]}")
  replies=("${(@f)$("${words_before[@]}" --generate-bash-completion 2>/dev/null)}")
  _describe 'devenv' replies
}
compdef _devenv devenv
`

func completionCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print the completion script of a shell",
		ArgsUsage: "bash|zsh|fish",
		Description: `Example:
  source <(devenv completion bash)
  devenv completion fish > ~/.config/fish/completions/devenv.fish`,
		BashComplete: func(*cli.Context) { fmt.Fprintln(w.stdout, "bash\nzsh\nfish") },
		Action: func(c *cli.Context) error {
			script := ""
			switch c.Args().First() {
			case "bash":
				script = bashCompletion
			case "zsh":
				script = zshCompletion
			case "fish":
				fish, err := c.App.ToFishCompletion()
				if err != nil {
					return err
				}
				script = fish
			default:
				return errUsage(c, "completion: want bash, zsh or fish, have %q", c.Args().First())
			}
			return writeAll(w.stdout, []byte(script))
		},
	}
}

// completeServices offers what can follow: profiles after --profile, formats
// after --format, options after a dash, else the services of the project.
func (w world) completeServices(c *cli.Context) {
	last := w.arguments[len(w.arguments)-1]
	switch {
	case last == "--format":
		fmt.Fprintln(w.stdout, "text\njson")
	case last == "--progress":
		fmt.Fprintln(w.stdout, "auto\ntty\nplain\nquiet")
	case last != "--profile" && strings.HasPrefix(last, "-"):
		for _, f := range c.Command.Flags {
			fmt.Fprintln(w.stdout, "--"+f.Names()[0])
		}
	default:
		w.completeNames(c, last == "--profile")
	}
}

func (w world) completeNames(c *cli.Context, profiles bool) {
	project, err := compose.Load(c.Context, compose.Source{Environment: w.environment})
	if err != nil {
		return
	}
	names := project.ServiceNames()
	if profiles {
		names = project.Profiles()
	}
	fmt.Fprintln(w.stdout, strings.Join(names, "\n"))
}
