//go:build e2e

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkManyServices brings projects of many small services up and down, to
// show how the time grows with their number.
func BenchmarkManyServices(b *testing.B) {
	program := filepath.Join(b.TempDir(), "devenv")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for _, n := range []int{10, 50, 200} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := b.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(manyServices(n)), 0o644); err != nil {
				b.Fatal(err)
			}
			project := uniqueProject()
			run := func(args ...string) time.Duration {
				cmd := exec.Command(program, args...)
				cmd.Dir, cmd.Env = dir, append(os.Environ(), "COMPOSE_PROJECT_NAME="+project)
				began := time.Now()
				if out, err := cmd.CombinedOutput(); err != nil {
					b.Fatalf("devenv %s: %v\n%s", strings.Join(args, " "), err, out)
				}
				return time.Since(began)
			}
			defer run("down")
			var up, again, down time.Duration
			for b.Loop() {
				up += run("up")
				again += run("up")
				down += run("down")
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(up.Seconds()/float64(b.N*n), "up-s/service")
			b.ReportMetric(again.Seconds()/float64(b.N*n), "noop-s/service")
			b.ReportMetric(down.Seconds()/float64(b.N*n), "down-s/service")
		})
	}
}

// manyServices is a project in which every tenth service waits for the one before.
func manyServices(n int) string {
	var text strings.Builder
	text.WriteString("services:\n")
	for i := range n {
		fmt.Fprintf(&text, "  s%d:\n    image: python:3.11-slim\n    init: true\n    command: sleep 600\n", i)
		if i%10 == 9 {
			fmt.Fprintf(&text, "    depends_on: [ s%d ]\n", i-1)
		}
	}
	return text.String()
}
