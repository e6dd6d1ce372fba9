package watch

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A moment is one event, so long after the one before.
type moment struct {
	after time.Duration
	path  string
}

func TestBursts(t *testing.T) {
	var steady []moment
	var all []string
	for i := range 20 {
		steady = append(steady, moment{40 * time.Millisecond, fmt.Sprintf("%02d", i)})
		all = append(all, fmt.Sprintf("%02d", i))
	}
	tests := map[string]struct {
		events []moment
		want   [][]string
	}{
		"events close together are one burst": {
			[]moment{{0, "b"}, {20 * time.Millisecond, "a"}, {49 * time.Millisecond, "c"}}, [][]string{{"a", "b", "c"}},
		},
		"events apart are two": {
			[]moment{{0, "a"}, {60 * time.Millisecond, "b"}}, [][]string{{"a"}, {"b"}},
		},
		"many of one file are one": {
			[]moment{{0, "a"}, {0, "a"}, {time.Millisecond, "a"}}, [][]string{{"a"}},
		},
		"a file that is written all the time is told after half a second": {
			steady, [][]string{all[:13], all[13:]},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in, out := make(chan string), make(chan []string)
				go gather(t.Context(), in, out)
				go func() {
					for _, e := range tt.events {
						time.Sleep(e.after)
						in <- e.path
					}
				}()
				var got [][]string
				for range tt.want {
					got = append(got, <-out)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Error(diff)
				}
				close(in)
			})
		})
	}
}

func TestABurstIsToldAfterAQuietTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, out := make(chan string), make(chan []string)
		go gather(t.Context(), in, out)
		began := time.Now()
		in <- "a"
		<-out
		if took := time.Since(began); took != quiet {
			t.Errorf("took %v", took)
		}
		close(in)
	})
}

func TestBurstsThatNobodyTakesAreOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, out := make(chan string), make(chan []string)
		go gather(t.Context(), in, out)
		for _, path := range []string{"a", "b", "c"} {
			in <- path
			time.Sleep(time.Second) // a rebuild takes so long
		}
		if got := <-out; !cmp.Equal(got, []string{"a", "b", "c"}) {
			t.Errorf("got %q", got)
		}
		select {
		case more := <-out:
			t.Errorf("more: %q", more)
		case <-time.After(time.Minute):
		}
		close(in)
	})
}
