package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// yesFlag is for commands that may have a question.
func yesFlag() cli.Flag {
	return &cli.BoolFlag{DisableDefaultText: true, Name: "yes", Aliases: []string{"y"}, Usage: "ask nothing; stop servers also while somebody plays"}
}

// confirm asks whoever sits at the terminal; nil is that nobody is to be asked.
func (w world) confirm(c *cli.Context) func(context.Context, string) (bool, error) {
	if !w.answers || c.Bool("yes") {
		return nil
	}
	return w.ask
}

// ask asks a question to be answered with yes or no. Anything else is no, and so is the
// end of input.
func (w world) ask(ctx context.Context, question string) (bool, error) {
	fmt.Fprint(w.stderr, question, " [y/N] ")
	typed := make(chan string, 1)
	go func() { // a read from a terminal cannot be ended; the program does
		line, _ := bufio.NewReader(w.stdin).ReadString('\n')
		typed <- line
	}()
	select {
	case line := <-typed:
		if !strings.HasSuffix(line, "\n") {
			fmt.Fprintln(w.stderr)
		}
		answer := strings.ToLower(strings.TrimSpace(line))
		return answer == "y" || answer == "yes", nil
	case <-ctx.Done():
		fmt.Fprintln(w.stderr)
		return false, ctx.Err()
	}
}
