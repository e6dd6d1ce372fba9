package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"
)

// An Archive is written with the tar stream of a volume, whose top folder is [Root].
type Archive struct {
	volume    Volume
	file      *os.File
	sum       hash.Hash
	zip       *zstd.Encoder
	inspector *io.PipeWriter
	inspected chan error
	found     inspection
}

// newArchive makes a file that is not there.
func newArchive(file string, v Volume) (*Archive, error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	a := &Archive{volume: v, file: f, sum: sha256.New(), inspected: make(chan error, 1)}
	a.zip, err = zstd.NewWriter(io.MultiWriter(f, a.sum), zstd.WithEncoderLevel(zstd.SpeedDefault))
	if err != nil {
		f.Close()
		return nil, err
	}
	r, w := io.Pipe()
	a.inspector = w
	go func() {
		var err error
		a.found, err = inspect(r, anything)
		r.CloseWithError(err)
		a.inspected <- err
	}()
	return a, nil
}

// Write takes a piece of the tar stream.
func (a *Archive) Write(p []byte) (int, error) {
	if _, err := a.inspector.Write(p); err != nil {
		return 0, err
	}
	return a.zip.Write(p)
}

// Close ends the archive, puts it on the disk for good, and tells what is in it.
func (a *Archive) Close() (Volume, error) {
	a.inspector.Close()
	err := errors.Join(<-a.inspected, a.zip.Close(), a.file.Sync())
	info, statErr := a.file.Stat()
	if err := errors.Join(err, statErr, a.file.Close()); err != nil {
		return Volume{}, err
	}
	v := a.volume
	v.Files, v.Bytes, v.Archive = a.found.files, a.found.bytes, info.Size()
	v.SHA256 = hex.EncodeToString(a.sum.Sum(nil))
	return v, nil
}

// An unpacked archive is read as the tar stream that it was made of.
type unpacked struct {
	*zstd.Decoder
	file *os.File
}

// mostMemory bounds what a foreign archive can make a reader use.
const mostMemory = 128 << 20

func unpack(file string) (*unpacked, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	zip, err := zstd.NewReader(f, zstd.WithDecoderMaxMemory(mostMemory), zstd.WithDecoderMaxWindow(mostMemory))
	if err != nil {
		f.Close()
		return nil, err
	}
	return &unpacked{zip, f}, nil
}

// Close ends the reading.
func (u *unpacked) Close() error {
	u.Decoder.Close()
	return u.file.Close()
}
