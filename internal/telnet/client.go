package telnet

import (
	"cmp"
	"slices"
)

// defaultMaxAnswers bounds what a server can make a client say on one
// connection. Evennia's whole handshake draws a dozen answers.
const defaultMaxAnswers = 1000

// A Client is the player's side of one connection. It answers what servers wait
// for (tbaMUD, Evennia and inetutils-telnetd hold their text back until they
// are answered), refuses the rest, and passes everything on. It never speaks
// first. The zero value is ready; set the fields before the first [Client.Feed].
//
// AUTH and ENCRYPT are always refused, and so is compression from us to the
// server (MCCP3); from the server to us (MCCP2), unless Inflate is set.
type Client struct {
	Name     string   // of the program, for TTYPE; "" is DEVENV
	Terminal string   // for TTYPE; "" is XTERM
	Window   Window   // for NAWS; zero is 80 by 24
	Accept   []Option // what the server may use beyond ECHO, SGA, EOR and CHARSET

	// MaxAnswers bounds the answers of the whole connection; 0 is 1000. What
	// comes after is still decoded, and no longer answered.
	MaxAnswers int

	// Inflate lets the server compress what it sends (MCCP2). The client must then
	// be closed. Damaged data, and such as blow up beyond measure, end what can be
	// heard: see [Client.Err].
	Inflate bool

	decoder    Decoder
	inflater   *inflater // nil while what comes is plain
	err        error
	negotiator Negotiator
	answers    int
	asked      int  // how often the terminal type was asked for
	awaiting   bool // see Awaiting
	out, last  []byte
}

// Feed takes what the server sent, passes each event to hear in order, and
// returns the bytes to send back: empty, or valid until Feed is called again.
//
// Refusals come last in them: ExVenture drops what follows a refusal it does not
// know in the same packet, and with it an agreement to MSSP.
func (c *Client) Feed(p []byte, hear func(Event)) []byte {
	c.out, c.last = c.out[:0], c.last[:0]
	for len(p) > 0 && c.err == nil {
		if c.inflater != nil {
			p = c.inflate(p, hear)
			continue
		}
		var e Event
		if e, p = c.next(p, hear); c.compresses(e) {
			c.inflater = newInflater()
		}
	}
	return append(c.out, c.last...)
}

// next decodes and answers one event, and passes it on.
func (c *Client) next(p []byte, hear func(Event)) (Event, []byte) {
	e, rest := c.decoder.Next(p)
	if e.Kind != None {
		c.answer(e)
		hear(e)
	}
	return e, rest
}

// compresses reports whether the server compresses all that follows the event.
func (c *Client) compresses(e Event) bool {
	return e.Kind == Subnegotiation && e.Option == MCCP2 && c.Inflate && c.ServerUses(MCCP2)
}

// inflate decodes what p holds, and returns what follows the compressed data.
func (c *Client) inflate(p []byte, hear func(Event)) []byte {
	rest, ended, err := c.inflater.feed(p, func(plain []byte) {
		for len(plain) > 0 {
			_, plain = c.next(plain, hear)
		}
	})
	if ended {
		c.err = err
		c.Close()
	}
	return rest
}

// Err says why the server can no longer be understood; nil is: it can.
func (c *Client) Err() error { return c.err }

// Close lets go of what inflating holds. It is needed only with Inflate, and may
// come more than once.
func (c *Client) Close() {
	if c.inflater != nil {
		c.inflater.stop()
		c.inflater = nil
	}
}

// Ask returns the bytes that ask for a change of an option (see
// [Negotiator.Request]); empty where there is nothing to ask.
func (c *Client) Ask(cmd Command, o Option) []byte {
	if ask := c.negotiator.Request(cmd, o); ask != 0 {
		return []byte{iac, byte(ask), byte(o)}
	}
	return nil
}

// ServerUses reports whether the server uses the option, by agreement.
func (c *Client) ServerUses(o Option) bool { return c.negotiator.UsesRemote(o) }

// Awaiting reports whether our last answer invites another from the server, and
// no text has come since: a greeting that looks complete may not be.
func (c *Client) Awaiting() bool { return c.awaiting }

func (c *Client) answer(e Event) {
	if e.Kind == Text || e.Kind == Signal {
		c.awaiting = false
		return
	}
	if c.answers >= cmp.Or(c.MaxAnswers, defaultMaxAnswers) {
		return
	}
	said := len(c.out) + len(c.last)
	switch e.Kind {
	case Negotiation:
		c.negotiate(e.Command, e.Option)
	case Subnegotiation:
		c.inform(e.Option, e.Data)
	}
	if len(c.out)+len(c.last) > said {
		c.answers++
	}
}

func (c *Client) negotiate(cmd Command, o Option) {
	if c.negotiator.Local == nil {
		c.negotiator.Local, c.negotiator.Remote = usesLocal, c.acceptsRemote
	}
	reply, why := c.negotiator.receive(cmd, o)
	switch why {
	case silence:
		return
	case refuse:
		c.last = append(c.last, iac, byte(reply), byte(o))
		return
	}
	c.out = append(c.out, iac, byte(reply), byte(o))
	if why == agree {
		c.agreed(reply, o)
	}
}

// agreed says what an agreement obliges us to say, and notes what it lets us
// hope for.
func (c *Client) agreed(reply Command, o Option) {
	switch {
	case reply == WILL && o == NAWS:
		c.out = c.window().append(c.out)
	case reply == WILL && o == TType:
		c.asked = 0
		c.awaiting = true
	case o == Charset, reply == DO && slices.Contains(c.Accept, o):
		c.awaiting = true
	}
}

func usesLocal(o Option) bool {
	switch o {
	case TType, NAWS, Charset, SGA:
		return true
	}
	return false
}

func (c *Client) acceptsRemote(o Option) bool {
	switch o {
	case Echo, SGA, EndRecord, Charset:
		return true
	case MCCP2:
		return c.Inflate
	case MCCP1, MCCP3, Auth, Encrypt:
		return false // the bytes that follow would no longer be telnet
	}
	return slices.Contains(c.Accept, o)
}
