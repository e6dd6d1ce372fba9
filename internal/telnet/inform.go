package telnet

import (
	"bytes"
	"cmp"
	"strconv"
)

// The first byte of the subnegotiations a client answers.
const (
	ttypeIs   = 0 // RFC 1091
	ttypeSend = 1

	charsetRequest  = 1 // RFC 2066
	charsetAccepted = 2
	charsetRejected = 3
)

// What MTTS says of the terminal: the third answer to TTYPE is the sum.
// https://tintin.mudhalla.net/protocols/mtts/
const (
	mttsANSI = 1
	mttsUTF8 = 4
)

// A Window is the size of a terminal in characters (NAWS, RFC 1073).
type Window struct{ Width, Height uint16 }

func (c *Client) window() Window {
	return cmp.Or(c.Window, Window{Width: 80, Height: 24})
}

func (w Window) append(out []byte) []byte {
	return appendSub(out, NAWS, []byte{byte(w.Width >> 8), byte(w.Width), byte(w.Height >> 8), byte(w.Height)})
}

// inform answers a subnegotiation.
func (c *Client) inform(o Option, data []byte) {
	switch {
	case len(data) == 0:
	case o == TType && data[0] == ttypeSend && c.negotiator.UsesLocal(TType):
		c.out = appendSub(c.out, TType, append([]byte{ttypeIs}, c.terminalType()...))
		c.awaiting = true
	case o == Charset && data[0] == charsetRequest && c.usesCharset():
		c.out = appendSub(c.out, Charset, charsetAnswer(data[1:]))
		c.awaiting = true
	}
}

func (c *Client) usesCharset() bool {
	return c.negotiator.UsesLocal(Charset) || c.negotiator.UsesRemote(Charset)
}

// terminalType gives the next of MTTS's three answers; the last is repeated, as
// RFC 1091 asks for at the end of the list.
func (c *Client) terminalType() string {
	c.asked = min(c.asked+1, 3)
	switch c.asked {
	case 1:
		return cmp.Or(c.Name, "DEVENV")
	case 2:
		return cmp.Or(c.Terminal, "XTERM")
	}
	return "MTTS " + strconv.Itoa(mttsANSI|mttsUTF8)
}

// charsetAnswer accepts UTF-8, in the server's own spelling, or nothing. The
// request is a separator and the names it separates, and may be preceded by a
// translation table's version (RFC 2066).
func charsetAnswer(request []byte) []byte {
	if rest, ok := bytes.CutPrefix(request, []byte("[TTABLE]")); ok && len(rest) > 0 {
		request = rest[1:]
	}
	if len(request) < 2 {
		return []byte{charsetRejected}
	}
	for name := range bytes.SplitSeq(request[1:], request[:1]) {
		if bytes.EqualFold(name, []byte("UTF-8")) || bytes.EqualFold(name, []byte("UTF8")) {
			return append([]byte{charsetAccepted}, name...)
		}
	}
	return []byte{charsetRejected}
}

// appendSub appends a whole subnegotiation, with every 255 in it doubled.
func appendSub(out []byte, o Option, payload []byte) []byte {
	out = append(out, iac, byte(SB), byte(o))
	for _, b := range payload {
		out = append(out, b)
		if b == iac {
			out = append(out, iac)
		}
	}
	return append(out, iac, byte(SE))
}
