//go:build unix

package probe

import "syscall"

// openFiles is how many files this process may have open. The Go runtime has
// raised that to what it may raise it to.
func openFiles() uint64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 256 // the least that is usual
	}
	return uint64(limit.Cur)
}
