package snapshot

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Root is the folder, in each archive, that stands for the volume itself, so that
// its owner and mode are kept too.
const Root = "volume"

// An inspection is what a tar stream was found to hold.
type inspection struct {
	files, bytes int64
	devices      int64
}

// inspect reads a tar stream to its end. It must be whole, all in [Root], and hold no
// more than most says.
func inspect(r io.Reader, most Volume) (inspection, error) {
	var found inspection
	end := &zeros{r: r}
	archive := tar.NewReader(end)
	for {
		header, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return found, fmt.Errorf("archive: %w", err)
		}
		if err := found.add(header); err != nil {
			return found, err
		}
		if found.files > most.Files || found.bytes > most.Bytes {
			return found, errors.New("archive: holds more than its manifest says")
		}
	}
	if _, err := io.Copy(io.Discard, end); err != nil {
		return found, fmt.Errorf("archive: %w", err)
	}
	if end.n < 1024 {
		return found, errors.New("archive: breaks off")
	}
	return found, nil
}

func (f *inspection) add(h *tar.Header) error {
	name := strings.TrimSuffix(h.Name, "/")
	if name == Root && h.Typeflag == tar.TypeDir {
		return nil
	}
	inside, ok := strings.CutPrefix(name, Root+"/")
	if !ok || inside == "" || leaves(inside) {
		return fmt.Errorf("archive: %q is not in the volume", h.Name)
	}
	if h.Typeflag == tar.TypeChar || h.Typeflag == tar.TypeBlock {
		f.devices++
	}
	f.files++
	if f.bytes += h.Size; f.bytes < 0 {
		return errors.New("archive: claims more bytes than there can be")
	}
	return nil
}

// leaves tells of a path that may lead out of its folder.
func leaves(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if part == ".." {
			return true
		}
	}
	return false
}

// zeros counts the zero bytes at the end of a stream: two blocks of them end an
// archive, and an engine that fails in its middle sends none.
type zeros struct {
	r io.Reader
	n int64
}

func (z *zeros) Read(p []byte) (int, error) {
	n, err := z.r.Read(p)
	kept := bytes.TrimRight(p[:n], "\x00")
	if len(kept) > 0 {
		z.n = 0
	}
	z.n += int64(n - len(kept))
	return n, err
}
