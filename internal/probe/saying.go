package probe

import (
	"slices"
	"strings"

	"devenv/internal/telnet"
)

// say sends a line of ours.
func (c *conversation) say(l *line, text string) {
	c.recordSaid(text)
	c.send(l, text)
}

// sayNext sends the next of the lines that are to be sent. What the server hides,
// or asks for as for a password, is told nowhere.
func (c *conversation) sayNext(l *line) {
	text := c.q.Send[c.sent]
	if text != "" && (c.client.ServerUses(telnet.Echo) || telnet.AsksPassword(c.lastLine())) {
		c.secrets.add(text)
		c.recordSaid(hidden)
	} else {
		c.recordSaid(text)
	}
	c.beginAnew()
	c.sent++
	c.send(l, text)
}

func (c *conversation) recordSaid(text string) {
	if c.record != nil {
		c.record.Add(telnet.FromClient, text+"\n")
	}
}

func (c *conversation) send(l *line, text string) {
	l.say([]byte(strings.ReplaceAll(text, "\xff", "\xff\xff") + "\r\n"))
}

// answer sends what telnet has to say.
func (c *conversation) answer(l *line, p []byte) {
	if c.record != nil {
		var d telnet.Decoder
		for e, rest := d.Next(p); e.Kind != telnet.None; e, rest = d.Next(rest) {
			c.noteRecord("client: " + e.String())
		}
	}
	l.say(p)
}

// recordText notes text of the server, as it is plain.
func (c *conversation) recordText(text []byte) {
	if c.record != nil {
		c.record.Add(telnet.FromServer, string(text))
	}
}

// noteRecord notes what is no text.
func (c *conversation) noteRecord(text string) {
	if c.record != nil {
		c.record.Add(telnet.Note, telnet.Excerpt(text, maxNote))
	}
}

// recorded is the record, where one was kept.
func (c *conversation) recorded() []telnet.Entry {
	if c.record == nil {
		return nil
	}
	entries := c.record.Entries()
	for i := range entries {
		entries[i].Text = c.secrets.hide(entries[i].Text)
	}
	return entries
}

// hidden stands where something was said that nobody shall read.
const hidden = "[hidden]"

// minSecret is the length from which a secret is sought in what a server says.
// Shorter ones would be found everywhere.
const minSecret = 3

// secrets are what nobody shall read, as it would be shown, the longest first.
type secrets []string

func (s *secrets) add(text string) {
	if len(text) < minSecret {
		return
	}
	*s = append(*s, telnet.Visible(text))
	slices.SortStableFunc(*s, func(a, b string) int { return len(b) - len(a) })
}

// hide masks the secrets in text that is shown.
func (s secrets) hide(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, hidden)
	}
	return text
}
