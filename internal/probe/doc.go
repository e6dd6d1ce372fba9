// Package probe asks a running game server whether it is ready for players.
//
// [Ask] makes one attempt: one connection, one verdict, politely closed.
// [Await] is the patience around it, and [Many] asks as many at once as there may
// be files open. Nothing here knows about containers: a [Question] holds an
// address, and an [Answer] is data, which others turn into words and exit codes.
//
// That a connection is accepted proves nothing: what publishes a container's
// port accepts before the game listens. So a telnet check needs text from the
// server, and tells apart seven outcomes; see [Outcome].
//
// The rules by protocol stand in telnet.go, tcp.go and http.go; line.go and tls.go
// own the connection, and package telnet, below, what the bytes mean. A telnet
// check is a conversation: telnet.go listens until the server comes to rest,
// inquiry.go asks for MSSP, saying.go sends and records, verdict.go judges.
//
// What a check says unasked are answers to telnet's negotiation, and nothing else.
package probe
