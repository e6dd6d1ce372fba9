package telnet

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// maxTranscript bounds what a transcript keeps, in bytes of text, where each
// entry counts for entryCost bytes more than its text.
const (
	maxTranscript = 256 << 10
	entryCost     = 64
)

// A Speaker is who a line of a transcript comes from.
type Speaker string

// The speakers. A Note is ours: what was waited for, and what became of it.
const (
	FromServer Speaker = "server"
	FromClient Speaker = "client"
	Note       Speaker = "note"
)

// An Entry is something said, and when.
type Entry struct {
	At   time.Duration `json:"at_ns"` // since the transcript began
	From Speaker       `json:"from"`
	Text string        `json:"text"` // as [Visible] shows it
}

// A Transcript is what was said on one connection, with times. It keeps the
// beginning when it grows too long. The zero value is ready, and begins with its
// first entry; it may be used by several goroutines.
type Transcript struct {
	mu    sync.Mutex
	began time.Time
	said  []utterance
	size  int
	cut   bool
}

// An utterance is an entry under way. Its text is made visible as a whole: a
// piece of what a server says may end within a character.
type utterance struct {
	at   time.Duration
	from Speaker
	text []byte
}

// Add notes text at the present time. What the server says in pieces is joined
// into one entry until somebody else speaks.
func (t *Transcript) Add(from Speaker, text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.began.IsZero() {
		t.began = time.Now()
	}
	last := len(t.said) - 1
	joins := from == FromServer && last >= 0 && t.said[last].from == from
	cost := len(text)
	if !joins {
		cost += entryCost
	}
	switch {
	case text == "" && from == FromServer:
	case t.cut || t.size+cost > maxTranscript:
		t.cut = true
	case joins:
		t.size += cost
		t.said[last].text = append(t.said[last].text, text...)
	default:
		t.size += cost
		t.said = append(t.said, utterance{at: time.Since(t.began), from: from, text: []byte(text)})
	}
}

// Entries are the entries so far.
func (t *Transcript) Entries() []Entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	entries := make([]Entry, 0, len(t.said))
	for _, u := range t.said {
		entries = append(entries, Entry{At: u.at, From: u.from, Text: Visible(string(u.text))})
	}
	return entries
}

// isCut reports whether something was too long to keep.
func (t *Transcript) isCut() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cut
}

// marks stand before the lines of each speaker.
var marks = map[Speaker]string{FromServer: "<", FromClient: ">", Note: "#"}

// String renders the transcript; see [Render].
func (t *Transcript) String() string {
	text := Render(t.Entries())
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cut {
		text += "         # the rest was too long to keep\n"
	}
	return text
}

// Render writes entries for people, a line of text a line:
//
//	0.012s < By what name do you wish to be known?
//	0.020s > Ann
func Render(entries []Entry) string {
	var b strings.Builder
	for _, e := range entries {
		for line := range strings.Lines(e.Text) {
			fmt.Fprintf(&b, "%7.3fs %s %s\n", e.At.Seconds(), marks[e.From], strings.TrimRight(line, "\n"))
		}
	}
	return b.String()
}
