package stack

import (
	"testing"

	"devenv/compose"
)

func TestAnotherBaseImageMakesAnotherDigest(t *testing.T) {
	bases := []string{"elixir:1.14-slim"}
	old := map[string]compose.Image{"elixir:1.14-slim": {ID: "sha256:1"}}
	renewed := map[string]compose.Image{"elixir:1.14-slim": {ID: "sha256:2"}}
	if withBases("sha256:a", bases, old) == withBases("sha256:a", bases, renewed) {
		t.Error("a renewed base image goes unnoticed")
	}
	if withBases("sha256:a", bases, old) != withBases("sha256:a", bases, old) {
		t.Error("the same is not the same")
	}
	if withBases("", bases, old) != "" {
		t.Error("what cannot be known has a digest")
	}
}
