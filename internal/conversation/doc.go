// Package conversation lets a program talk to a game as a player would: it reads
// what to say and what to hear, says it, and writes down what a player said.
//
//	file ─▶ Parse ─▶ Conversation ─▶ Player.Play ─▶ Result (failure, transcript)
//	  ▲                                  │
//	  └────────── Recorder ◀─────────────┘ the same telnet events
//
// A conversation is YAML, decoded strictly:
//
//	name: a new player looks around
//	port: 5556                                 # in the container; default: the first telnet port
//	within: 30s                                # all of it; default: as long as its steps may take
//	steps:
//	  - expect: "name"                         # a Go regexp on the text without escape sequences
//	  - send: "${RANDOM_NAME}"
//	  - expect: { text: "Welcome, ${RANDOM_NAME}", within: 5s }
//	  - send: { text: "${PASSWORD}", hidden: true }
//	  - prompt                                 # GA, EOR, or a pause in the middle of a line
//	  - mssp: { NAME: "ExMud", PLAYERS: "^[0-9]+$" }
//	  - close                                  # the server hangs up
//
// A file holds one of them, or a list under "conversations". In a send, ${NAME}
// is a variable and $$ is a dollar; RANDOM_NAME is made up for each play, letters
// only, and the others are given to the [Player]. In a pattern, $ keeps its
// meaning, and ${NAME} stands for the value of the variable, quoted.
//
// It stands above internal/telnet, and knows neither Docker nor how a connection
// is made.
package conversation
