package probe

import (
	"strings"

	"devenv/internal/telnet"
)

// say sends a line.
func (c *conversation) say(l *line, text string) {
	if c.record != nil {
		c.record.Add(telnet.FromClient, text+"\n")
	}
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
