// Package telnet is the protocol a game server speaks, without the connection.
//
// Bytes go in, meaning comes out; nothing here opens a socket or waits, and only
// a [Transcript] looks at the clock, so every rule can be tested on plain slices:
//
//	bytes ─▶ Decoder ─▶ Event ─▶ Client ─▶ answer (bytes to send back)
//	                      │         └─ Negotiator (what both sides agreed on)
//	                      ├─ Text ─▶ Plain (no escape sequences) ─▶ Visible (safe to print)
//	                      └─ Subnegotiation of MSSP ─▶ ParseMSSP
//
// With [Client.Inflate], what a server compresses is inflated on its way to the
// decoder. A [Transcript] keeps what was said on a connection, and when.
//
// It stands below internal/probe, which owns the connection and the clock. It
// imports the standard library only, and knows neither Docker nor checks.
//
// Whatever a server sends is foreign: no input panics, grows memory without a
// bound, draws more answers than it deserves, or reaches a terminal unescaped.
package telnet
