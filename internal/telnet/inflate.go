package telnet

import (
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"iter"
)

// What compression may blow up: beyond freeInflated bytes, no more than maxRatio
// times what came. Text full of spaces shrinks a hundredfold at most.
const (
	freeInflated = 64 << 10
	maxRatio     = 256
	maxInflated  = 1 << 30 // on one connection
)

var errHungUp = errors.New("the connection ended")

// An inflater undoes MCCP2, one zlib stream, in pieces of any size. Package zlib
// wants to read until it has enough; so it runs as a coroutine, which stands
// still while there is nothing to read. It must be stopped when done with.
//
// What a server compresses is heard as it flushes by Z_SYNC_FLUSH, as all do that
// were looked at; after a Z_PARTIAL_FLUSH it is heard with the next such.
type inflater struct {
	in       []byte // not yet read
	pull     func() ([]byte, bool)
	stop     func()
	yield    func([]byte) bool
	err      error // why the stream ended, if not by its own end
	fed      int64
	produced int64
}

func newInflater() *inflater {
	z := &inflater{}
	z.pull, z.stop = iter.Pull(z.run)
	return z
}

// feed inflates p and passes on what it holds, in pieces. When the stream has
// ended, what is left of p is plain again, or, with an error, is nothing.
func (z *inflater) feed(p []byte, hear func([]byte)) (rest []byte, ended bool, err error) {
	z.in = p
	z.fed += int64(len(p))
	for {
		piece, goesOn := z.pull()
		switch {
		case !goesOn:
			return z.in, true, z.err
		case piece == nil: // p is used up
			return nil, false, nil
		}
		z.produced += int64(len(piece))
		consumed := z.fed - int64(len(z.in))
		if z.produced > freeInflated+maxRatio*consumed || z.produced > maxInflated {
			return nil, true, fmt.Errorf("compressed data blow up from %d to more than %d bytes", consumed, z.produced)
		}
		hear(piece)
	}
}

// run yields what is inflated, and nil where more is needed.
func (z *inflater) run(yield func([]byte) bool) {
	z.yield = yield
	r, err := zlib.NewReader(z)
	buf := make([]byte, 4<<10)
	for err == nil {
		var n int
		n, err = r.Read(buf)
		if n > 0 && !yield(buf[:n]) {
			return
		}
	}
	if err != io.EOF {
		z.err = fmt.Errorf("compressed data are damaged: %w", err)
	}
}

// more waits until there is something to read.
func (z *inflater) more() error {
	for len(z.in) == 0 {
		if !z.yield(nil) {
			return errHungUp
		}
	}
	return nil
}

// Read and ReadByte make zlib read not a byte beyond the end of its stream.
func (z *inflater) Read(p []byte) (int, error) {
	if err := z.more(); err != nil {
		return 0, err
	}
	n := copy(p, z.in)
	z.in = z.in[n:]
	return n, nil
}

func (z *inflater) ReadByte() (byte, error) {
	if err := z.more(); err != nil {
		return 0, err
	}
	b := z.in[0]
	z.in = z.in[1:]
	return b, nil
}
