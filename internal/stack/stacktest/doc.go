// Package stacktest has a fake engine that works, and the contract that it
// keeps together with the real one.
//
// A container of the fake is a Go function, its [Script]. The ports it
// publishes are real ones of this machine, so what is asked of them is asked as
// of a real game. Everything that happens is told by events, in Docker's words
// and order; nothing takes longer than the script does.
package stacktest
