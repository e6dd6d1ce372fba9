package telnet

import "bytes"

// maxSubnegotiation bounds what one subnegotiation may hold. The longest MSSP
// replies in use have some 4 KiB.
const maxSubnegotiation = 16 << 10

// maxRun bounds one event of text, so that what ends it is not looked for far
// ahead, again and again.
const maxRun = 4 << 10

const iac = byte(IAC)

// A Decoder takes telnet apart (RFC 854, 855, 885). The zero value is ready.
//
// It may be fed any split of the stream: its events differ only in where runs
// of text are cut. It judges no state: a subnegotiation nobody agreed on (tbaMUD
// and GoMud send such) is an event like any other.
type Decoder struct {
	state decoderState
	verb  Command // of the negotiation under way
	cr    bool    // the last text byte was CR, so a NUL is padding
	// sub holds the option and the payload of the subnegotiation under way.
	sub      []byte
	overlong bool // sub was full: the rest is read and dropped
}

type decoderState byte

const (
	inText      decoderState = iota
	inCommand                // after IAC
	inVerb                   // after IAC WILL, WONT, DO or DONT
	inSub                    // after IAC SB
	inSubEscape              // after an IAC within a subnegotiation
)

// Next decodes one event from the front of p and returns what is left of p. An
// event of kind [None] says that p is used up. Calling once per event lets the
// caller stop where the stream changes its nature, as it does after MCCP2's
// subnegotiation.
func (d *Decoder) Next(p []byte) (Event, []byte) {
	for len(p) > 0 {
		var e Event
		e, p = d.step(p)
		if e.Kind != None {
			return e, p
		}
	}
	return Event{}, nil
}

func (d *Decoder) step(p []byte) (Event, []byte) {
	switch d.state {
	case inCommand:
		return d.command(p[:1]), p[1:]
	case inVerb:
		d.state = inText
		return Event{Kind: Negotiation, Command: d.verb, Option: Option(p[0])}, p[1:]
	case inSub:
		return Event{}, d.collect(p)
	case inSubEscape:
		return d.subEscape(p)
	}
	return d.text(p)
}

// text yields the run of text up to the next IAC or CR NUL.
func (d *Decoder) text(p []byte) (Event, []byte) {
	if p[0] == iac {
		d.state = inCommand
		return Event{}, p[1:]
	}
	if d.cr && p[0] == 0 {
		d.cr = false // CR NUL is a bare carriage return (RFC 854)
		return Event{}, p[1:]
	}
	run := p[:min(len(p), maxRun)]
	if i := bytes.IndexByte(run, iac); i >= 0 {
		run = run[:i]
	}
	if i := bytes.Index(run, []byte("\r\x00")); i >= 0 {
		run = run[:i+1]
	}
	d.cr = run[len(run)-1] == '\r'
	return Event{Kind: Text, Data: run}, p[len(run):]
}

// command decodes the one byte after IAC.
func (d *Decoder) command(b []byte) Event {
	d.state = inText
	switch c := Command(b[0]); c {
	case IAC:
		d.cr = false
		return Event{Kind: Text, Data: b}
	case SB:
		d.state = inSub
		d.sub, d.overlong = d.sub[:0], false
		return Event{}
	case WILL, WONT, DO, DONT:
		d.state, d.verb = inVerb, c
		return Event{}
	default:
		return Event{Kind: Signal, Command: c}
	}
}

// collect takes a subnegotiation up to its next IAC and returns the rest.
func (d *Decoder) collect(p []byte) []byte {
	part, rest := p, []byte(nil)
	if i := bytes.IndexByte(p, iac); i >= 0 {
		part, rest = p[:i], p[i+1:]
		d.state = inSubEscape
	}
	d.keep(part)
	return rest
}

func (d *Decoder) keep(part []byte) {
	if len(d.sub)+len(part) > maxSubnegotiation {
		d.overlong = true
		part = part[:maxSubnegotiation-len(d.sub)]
	}
	d.sub = append(d.sub, part...)
}

// subEscape decodes the byte after an IAC within a subnegotiation: the end, a
// doubled 255, or (against RFC 855) another command, which breaks it off.
func (d *Decoder) subEscape(p []byte) (Event, []byte) {
	switch Command(p[0]) {
	case IAC:
		d.state = inSub
		d.keep(p[:1])
		return Event{}, p[1:]
	case SE:
		d.state = inText
		return d.subnegotiation(), p[1:]
	}
	d.state = inCommand
	return Event{Kind: Dropped, Option: d.subOption()}, p
}

func (d *Decoder) subnegotiation() Event {
	option := d.subOption()
	if d.overlong || len(d.sub) == 0 {
		return Event{Kind: Dropped, Option: option}
	}
	if option == Option(msspVar) && bytes.IndexByte(d.sub, msspVal) > 0 {
		// ExVenture 2018 forgets the option byte: what stands in its place is
		// the first VAR of MSSP, also the number of ECHO, which has no
		// subnegotiation.
		return Event{Kind: Subnegotiation, Option: MSSP, Data: d.sub}
	}
	return Event{Kind: Subnegotiation, Option: option, Data: d.sub[1:]}
}

func (d *Decoder) subOption() Option {
	if len(d.sub) == 0 {
		return 0
	}
	return Option(d.sub[0])
}
