package compose

import (
	"bytes"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Hide puts a mask in the place of every secret in a text, and of what looks like
// one by its name or place: after password= or in a URL. A secret of less than 8
// letters is hidden only where it stands alone, one of less than 4 only by its
// name. Lines stay lines.
func (s *Secrets) Hide(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for line := range strings.Lines(s.hideWords(text)) {
		line, ended := strings.CutSuffix(line, "\n")
		b.WriteString(s.hideNamed(line))
		if ended {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// hideNamed hides what looks like a secret in a line. What then, with a mask in
// it, reads like a word is hidden again.
func (s *Secrets) hideNamed(line string) string {
	if !mayName(line) {
		return line
	}
	masked := maskText(line)
	if s.starred && masked != line {
		return s.hideWords(masked)
	}
	return masked
}

// naming is in every line in which maskText hides something.
var naming = []string{
	"pass", "pw", "secret", "token", "credential", "cookie", "salt", "auth", "bearer", "basic", "://",
	"_key", "-key", ".key", "privatekey", "apikey", "accesskey",
}

// mayName tells a line in which maskText may find something, much faster. To a
// regular expression ſ is an s.
func mayName(line string) bool {
	small := strings.ToLower(line)
	for _, part := range naming {
		if strings.Contains(small, part) {
			return true
		}
	}
	return strings.ContainsRune(line, 'ſ')
}

// hideWords hides the words in a text, again as long as masks make new ones,
// which are shorter each time.
func (s *Secrets) hideWords(text string) string {
	for {
		hidden := s.hideOnce(text)
		if !s.starred || hidden == text {
			return hidden
		}
		text = hidden
	}
}

// hideOnce hides all words in one pass; words that overlap have one mask.
func (s *Secrets) hideOnce(text string) string {
	if len(s.words) == 0 {
		return text
	}
	var b strings.Builder
	written, until := 0, 0 // until is the end of the word that is being passed
	for i := 0; i+hiddenAlone <= len(text); i++ {
		n := s.wordAt(text, i)
		if n == 0 {
			continue
		}
		if i >= until {
			b.WriteString(text[written:i] + mask)
		}
		until = max(until, i+n)
		written = until
	}
	if written == 0 {
		return text
	}
	b.WriteString(text[written:])
	return b.String()
}

// wordAt is the length of the longest word at a place of the text.
func (s *Secrets) wordAt(text string, i int) int {
	key := firstBytes(text[i:])
	if !s.first[hash(key)] {
		return 0
	}
	for _, w := range s.words[key] {
		if strings.HasPrefix(text[i:], w.text) && (!w.alone || standsAlone(text, i, i+len(w.text))) {
			return len(w.text)
		}
	}
	return 0
}

func standsAlone(text string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	after, _ := utf8.DecodeRuneInString(text[to:])
	return !inWord(before) && !inWord(after)
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// firstBytes is the first 4 bytes of a text that has as many.
func firstBytes(text string) uint32 {
	return uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16 | uint32(text[3])<<24
}

func hash(key uint32) uint32 { return key * 2654435769 >> 16 }

// Writer passes on to w what is written to it, secrets hidden, by whole lines: a
// secret that spans lines is hidden line by line. Close passes on the rest, and
// does not close w.
func (s *Secrets) Writer(w io.Writer) io.WriteCloser { return &hider{secrets: s, to: w} }

type hider struct {
	secrets *Secrets
	to      io.Writer
	rest    []byte // a line that has not ended
}

func (h *hider) Write(p []byte) (int, error) {
	end := bytes.LastIndexByte(p, '\n') + 1
	if end == 0 {
		h.rest = append(h.rest, p...)
		return len(p), nil
	}
	lines := string(h.rest) + string(p[:end])
	h.rest = append(h.rest[:0], p[end:]...)
	if _, err := io.WriteString(h.to, h.secrets.Hide(lines)); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (h *hider) Close() error {
	if len(h.rest) == 0 {
		return nil
	}
	_, err := io.WriteString(h.to, h.secrets.Hide(string(h.rest)))
	h.rest = nil
	return err
}
