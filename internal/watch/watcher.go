package watch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"github.com/fsnotify/fsnotify"
)

// A Watcher listens to the files that count.
type Watcher struct {
	tree    *tree
	notify  *fsnotify.Watcher
	folders map[string]bool // that are listened to
	raw     chan string     // paths at which something happened
	bursts  chan []string   // the same, gathered
	faults  chan error
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// LimitError is a machine that lets nobody watch so many folders.
type LimitError struct{ Folder string }

func (e *LimitError) Error() string {
	return fmt.Sprintf("watch %s: this machine allows no more folders to be watched", e.Folder)
}

// Hint says where the limit is.
func (e *LimitError) Hint() string {
	return "raise it: `sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512`; or leave folders out with develop.watch.ignore or .dockerignore"
}

// Open looks at all files that count, and listens from then on, until Close. Every
// path of a rule must exist.
func Open(matchers []*Matcher) (*Watcher, error) {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, limited("files", fmt.Errorf("listen to the disk: %w", err))
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &Watcher{
		notify: notify,
		tree:   &tree{matchers: matchers, files: map[string]string{}}, folders: map[string]bool{},
		raw: make(chan string), bursts: make(chan []string), faults: make(chan error, 1),
		cancel: cancel,
	}
	for _, m := range matchers {
		// What stands above is listened to as well: a file is often replaced by
		// another one, and a folder may come again.
		if err := errors.Join(w.listen(filepath.Dir(m.path)), w.listenBelow(m.path)); err != nil {
			cancel()
			return nil, errors.Join(err, notify.Close())
		}
	}
	w.tree = newTree(matchers) // after listening, so that nothing falls between
	w.running.Go(func() { gather(ctx, w.raw, w.bursts) })
	w.running.Go(func() { w.hear(ctx) })
	return w, nil
}

// Close ends listening.
func (w *Watcher) Close() error {
	w.cancel()
	err := w.notify.Close()
	w.running.Wait()
	return err
}

// Files are the files of a rule that there were when they were last looked at, in
// order.
func (w *Watcher) Files(m *Matcher) []Change {
	var all []Change
	for _, file := range slices.Sorted(maps.Keys(w.tree.files)) {
		if m.Matches(file) {
			all = append(all, Change{Path: file})
		}
	}
	return all
}

// Next waits for a burst in which something has changed, and tells what. All that
// changes between two calls is told at once.
func (w *Watcher) Next(ctx context.Context) ([]Change, error) {
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case err := <-w.faults:
			return nil, err
		case paths := <-w.bursts:
			if changes := w.tree.changes(paths); len(changes) > 0 {
				return changes, nil
			}
		}
	}
}

// hear takes what the disk tells, until ctx ends.
func (w *Watcher) hear(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case err := <-w.notify.Errors:
			if errors.Is(err, fsnotify.ErrEventOverflow) {
				w.everything(ctx)
			}
		case e := <-w.notify.Events:
			if err := w.take(ctx, e); err != nil {
				w.faults <- err
				return
			}
		}
	}
}

// everything has all looked at: events were lost.
func (w *Watcher) everything(ctx context.Context) {
	for _, m := range w.tree.matchers {
		w.pass(ctx, m.path)
	}
}

// take passes a path on that may count. A new folder is listened to; one that has
// gone or has another name is listened to no more, or it would tell of wrong names.
func (w *Watcher) take(ctx context.Context, e fsnotify.Event) error {
	if e.Has(fsnotify.Create) && isFolder(e.Name) {
		if err := w.listenBelow(e.Name); err != nil {
			return err
		}
	}
	if e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename) {
		w.forget(e.Name)
	}
	if w.tree.wants(e.Name) || !w.tree.leaves(e.Name) && !isFile(e.Name) {
		w.pass(ctx, e.Name)
	}
	return nil
}

func (w *Watcher) pass(ctx context.Context, path string) {
	select {
	case w.raw <- path:
	case <-ctx.Done():
	}
}

// forget ends listening to what is below a path. What is there by now under the
// same name is listened to again.
func (w *Watcher) forget(path string) {
	if !w.folders[path] {
		return
	}
	for folder := range w.folders {
		if _, below := relative(path, folder); below {
			_ = w.notify.Remove(folder) // it may have gone by itself
			delete(w.folders, folder)
		}
	}
	if isFolder(path) {
		_ = w.listenBelow(path)
	}
}

// listenBelow listens to a folder and those in it, as far as something may count.
func (w *Watcher) listenBelow(path string) error {
	var first error
	w.tree.walk(path, func(folder string) {
		if err := w.listen(folder); err != nil && first == nil {
			first = err
		}
	}, nil)
	return first
}

// listen listens to one folder. One that has gone meanwhile is no error.
func (w *Watcher) listen(folder string) error {
	err := w.notify.Add(folder)
	if err == nil {
		w.folders[folder] = true
	}
	if err == nil || !isFolder(folder) {
		return nil
	}
	return limited(folder, fmt.Errorf("watch %s: %w", folder, err))
}

func limited(folder string, err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE) {
		return &LimitError{Folder: folder}
	}
	return err
}
