package stacktest

import (
	"testing"

	"devenv/internal/stack"
)

func TestTheFakeKeepsTheContract(t *testing.T) {
	Contract(t, "python:3.11-slim", func(t *testing.T) stack.Engine {
		e := New()
		t.Cleanup(func() { e.Close() })
		return e
	})
}
