package telnet

import "regexp"

// passwordPrompt is how a line ends that asks for a password.
var passwordPrompt = regexp.MustCompile(`(?im)(?:password|passphrase|passcode|passwd|\b(?:pass|secret|pin))(?: for \S+)?[ \t]*(?:\([^)\n]*\))?[ \t]*[:>?]*[ \t]*$`)

// AsksPassword reports whether a line of text reads like the prompt for a
// password. By it a secret is known where the server does not say so by ECHO, as
// not all games do.
func AsksPassword(text string) bool { return passwordPrompt.MatchString(text) }
