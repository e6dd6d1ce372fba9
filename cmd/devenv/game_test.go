package main

import (
	"bufio"
	"fmt"
	"net"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// playGame starts a small game in this process and puts its address into a
// variable: game ADDRESS [KIND]. A game greets and asks for a name, and for a
// password with ECHO; "who" lists, "curse" sends escape sequences, "quit" ends.
// Of the kind "silent" it says nothing, and "closed" hangs up.
func playGame(ts *testscript.TestScript, neg bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	ts.Setenv(args[0], l.Addr().String())
	serve := greet
	if len(args) > 1 {
		serve = map[string]func(net.Conn){"silent": keepSilent, "closed": func(c net.Conn) { c.Close() }}[args[1]]
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
}

func keepSilent(conn net.Conn) {
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		fmt.Fprint(conn, "You woke me.\r\n")
	}
}

const status = "\xff\xfa\x46\x01NAME\x02Midgaard\x01PLAYERS\x023\xff\xf0"

// readLine reads a line, and answers DO MSSP where it comes.
func readLine(conn net.Conn, in *bufio.Reader) (string, bool) {
	var line strings.Builder
	for {
		b, err := in.ReadByte()
		switch {
		case err != nil:
			return "", false
		case b == '\n':
			return line.String(), true
		case b == 0xff:
			command, _ := in.ReadByte()
			option, _ := in.ReadByte()
			if command == 0xfd && option == 0x46 {
				fmt.Fprint(conn, status)
			}
		case b != '\r':
			line.WriteByte(b)
		}
	}
}

func greet(conn net.Conn) {
	defer conn.Close()
	fmt.Fprint(conn, "\xff\xfb\x46Welcome to Midgaard!\r\nBy what name? ")
	in := bufio.NewReader(conn)
	next := func() (string, bool) { return readLine(conn, in) }
	name, ok := next()
	fmt.Fprint(conn, "Password: \xff\xfb\x01")
	if _, ok2 := next(); !ok || !ok2 {
		return
	}
	fmt.Fprintf(conn, "\xff\xfc\x01\r\nHail, %s.\r\n> ", name)
	for {
		line, ok := next()
		switch {
		case !ok:
			return
		case line == "who":
			fmt.Fprintf(conn, "%s is here.\r\n> ", name)
		case line == "curse":
			fmt.Fprint(conn, "\x1b[31mred\x1b[0m \x1b]0;title\x07\x1b[2J\x1b[6nseen\r\n> ")
		case line == "quit":
			fmt.Fprint(conn, "Farewell.\r\n")
			return
		}
	}
}
