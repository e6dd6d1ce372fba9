package telnet

import "fmt"

// A Command is the byte that follows IAC (RFC 854).
type Command byte

// The commands of RFC 854, and EOR of RFC 885.
const (
	EOR  Command = 239 // end of record: the prompt is complete (RFC 885)
	SE   Command = 240 // end of a subnegotiation
	NOP  Command = 241 // nothing; Evennia sends it as a keepalive
	DM   Command = 242 // data mark
	BRK  Command = 243 // break
	IP   Command = 244 // interrupt process
	AO   Command = 245 // abort output
	AYT  Command = 246 // are you there
	EC   Command = 247 // erase character
	EL   Command = 248 // erase line
	GA   Command = 249 // go ahead: the prompt is complete
	SB   Command = 250 // begin of a subnegotiation
	WILL Command = 251 // the sender wants to use an option, or agrees to
	WONT Command = 252 // the sender does not use an option
	DO   Command = 253 // the other side shall use an option, or may
	DONT Command = 254 // the other side shall not use an option
	IAC  Command = 255 // interpret as command; doubled, it is the byte 255
)

var commandNames = map[Command]string{
	EOR: "EOR", SE: "SE", NOP: "NOP", DM: "DM", BRK: "BRK", IP: "IP", AO: "AO", AYT: "AYT", EC: "EC",
	EL: "EL", GA: "GA", SB: "SB", WILL: "WILL", WONT: "WONT", DO: "DO", DONT: "DONT", IAC: "IAC",
}

// String gives the RFC's name of the command, or its number.
func (c Command) String() string {
	if name, ok := commandNames[c]; ok {
		return name
	}
	return fmt.Sprintf("command %d", byte(c))
}

// An Option is something the two sides may agree to use (RFC 855).
type Option byte

// Options that game servers were seen to negotiate. Numbers up to 42 are
// registered with IANA; the others are the customs of MUDs.
const (
	Binary     Option = 0   // RFC 856
	Echo       Option = 1   // RFC 857: who shows what is typed
	SGA        Option = 3   // RFC 858: suppress go ahead
	Status     Option = 5   // RFC 859
	TimingMark Option = 6   // RFC 860
	TType      Option = 24  // RFC 1091: terminal type; extended by MTTS
	EndRecord  Option = 25  // RFC 885: prompts end in EOR
	NAWS       Option = 31  // RFC 1073: window size
	TSpeed     Option = 32  // RFC 1079
	LFlow      Option = 33  // RFC 1372
	Linemode   Option = 34  // RFC 1184
	XDisplay   Option = 35  // RFC 1096
	OldEnviron Option = 36  // RFC 1408
	Auth       Option = 37  // RFC 2941
	Encrypt    Option = 38  // RFC 2946
	NewEnviron Option = 39  // RFC 1572
	Charset    Option = 42  // RFC 2066
	MSDP       Option = 69  // https://tintin.mudhalla.net/protocols/msdp/
	MSSP       Option = 70  // https://tintin.mudhalla.net/protocols/mssp/
	MCCP1      Option = 85  // compression, obsolete
	MCCP2      Option = 86  // https://tintin.mudhalla.net/protocols/mccp/
	MCCP3      Option = 87  // compression, client to server
	MSP        Option = 90  // sound
	MXP        Option = 91  // mark-up
	ZMP        Option = 93  // out-of-band messages
	ATCP       Option = 200 // out-of-band messages
	GMCP       Option = 201 // https://tintin.mudhalla.net/protocols/gmcp/
)

var optionNames = map[Option]string{
	Binary: "BINARY", Echo: "ECHO", SGA: "SGA", Status: "STATUS", TimingMark: "TIMING-MARK",
	TType: "TTYPE", EndRecord: "EOR", NAWS: "NAWS", TSpeed: "TSPEED", LFlow: "LFLOW",
	Linemode: "LINEMODE", XDisplay: "XDISPLOC", OldEnviron: "OLD-ENVIRON", Auth: "AUTH",
	Encrypt: "ENCRYPT", NewEnviron: "NEW-ENVIRON", Charset: "CHARSET", MSDP: "MSDP",
	MSSP: "MSSP", MCCP1: "MCCP1", MCCP2: "MCCP2", MCCP3: "MCCP3", MSP: "MSP", MXP: "MXP",
	ZMP: "ZMP", ATCP: "ATCP", GMCP: "GMCP",
}

// String gives the usual name of the option, or its number.
func (o Option) String() string {
	if name, ok := optionNames[o]; ok {
		return name
	}
	return fmt.Sprintf("option %d", byte(o))
}
