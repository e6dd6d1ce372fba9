package telnet

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// serverStreams reads what each server of testdata/servers says, in one piece.
func serverStreams(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/servers/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("servers: %v, %v", files, err)
	}
	streams := map[string][]byte{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		streams[name] = spoken(t, text)
	}
	return streams
}

func spoken(t testing.TB, script []byte) (said []byte) {
	t.Helper()
	lines := bufio.NewScanner(bytes.NewReader(script))
	for lines.Scan() {
		quoted, ok := strings.CutPrefix(lines.Text(), "server ")
		if !ok {
			continue
		}
		s, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatalf("%s: %v", quoted, err)
		}
		said = append(said, s...)
	}
	return said
}

// splits yields p whole, cut in two at every position, and byte by byte.
func splits(p []byte) func(func([][]byte) bool) {
	return func(yield func([][]byte) bool) {
		for i := range p {
			if !yield([][]byte{p[:i], p[i:]}) {
				return
			}
		}
		var single [][]byte
		for i := range p {
			single = append(single, p[i:i+1])
		}
		yield(single)
	}
}
