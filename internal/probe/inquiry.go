package probe

import (
	"strings"
	"time"

	"devenv/internal/telnet"
)

// An inquiry is the part of a conversation that is about MSSP.
type inquiry struct {
	mode      MSSPMode
	announced time.Time // when the server offered it, or agreed to it
	asked     time.Time // when we did, unprompted
	refused   bool      // WONT
	replied   bool
	status    telnet.ServerStatus
	text      transcript // since MSSP-REQUEST
}

// take looks for what concerns MSSP.
func (i *inquiry) take(e telnet.Event) {
	switch {
	case e.Option != telnet.MSSP || i.mode == MSSPOff:
	case e.Kind == telnet.Subnegotiation:
		if status := telnet.ParseMSSP(e.Data); status != nil {
			i.status, i.replied = status, true
		}
	case e.Kind == telnet.Negotiation && e.Command == telnet.WONT:
		i.refused = true
	}
}

// hearsText reports whether what the server says is the reply to MSSP-REQUEST.
func (i *inquiry) hearsText() bool {
	return i.mode == MSSPPlain && !i.asked.IsZero() && !i.replied
}

// hear takes in text of a reply, and returns it as it is plain.
func (i *inquiry) hear(p []byte) []byte {
	plain := i.text.add(p)
	if status, whole := telnet.ParsePlainMSSP(i.text.text); whole {
		i.status, i.replied = status, true
	}
	return plain
}

func (i *inquiry) insists() bool {
	return i.mode == MSSPRequired || i.mode == MSSPAsk || i.mode == MSSPPlain
}

// wantsAsking reports whether MSSP is to be asked for, unprompted, now that the
// server has come to rest.
func (i *inquiry) wantsAsking() bool {
	if i.replied || !i.asked.IsZero() {
		return false
	}
	return i.mode == MSSPPlain || i.mode == MSSPAsk && i.announced.IsZero()
}

// ends says until when the reply is waited for.
func (i *inquiry) ends(bound time.Time) time.Time {
	switch {
	case i.replied, i.mode == MSSPOff:
		return time.Time{}
	case i.refused && !i.asked.IsZero() && i.mode != MSSPPlain:
		return time.Time{}
	case i.mode == MSSPPlain, !i.asked.IsZero():
		return i.asked.Add(msspAnswer)
	case i.mode == MSSPRequired:
		return bound
	case i.announced.IsZero():
		return time.Time{}
	case i.mode == MSSPAsk:
		return i.announced.Add(msspAnswer)
	}
	return i.announced.Add(msspReply)
}

// fault says what is wrong with the status; "" is: nothing.
func (i *inquiry) fault(variables []string, end ending, within string) string {
	missing := strings.Join(i.status.Missing(variables), ", ")
	switch {
	case !i.insists():
		return ""
	case i.replied && missing == "":
		return ""
	case i.replied:
		return "MSSP says nothing of " + telnet.VisibleLine(missing)
	case !i.announced.IsZero() && i.mode == MSSPRequired:
		return "MSSP announced, but not sent " + within
	case !i.announced.IsZero() && i.mode == MSSPAsk && end == stopped:
		return "MSSP announced, but not sent within " + msspAnswer.String()
	case i.asked.IsZero():
		return "no MSSP announced " + within
	case end == hungUp:
		return "no MSSP: the server hung up when asked"
	case i.refused:
		return "no MSSP: the server refuses it"
	}
	return "no MSSP: no answer within " + msspAnswer.String()
}

// askStatus asks for MSSP where nothing announced it.
func (c *conversation) askStatus(l *line, now time.Time) {
	c.mssp.asked = now
	if c.mssp.mode == MSSPPlain {
		c.say(l, "MSSP-REQUEST")
		return
	}
	c.answer(l, c.client.Ask(telnet.DO, telnet.MSSP))
}
