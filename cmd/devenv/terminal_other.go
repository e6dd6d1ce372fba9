//go:build !unix

package main

import (
	"context"
	"errors"

	"devenv/internal/telnet"
)

func echo(int, bool) error { return errors.New("not on this system") }

func windowOf(int) telnet.Window { return telnet.Window{} }

func resizes(context.Context, int) <-chan telnet.Window { return nil }
