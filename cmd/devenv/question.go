package main

import (
	"fmt"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"devenv/compose"
	"devenv/internal/probe"

	"github.com/urfave/cli/v2"
)

// tlsFlags say how a connection to a game is secured.
func tlsFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{DisableDefaultText: true, Name: "tls", Usage: "speak TLS; on private addresses any certificate will do"},
		&cli.BoolFlag{DisableDefaultText: true, Name: "insecure", Usage: "speak TLS, whatever the certificate"},
		&cli.StringFlag{Name: "ca", Usage: "speak TLS, and trust only the authorities in `FILE` (PEM)"},
		&cli.StringFlag{Name: "pin", Usage: "speak TLS, and accept only the certificate with this `SHA256` (hex)"},
		&cli.StringFlag{Name: "server-name", Usage: "speak TLS, and want `NAME` in the certificate"},
	}
}

// parseTLS reads tlsFlags.
func parseTLS(c *cli.Context) (probe.TLS, error) {
	t := probe.TLS{Pin: c.String("pin"), ServerName: c.String("server-name")}
	if file := c.String("ca"); file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return t, errUsage(c, "--ca: %w", err)
		}
		t.CA = string(text)
	}
	switch {
	case c.Bool("insecure"):
		t.Mode = probe.TLSInsecure
	case c.Bool("tls"), t != (probe.TLS{}):
		t.Mode = probe.TLSLocal
	}
	if err := t.Fault(); err != nil {
		return t, errUsage(c, "%w", err)
	}
	return t, nil
}

// questionFlags change what a check asks.
func questionFlags() []cli.Flag {
	return flags(tlsFlags(), []cli.Flag{
		&cli.StringFlag{Name: "expect", Usage: "want text that matches `REGEXP`; after --send, in what follows the last line"},
		&cli.StringSliceFlag{Name: "send", Usage: "send `LINE` once the server has spoken; may come again"},
		&cli.BoolFlag{DisableDefaultText: true, Name: "nudge", Usage: "send an empty line to a server that says nothing"},
		&cli.StringFlag{Name: "mssp", Usage: "ask for the status `HOW`: auto (where announced), off, required, ask (unannounced), plain (the line MSSP-REQUEST, which some games take for a name)"},
		&cli.StringSliceFlag{Name: "variable", Usage: "want `NAME` in the status, such as PLAYERS; may come again"},
		&cli.BoolFlag{DisableDefaultText: true, Name: "transcript", Usage: "show all that was said, with times"},
		&cli.DurationFlag{DefaultText: "3s", Name: "timeout", Usage: "give one attempt `TIME`"},
		&cli.DurationFlag{DefaultText: "ask once", Name: "within", Usage: "ask again until it holds, for `TIME` at most"},
	})
}

// An inquiry is what questionFlags say.
type inquiry struct {
	question probe.Question // only what the flags set
	within   time.Duration
	set      func(flag string) bool
}

func parseInquiry(c *cli.Context) (inquiry, error) {
	q := probe.Question{
		Send:          c.StringSlice("send"),
		Nudge:         c.Bool("nudge"),
		MSSP:          probe.MSSPMode(c.String("mssp")),
		MSSPVariables: c.StringSlice("variable"),
		Record:        c.Bool("transcript"),
		Bound:         c.Duration("timeout"),
	}
	i := inquiry{within: c.Duration("within"), set: c.IsSet}
	modes := []probe.MSSPMode{"", probe.MSSPAuto, probe.MSSPOff, probe.MSSPRequired, probe.MSSPAsk, probe.MSSPPlain}
	if !slices.Contains(modes, q.MSSP) {
		return i, errUsage(c, "--mssp %q: want auto, off, required, ask or plain", string(q.MSSP))
	}
	if len(q.MSSPVariables) > 0 && q.MSSP == probe.MSSPOff {
		return i, errUsage(c, "--variable wants the status that --mssp off leaves out")
	}
	if len(q.MSSPVariables) > 0 && (q.MSSP == "" || q.MSSP == probe.MSSPAuto) {
		q.MSSP = probe.MSSPRequired
	}
	for _, flag := range []string{"timeout", "within"} {
		if c.IsSet(flag) && c.Duration(flag) <= 0 {
			return i, errUsage(c, "--%s %s: want a time above zero", flag, c.Duration(flag))
		}
	}
	var err error
	if expect := c.String("expect"); expect != "" {
		if q.Expect, err = regexp.Compile(expect); err != nil {
			return i, errUsage(c, "--expect: %w", err)
		}
	}
	q.TLS, err = parseTLS(c)
	i.question = q
	return i, err
}

// adjust puts what the flags say over a question of the compose file.
func (i inquiry) adjust(q probe.Question) probe.Question {
	said := i.question
	if said.Expect != nil {
		q.Expect = said.Expect
	}
	if said.TLS != (probe.TLS{}) {
		q.TLS = said.TLS
	}
	if said.MSSP != "" {
		q.MSSP, q.MSSPVariables = said.MSSP, said.MSSPVariables
	}
	if said.Nudge {
		q.Nudge = true
	}
	q.Send, q.Record, q.Bound = said.Send, said.Record, said.Bound
	return q
}

// A place is one argument of check or connect: a service, one port of it, or an
// address.
type place struct {
	service string
	port    uint16 // 0 is all, or the first
	address string // host:port; then there is no service
}

// parsePlace tells an address from a service and its port: a service of the
// project wins; project is nil where there is none.
func parsePlace(arg string, project *compose.Project) (place, error) {
	if project != nil && slices.Contains(project.ServiceNames(), arg) {
		return place{service: arg}, nil
	}
	host, number, err := net.SplitHostPort(arg)
	if err != nil {
		return place{}, &usageError{err: fmt.Errorf("%q is neither a service nor HOST:PORT", arg), hint: servicesOf(project)}
	}
	port, err := strconv.ParseUint(number, 10, 16)
	if err != nil || port == 0 {
		return place{}, &usageError{err: fmt.Errorf("%q: %q is not a port", arg, number)}
	}
	if project != nil && slices.Contains(project.ServiceNames(), host) {
		return place{service: host, port: uint16(port)}, nil
	}
	return place{address: net.JoinHostPort(host, number)}, nil
}

func servicesOf(project *compose.Project) string {
	if project == nil {
		return "there is no compose file here, so write HOST:PORT"
	}
	return "services here: " + strings.Join(project.ServiceNames(), ", ")
}

// looksLikeAddress tells arguments that can only be addresses, so that no
// compose file is needed for them.
func looksLikeAddress(arg string) bool {
	host, _, err := net.SplitHostPort(arg)
	return err == nil && (strings.ContainsAny(host, ".:") || host == "localhost")
}
