//go:build unix

package compose

import (
	"io/fs"
	"syscall"
)

// sameFileSystem tells whether two files are kept in one, as far as is known.
func sameFileSystem(one, other fs.FileInfo) bool {
	a, ok := one.Sys().(*syscall.Stat_t)
	b, also := other.Sys().(*syscall.Stat_t)
	return !ok || !also || a.Dev == b.Dev
}
