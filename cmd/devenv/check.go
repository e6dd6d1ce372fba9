package main

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"time"

	"devenv/compose"
	"devenv/internal/conversation"
	"devenv/internal/engine"
	"devenv/internal/probe"
	"devenv/internal/report"
	"devenv/internal/stack"

	"github.com/urfave/cli/v2"
)

func checkCommand(w world) *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "can a player connect right now?",
		ArgsUsage: "[SERVICE[:PORT] | HOST:PORT]...",
		Description: `Asks each port once, on a connection of its own, and ends with 0 if a player
could connect, else with 6. Nothing is started or changed. An address needs neither
compose file nor engine, so that other people's scripts can use it as a probe.

A telnet port is: refused, timed out, accepted then closed, silent, negotiation
only, talks but no match, or ready.

Example:
  devenv check && echo "the game is up"
  devenv check game:5559 --transcript
  devenv check mud.example.org:4000 --expect "(?m)name" --mssp required --variable PLAYERS
  devenv check localhost:4000 --within 30s
  devenv check --smoke                   play the conversations of x-devenv.smoke too`,
		Flags: flags(sourceFlags(), []cli.Flag{profileFlag(), formatFlag(),
			&cli.BoolFlag{DisableDefaultText: true, Name: "smoke", Usage: "play the conversations of x-devenv.smoke where the checks hold"},
		}, questionFlags()),
		Action: w.check,
	}
}

func (w world) check(c *cli.Context) error {
	engine.Warnings(w.stderr)
	i, err := parseInquiry(c)
	if err != nil {
		return err
	}
	f, err := parseFormat(c)
	if err != nil {
		return err
	}
	args := c.Args().Slice()
	if len(args) > 0 && w.onlyAddresses(c, args) {
		if c.Bool("smoke") {
			return errUsage(c, "--smoke plays conversations of a project, not of an address")
		}
		return w.checkAddresses(c.Context, args, i, f)
	}
	return w.checkServices(c, i)
}

// onlyAddresses tells arguments that need no compose file: they can be nothing but
// addresses, or there is no file that could name services.
func (w world) onlyAddresses(c *cli.Context, args []string) bool {
	if !slices.ContainsFunc(args, func(a string) bool { return !looksLikeAddress(a) }) {
		return true
	}
	_, err := compose.Load(c.Context, w.source(c))
	return errors.Is(err, compose.ErrNoFile)
}

// checkAddresses asks ports that need not belong to any project.
func (w world) checkAddresses(ctx context.Context, addresses []string, i inquiry, f format) error {
	var questions []probe.Question
	for _, address := range addresses {
		if _, err := parsePlace(address, nil); err != nil {
			return err
		}
		_, number, _ := net.SplitHostPort(address)
		port, _ := strconv.ParseUint(number, 10, 16)
		questions = append(questions, i.adjust(probe.Question{Service: address, Port: int(port), Addr: address, Protocol: probe.Telnet}))
	}
	rep := report.Report{At: time.Now()}
	for n, a := range stack.Ask(ctx, questions, i.within) {
		rep.Services = append(rep.Services, stack.Told(addresses[n], a))
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	rep.Settle()
	if err := writeReport(w.stdout, rep, f); err != nil {
		return err
	}
	return rep.Err()
}

// checkServices asks what runs of the project.
func (w world) checkServices(c *cli.Context, i inquiry) error {
	asked, s, err := w.loadRunning(c)
	if err != nil {
		return err
	}
	asking := stack.Asking{Ports: map[string][]uint16{}, Adjust: i.adjust, Within: i.within}
	asked.request.Services = nil
	for _, arg := range c.Args().Slice() {
		at, err := parsePlace(arg, asked.project)
		if err != nil {
			return err
		}
		if at.address != "" {
			return errUsage(c, "%q is no service, and addresses and services cannot be asked together", arg)
		}
		asked.request.Services = append(asked.request.Services, at.service)
		if at.port != 0 {
			asking.Ports[at.service] = append(asking.Ports[at.service], at.port)
		}
	}
	plan, err := w.running(c.Context, s, asked)
	if err != nil {
		return err
	}
	if len(asked.request.Services) > 0 {
		plan = plan.Only(asked.request.Services)
	}
	rep, err := s.Check(c.Context, plan, asking)
	if err != nil {
		return err
	}
	if c.Bool("smoke") && !slices.ContainsFunc(plan.Services, func(s compose.Service) bool { return len(s.Smoke) > 0 }) {
		return errUsage(c, "--smoke: no service has conversations; write them under x-devenv.smoke of the game")
	}
	var plays []conversation.Result
	if c.Bool("smoke") && rep.Err() == nil {
		if plays, err = w.smoke(c.Context, s, plan); err != nil {
			return err
		}
	}
	return w.answer(rep, plays, asked.format)
}

// smoke plays the conversations of the plan, one after the other.
func (w world) smoke(ctx context.Context, s stack.Stack, plan *compose.Plan) ([]conversation.Result, error) {
	var results []conversation.Result
	for _, service := range plan.Services {
		for _, script := range service.Smoke {
			result, err := s.Play(ctx, plan, service.Name, script, w.variables())
			if err != nil {
				return nil, err
			}
			results = append(results, result)
		}
	}
	return results, ctx.Err()
}

// checkedJSON is the shape of `devenv check --smoke --format json`.
type checkedJSON struct {
	report.Report
	Conversations []conversation.Result `json:"conversations"`
}

func (w world) answer(rep report.Report, plays []conversation.Result, f format) error {
	if f == asJSON && plays != nil {
		if err := report.Write(w.stdout, checkedJSON{rep, plays}); err != nil {
			return err
		}
		return errors.Join(rep.Err(), playErrors(plays))
	}
	if err := writeReport(w.stdout, rep, f); err != nil {
		return err
	}
	for _, play := range plays {
		writePlay(w.stdout, play)
	}
	return errors.Join(rep.Err(), playErrors(plays))
}

func playErrors(plays []conversation.Result) error {
	var errs []error
	for _, play := range plays {
		errs = append(errs, play.Err())
	}
	return errors.Join(errs...)
}
