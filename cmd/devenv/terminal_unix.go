//go:build unix

package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"devenv/internal/telnet"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// echo shows or hides what is typed on a terminal.
func echo(fd int, on bool) error {
	state, err := unix.IoctlGetTermios(fd, readTermios)
	if err != nil {
		return err
	}
	state.Lflag &^= unix.ECHO
	if on {
		state.Lflag |= unix.ECHO
	}
	return unix.IoctlSetTermios(fd, writeTermios, state)
}

// windowOf is the size of a terminal; zero where it is not known.
func windowOf(fd int) telnet.Window {
	width, height, err := term.GetSize(fd)
	if err != nil {
		return telnet.Window{}
	}
	return telnet.Window{Width: uint16(width), Height: uint16(height)}
}

// resizes sends the new size of a terminal each time it changes, until ctx ends.
func resizes(ctx context.Context, fd int) <-chan telnet.Window {
	changed := make(chan os.Signal, 1)
	signal.Notify(changed, syscall.SIGWINCH)
	sizes := make(chan telnet.Window)
	go func() {
		defer signal.Stop(changed)
		for {
			select {
			case <-ctx.Done():
				return
			case <-changed:
			}
			select {
			case <-ctx.Done():
				return
			case sizes <- windowOf(fd):
			}
		}
	}()
	return sizes
}
