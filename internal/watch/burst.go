package watch

import (
	"context"
	"maps"
	"slices"
	"time"
)

// How long changes are gathered before they are told as one.
const (
	// quiet is how long nothing may happen after a change. An editor that saves by
	// way of a second file, and a formatter on save, take some milliseconds.
	quiet = 50 * time.Millisecond

	// longest is how long a burst may be, so that a file that is written all the
	// time holds up no other.
	longest = 500 * time.Millisecond
)

// gather hands on what comes in as sorted sets: one for each burst, and one for all
// bursts that come while nobody takes any. It ends with ctx, or with in.
func gather(ctx context.Context, in <-chan string, out chan<- []string) {
	pending := map[string]bool{}
	alarm := time.NewTimer(time.Hour)
	defer alarm.Stop()
	var began time.Time // of the present burst; zero is none
	var burst []string
	var ready chan<- []string // out, where there is a burst to be taken
	for {
		select {
		case <-ctx.Done():
			return
		case path, open := <-in:
			if !open {
				return
			}
			pending[path] = true
			if began.IsZero() {
				began = time.Now()
			}
			ready = nil
			alarm.Reset(min(quiet, longest-time.Since(began)))
		case <-alarm.C:
			if len(pending) > 0 {
				began, ready, burst = time.Time{}, out, slices.Sorted(maps.Keys(pending))
			}
		case ready <- burst:
			clear(pending)
			ready = nil
		}
	}
}
