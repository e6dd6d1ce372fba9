//go:build !unix

package compose

import "io/fs"

// sameFileSystem knows no file systems here.
func sameFileSystem(fs.FileInfo, fs.FileInfo) bool { return true }
