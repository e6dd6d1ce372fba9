package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// completionMark ends a command line that a shell wants completed.
const completionMark = "--generate-completion"

// arrange puts a command line in the one order that the cli library reads:
// command, options, arguments. People write options before the command, as in
// `docker compose -f x.yaml up`, and after the arguments, as in `up game --build`,
// and the library takes the latter for arguments without a word.
func arrange(args []string, commands []*cli.Command) []string {
	if len(args) < 2 {
		return args
	}
	command, at := findCommand(args[1:], commands)
	if command == nil {
		return args
	}
	before := long(args[1 : 1+at])
	if slices.Contains(passing, command.Name) {
		return slices.Concat(args[:1], []string{command.Name}, before, args[2+at:])
	}
	options, words := split(slices.Concat(before, args[2+at:]), command.Flags)
	return slices.Concat(args[:1], []string{command.Name}, options, words)
}

// passing are the commands whose first word is a service, and all that follows it
// the business of a program in its container.
var passing = []string{"exec", "run"}

// passesOn tells whether the words have come to what a program in a container gets.
func passesOn(words []string, command *cli.Command) bool {
	if !slices.Contains(passing, command.Name) {
		return false
	}
	_, after := split(words[slices.Index(words, command.Name)+1:], command.Flags)
	return len(after) > 0
}

// long writes out the options before a command, where a letter is that of docker
// compose whatever the command makes of it.
func long(options []string) []string {
	letters := map[string]string{"-f": "--file", "-p": "--project-name"}
	all := slices.Clone(options)
	for i := 0; i < len(all); i++ {
		letter, value, joined := strings.Cut(all[i], "=")
		name, ok := letters[letter]
		switch {
		case ok && joined:
			all[i] = name + "=" + value
		case ok:
			all[i] = name
		}
		if takesNext(all[i], sourceFlags()) {
			i++ // its value stays as it is
		}
	}
	return all
}

// findCommand is the first word that is no option and no value of one.
func findCommand(args []string, commands []*cli.Command) (*cli.Command, int) {
	var all []cli.Flag
	for _, c := range commands {
		all = append(all, c.Flags...)
	}
	for i := 0; i < len(args); i++ {
		if !strings.HasPrefix(args[i], "-") {
			for _, c := range commands {
				if c.HasName(args[i]) {
					return c, i
				}
			}
			return nil, 0
		}
		if takesNext(args[i], all) {
			i++
		}
	}
	return nil, 0
}

// split parts options, each with its value, from other words. After "--" there
// are only words.
func split(args []string, flags []cli.Flag) (options, words []string) {
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--":
			return options, append(words, args[i:]...)
		case len(args[i]) < 2 || args[i][0] != '-':
			words = append(words, args[i])
		case takesNext(args[i], flags) && i+1 < len(args):
			options = append(options, args[i], args[i+1])
			i++
		default:
			options = append(options, args[i])
		}
	}
	return options, words
}

// takesNext tells whether an option has its value in the next word.
func takesNext(option string, flags []cli.Flag) bool {
	name := strings.TrimLeft(option, "-")
	for _, f := range flags {
		if _, isBool := f.(*cli.BoolFlag); !isBool && slices.Contains(f.Names(), name) {
			return true
		}
	}
	return false
}
