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
// Compression (MCCP2, MCCP3), AUTH and ENCRYPT are always refused.
type Client struct {
	Name     string   // of the program, for TTYPE; "" is DEVENV
	Terminal string   // for TTYPE; "" is XTERM
	Window   Window   // for NAWS; zero is 80 by 24
	Accept   []Option // what the server may use beyond ECHO, SGA, EOR and CHARSET

	// MaxAnswers bounds the answers of the whole connection; 0 is 1000. What
	// comes after is still decoded, and no longer answered.
	MaxAnswers int

	decoder    Decoder
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
	for len(p) > 0 {
		var e Event
		e, p = c.decoder.Next(p)
		if e.Kind == None {
			break
		}
		c.answer(e)
		hear(e)
	}
	return append(c.out, c.last...)
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
	case MCCP1, MCCP2, MCCP3, Auth, Encrypt:
		return false // the bytes that follow would no longer be telnet
	}
	return slices.Contains(c.Accept, o)
}
