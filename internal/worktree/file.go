package worktree

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// version is that of the file; a later one is not understood.
const version = 1

// A File keeps a [Book] on disk, for all processes of a user.
type File string

// A BrokenError is a file that cannot be understood.
type BrokenError struct {
	File string
	Err  error
}

func (e *BrokenError) Error() string { return fmt.Sprintf("%s: %v", e.File, e.Err) }

func (e *BrokenError) Unwrap() error { return e.Err }

// Hint says what becomes of it.
func (e *BrokenError) Hint() string {
	return "correct it, or move it away: names and ports of worktrees are then chosen again"
}

// Read is what is remembered; a file that does not exist remembers nothing. The error
// may be a [BrokenError].
func (f File) Read() (Book, error) {
	text, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return Book{Version: version}, nil
	}
	if err != nil {
		return Book{}, err
	}
	var b Book
	if err := json.Unmarshal(text, &b); err != nil {
		return Book{}, &BrokenError{File: string(f), Err: err}
	}
	if b.Version != version {
		return Book{}, &BrokenError{File: string(f), Err: fmt.Errorf("is of version %d; this devenv knows %d", b.Version, version)}
	}
	return b, nil
}

// Change changes what is remembered, while no other process does. Whoever reads in the
// meantime has the old file or the new one. After an error it is as it was.
func (f File) Change(change func(*Book) error) error {
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o700); err != nil {
		return err
	}
	unlock, err := lock(string(f) + ".lock")
	if err != nil {
		return fmt.Errorf("lock %s: %w", f, err)
	}
	defer unlock()
	book, err := f.Read()
	if err != nil {
		return err
	}
	if err := change(&book); err != nil {
		return err
	}
	book.forget()
	return f.write(book)
}

func (f File) write(book Book) error {
	text, err := json.MarshalIndent(book, "", "  ")
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(string(f)), filepath.Base(string(f))+".*")
	if err != nil {
		return err
	}
	_, err = temporary.Write(append(text, '\n'))
	err = errors.Join(err, temporary.Sync(), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), string(f))
	}
	if err != nil {
		os.Remove(temporary.Name())
	}
	return err
}
