package telnet

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTranscript(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tr Transcript
		tr.Add(Note, "server: WILL MSSP")
		time.Sleep(12 * time.Millisecond) // of the bubble's clock
		tr.Add(FromServer, "By what ")
		time.Sleep(time.Millisecond)
		tr.Add(FromServer, "name?\n\x1bcAnn\xc3")
		tr.Add(FromServer, "\xa9? ")
		tr.Add(FromServer, "")
		tr.Add(FromClient, "Ann\n")
		tr.Add(FromClient, "")
		want := []Entry{
			{0, Note, "server: WILL MSSP"},
			{12 * time.Millisecond, FromServer, "By what name?\n\\x1bcAnné? "},
			{13 * time.Millisecond, FromClient, "Ann\n"},
			{13 * time.Millisecond, FromClient, ""},
		}
		if diff := cmp.Diff(want, tr.Entries()); diff != "" {
			t.Error(diff)
		}
		text := "  0.000s # server: WILL MSSP\n  0.012s < By what name?\n  0.012s < \\x1bcAnné? \n  0.013s > Ann\n"
		if diff := cmp.Diff(text, tr.String()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTranscriptKeepsTheBeginning(t *testing.T) {
	floods := map[string]func(*Transcript){
		"one long piece":       func(tr *Transcript) { tr.Add(FromServer, strings.Repeat("x", 2*maxTranscript)) },
		"very many pieces":     func(tr *Transcript) { addAll(tr, FromServer, "lorem ") },
		"very many notes":      func(tr *Transcript) { addAll(tr, Note, "n") },
		"very many empty ones": func(tr *Transcript) { addAll(tr, FromClient, "") },
	}
	for name, flood := range floods {
		t.Run(name, func(t *testing.T) {
			var tr Transcript
			tr.Add(FromServer, "Welcome")
			flood(&tr)
			entries := tr.Entries()
			if !strings.HasPrefix(entries[0].Text, "Welcome") || len(entries) > maxTranscript/entryCost+1 {
				t.Errorf("%d entries, the first %.20q", len(entries), entries[0].Text)
			}
			if text := tr.String(); len(text) > 2*maxTranscript || !strings.HasSuffix(text, "# the rest was too long to keep\n") {
				t.Errorf("%d bytes that end in %q", len(text), text[max(0, len(text)-40):])
			}
		})
	}
}

func addAll(tr *Transcript, from Speaker, text string) {
	for range maxTranscript {
		tr.Add(from, text)
	}
}

func TestTranscriptOfSeveralGoroutines(t *testing.T) {
	var tr Transcript
	var wg sync.WaitGroup
	for _, from := range []Speaker{FromServer, FromClient, Note} {
		wg.Go(func() {
			for range 100 {
				tr.Add(from, "x")
				_ = tr.String()
			}
		})
	}
	wg.Wait()
	if notes := slices.IndexFunc(tr.Entries(), func(e Entry) bool { return e.From == Note }); notes < 0 {
		t.Error("no note was kept")
	}
}
