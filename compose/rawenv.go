package compose

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/dotenv"
)

// knowRaw teaches compose-go the format "raw" of an env_file, as the docker
// compose command does: the formats it knows are a variable of its package, so
// this is set once, here.
var knowRaw = sync.OnceFunc(func() { dotenv.RegisterFormat("raw", readRaw) })

// readRaw reads KEY=value lines to the letter: no quotes, no variables. A KEY
// alone takes its value from the environment.
func readRaw(r io.Reader, name string, vars map[string]string, lookup func(string) (string, bool)) error {
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimLeft(strings.TrimPrefix(lines.Text(), "\uFEFF"), " \t")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, given := strings.Cut(line, "=")
		if key == "" || strings.ContainsAny(key, " \t") {
			return fmt.Errorf("%s:%d: the line does not begin with the name of a variable", name, n)
		}
		if !given {
			if value, given = lookup(key); !given {
				continue
			}
		}
		vars[key] = value
	}
	return lines.Err()
}

// quotesValue is what compose-go says of a line of an env file before it quotes the
// line or the value, to the end.
var quotesValue = regexp.MustCompile(`(?s)(unexpected character ".*?" in variable name|unterminated quoted value|Invalid template:) .*`)

// withoutValues is a fault of an env file that quotes nothing of it: the file may hold
// secrets.
func withoutValues(err error) error {
	at := quotesValue.FindStringSubmatchIndex(err.Error())
	if at == nil {
		return err
	}
	return errors.New(strings.TrimSuffix(err.Error()[:at[3]], ":"))
}
