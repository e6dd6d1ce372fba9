package main

import "github.com/urfave/cli/v2"

const appHelp = `{{.Name}} - {{.Usage}}

Usage:
   {{.UsageText}}

Commands:{{range .VisibleCommands}}
   {{join .Names ", "}}{{"\t"}}{{.Usage}}{{end}}

` + "`devenv help COMMAND`" + ` tells more, with an example.

Exit codes:
   0 done   1 a fault of devenv   2 usage   3 compose file, x-devenv or Dockerfile
   4 no engine   5 build or start failed   6 not ready   7 something was left behind
   130 interrupted   exec, run and shell: that of the command
`

const commandHelp = `devenv {{.Name}} - {{.Usage}}

Usage:
   devenv {{.Name}} [OPTION...]{{if .ArgsUsage}} {{.ArgsUsage}}{{end}}

{{.Description}}
{{if .VisibleFlags}}
Options:{{range .VisibleFlags}}
   {{.}}{{end}}
{{end}}`

func helpCommand() *cli.Command {
	return &cli.Command{
		Name:        "help",
		Usage:       "tell more about a command",
		ArgsUsage:   "[COMMAND]",
		Description: "Example:\n  devenv help up",
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return cli.ShowAppHelp(c)
			}
			name := c.Args().First()
			if c.App.Command(name) == nil {
				return unknownCommand(name)
			}
			return cli.ShowCommandHelp(c.Lineage()[len(c.Lineage())-2], name)
		},
	}
}
