package compose

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// Loading is compose-go's time; a plan must add little to it, and what is not
// asked for must not cost more than what is.
func BenchmarkLoadPlan(b *testing.B) {
	const override = "    x-devenv: { profiles: { dev: { override: { command: run } } } }\n"
	for _, c := range []struct {
		name     string
		services int
		more     string // of the first service
		request  Request
	}{
		{name: "1", services: 1},
		{name: "500", services: 500},
		{name: "500 with an override", services: 500, more: override},
		{name: "500 with one asked for", services: 500, request: Request{Services: []string{"s0"}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			source := manyServices(b, c.services, c.more)
			for b.Loop() {
				p, err := Load(b.Context(), source)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := p.Plan(c.request); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func manyServices(b *testing.B, n int, more string) Source {
	dir := b.TempDir()
	var text bytes.Buffer
	text.WriteString("services:\n")
	for i := range n {
		fmt.Fprintf(&text, `  s%d:
    build: { context: ., args: { A: "1" } }
    environment: { NAME: "s%[1]d", PASSWORD: "${PASSWORD:-secret}" }
    ports: [ { target: 4000, published: "%d", app_protocol: telnet } ]
    volumes: [ "data:/data", "./src:/src" ]
`, i, 10000+i)
		if i == 0 {
			text.WriteString(more)
		}
	}
	text.WriteString("volumes: { data: }\n")
	for name, content := range map[string]string{
		"compose.yaml": text.String(),
		"Dockerfile":   "FROM scratch AS builder\nCMD run\nFROM builder AS runner\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return Source{ProjectDirectory: dir, ProjectName: "bench" + strconv.Itoa(n)}
}
