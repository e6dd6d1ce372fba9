package telnet

import "testing"

func TestWhatAsksForAPassword(t *testing.T) {
	tests := map[string]bool{
		"admin password: ":                       true,
		"New password:":                          true,
		"PASSWORD":                               true,
		"Passwd> ":                               true,
		"Enter your passphrase (8 to 20 signs):": true,
		"Give me a password for Zed: ":           true,
		"What is the pass?":                      true,
		"PIN :":                                  true,
		"Ann\nPassword: \nWelcome":               true,
		"":                                       false,
		"name? ":                                 false,
		"Your password has been changed.":        false,
		"> ":                                     false,
		"You take the hat pins":                  false,
		"You make it spin: ":                     false,
		"A password is\n> ":                      false,
	}
	for text, want := range tests {
		if got := AsksPassword(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
