package telnet

// maxRefusals bounds how often one offer is refused. A peer that keeps to RFC
// 1143 never needs the second; a peer that does not could go on for ever.
const maxRefusals = 4

// A Negotiator keeps, per option and side, what the two sides agreed on, by the
// Q method of RFC 1143. It never answers a message that only confirms the
// present state, so two of its kind cannot loop.
type Negotiator struct {
	// Local says which options we use when asked to (DO); nil: none.
	Local func(Option) bool
	// Remote says which options the other side may use (WILL); nil: none.
	Remote func(Option) bool

	us, them [256]agreement
}

// An agreement is the state of one option on one side (RFC 1143, section 7).
type agreement struct {
	state    qState
	opposite bool // the queue bit: we changed our mind before the answer came
	refusals uint8
}

type qState byte

const (
	no qState = iota
	yes
	wantNo  // we said DONT or WONT and wait for the answer
	wantYes // we said DO or WILL and wait for the answer
)

// An answer is what one side's state says to a negotiation.
type answer byte

const (
	silence answer = iota // nothing is to be said
	agree                 // DO or WILL
	end                   // DONT or WONT of what was in use
	refuse                // DONT or WONT of what never was
)

// UsesLocal reports whether we use the option.
func (n *Negotiator) UsesLocal(o Option) bool { return n.us[o].on() }

// UsesRemote reports whether the other side uses the option.
func (n *Negotiator) UsesRemote(o Option) bool { return n.them[o].on() }

func (a *agreement) on() bool { return a.state == yes }

// Receive takes one WILL, WONT, DO or DONT and returns the command that answers
// it for the same option, or 0 where RFC 1143 says to keep silent.
func (n *Negotiator) Receive(c Command, o Option) Command {
	reply, _ := n.receive(c, o)
	return reply
}

func (n *Negotiator) receive(c Command, o Option) (Command, answer) {
	switch c {
	case WILL:
		a := n.them[o].offered(allows(n.Remote, o))
		return a.command(DO, DONT), a
	case WONT:
		a := n.them[o].withdrawn()
		return a.command(DO, DONT), a
	case DO:
		a := n.us[o].offered(allows(n.Local, o))
		return a.command(WILL, WONT), a
	case DONT:
		a := n.us[o].withdrawn()
		return a.command(WILL, WONT), a
	}
	return 0, silence
}

// Request asks for a change: DO and DONT of the other side's use of the option,
// WILL and WONT of ours. It returns the command to send now, or 0 when there is
// nothing to ask or an earlier request is still unanswered.
func (n *Negotiator) Request(c Command, o Option) Command {
	switch c {
	case DO:
		return n.them[o].enable().command(DO, DONT)
	case DONT:
		return n.them[o].disable().command(DO, DONT)
	case WILL:
		return n.us[o].enable().command(WILL, WONT)
	case WONT:
		return n.us[o].disable().command(WILL, WONT)
	}
	return 0
}

func allows(policy func(Option) bool, o Option) bool { return policy != nil && policy(o) }

func (a answer) command(positive, negative Command) Command {
	switch a {
	case agree:
		return positive
	case end, refuse:
		return negative
	}
	return 0
}

// offered is the receipt of WILL (or, for our side, DO).
func (a *agreement) offered(allowed bool) answer {
	switch {
	case a.state == yes:
		return silence
	case a.state == no && allowed:
		a.state = yes
		return agree
	case a.state == no:
		return a.refusal()
	case a.state == wantNo && a.opposite: // an error of theirs; we do want it by now
		a.state, a.opposite = yes, false
		return silence
	case a.state == wantNo: // an error of theirs: a refusal answered by an offer
		a.state = no
		return silence
	case a.opposite: // agreed, but we changed our mind
		a.state, a.opposite = wantNo, false
		return end
	}
	a.state = yes
	return silence
}

// withdrawn is the receipt of WONT (or, for our side, DONT).
func (a *agreement) withdrawn() answer {
	switch {
	case a.state == yes:
		a.state = no
		return end
	case a.state == wantNo && a.opposite:
		a.state, a.opposite = wantYes, false
		return agree
	}
	a.state, a.opposite = no, false
	return silence
}

func (a *agreement) refusal() answer {
	if a.refusals == maxRefusals {
		return silence
	}
	a.refusals++
	return refuse
}

func (a *agreement) enable() answer {
	switch a.state {
	case no:
		a.state = wantYes
		return agree
	case wantNo:
		a.opposite = true
	case wantYes:
		a.opposite = false
	}
	return silence
}

func (a *agreement) disable() answer {
	switch a.state {
	case yes:
		a.state = wantNo
		return end
	case wantNo:
		a.opposite = false
	case wantYes:
		a.opposite = true
	}
	return silence
}
