package conversation

import (
	"slices"
	"strings"

	"devenv/internal/telnet"
)

// hidden stands where something was said that nobody shall read.
const hidden = "[hidden]"

// minSecret is the length from which a secret is sought in what a server says.
// Shorter ones would be found everywhere.
const minSecret = 3

// A masker hides what was said in secret where a server repeats it.
type masker struct {
	secrets []string // the longest first
	held    string   // may be the beginning of one
}

func (m *masker) add(secret string) {
	secret = telnet.Visible(secret)
	if len(secret) < minSecret || slices.Contains(m.secrets, secret) {
		return
	}
	m.secrets = append(m.secrets, secret)
	slices.SortFunc(m.secrets, func(a, b string) int { return len(b) - len(a) })
}

// mask hides the secrets in a whole text.
func (m *masker) mask(text string) string {
	for _, secret := range m.secrets {
		text = strings.ReplaceAll(text, secret, hidden)
	}
	return text
}

// pass hides them in a text that comes in pieces. What may be the beginning of a
// secret is held back until the next piece.
func (m *masker) pass(piece string) string {
	text := m.mask(m.held + piece)
	hold := 0
	for _, secret := range m.secrets {
		for n := min(len(secret)-1, len(text)); n > hold; n-- {
			if strings.HasSuffix(text, secret[:n]) {
				hold = n
			}
		}
	}
	m.held = text[len(text)-hold:]
	return text[:len(text)-hold]
}

// rest gives out what is held back.
func (m *masker) rest() string {
	text := m.held
	m.held = ""
	return text
}
