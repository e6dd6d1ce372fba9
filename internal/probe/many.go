package probe

import (
	"context"
	"sync"
)

// What connections may use of the files a process may have open.
const (
	filesKept   = 128 // for everything else: standard streams, the engine, logs
	filesPerAsk = 2   // a name with an IPv4 and an IPv6 address is dialled at both
	atMostAsked = 512 // at once, on any machine
)

// Many asks all questions, each once, and returns the answers in their order. It
// asks as many at once as the process may have files open; a question that waits
// for its turn has its whole bound left.
func Many(ctx context.Context, questions []Question) []Answer {
	return many(ctx, questions, atOnce(openFiles()))
}

func many(ctx context.Context, questions []Question, limit int) []Answer {
	answers := make([]Answer, len(questions))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(limit, len(questions)) {
		wg.Go(func() {
			for i := range next {
				answers[i] = Ask(ctx, questions[i])
			}
		})
	}
	for i := range questions {
		next <- i // after an interrupt, each is answered at once
	}
	close(next)
	wg.Wait()
	return answers
}

// atOnce is how many may be asked at once by a process that may have so many
// files open.
func atOnce(files uint64) int {
	if files < filesKept+filesPerAsk {
		return 1
	}
	return int(min((files-filesKept)/filesPerAsk, atMostAsked))
}
