package compose

import (
	"bufio"
	"fmt"
	"io"
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
			return fmt.Errorf("%s:%d: %q is no name of a variable", name, n, key)
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
