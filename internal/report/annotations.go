package report

import (
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"devenv/internal/telnet"
)

// GitHubAnnotations writes a smoke run as workflow commands of GitHub: an error for
// each case that failed, a warning for each flake and for each difference that
// breaks. Files below the folder root are told relative to it.
func GitHubAnnotations(w io.Writer, s Smoke, root string) error {
	var b strings.Builder
	for _, r := range s.Runs {
		for _, c := range r.failed() {
			b.WriteString(failureCommand(r.Profile, c, root))
		}
		if r.Flaky() {
			b.WriteString(command("warning", "title="+property(oneLine("smoke "+r.Profile)), r.verdict()+"; "+r.earlier()))
		}
	}
	for _, d := range s.Differences {
		if d.Breaks {
			b.WriteString(command("warning", "title="+property("profiles differ: "+oneLine(d.Title())), s.told(d)))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func failureCommand(profile string, c Case, root string) string {
	var properties []string
	file, line := place(c.Where, root)
	if file != "" {
		properties = append(properties, "file="+property(file))
	}
	if line > 0 {
		properties = append(properties, "line="+strconv.Itoa(line))
	}
	properties = append(properties, "title="+property(oneLine("smoke "+profile+": "+c.Title())))
	message := oneLine(c.Reason)
	if c.Next != "" {
		message += "\nnext: " + oneLine(c.Next)
	}
	return command("error", strings.Join(properties, ","), message)
}

// told is a difference in one line, in the order of the profiles.
func (s Smoke) told(d Difference) string {
	var parts []string
	for _, profile := range s.profiles() {
		if value := d.Values[profile]; value != "" {
			parts = append(parts, oneLine(profile)+": "+oneLine(value))
		}
	}
	return strings.Join(parts, "; ")
}

// command is a workflow command on a line of its own. The properties are escaped
// already.
func command(name, properties, message string) string {
	escaped := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(message)
	return fmt.Sprintf("::%s %s::%s\n", name, properties, escaped)
}

// property escapes the value of a property, as GitHub's own toolkit does.
func property(value string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(value)
}

// wherePattern is "file:line"; the file may be one of Windows.
var wherePattern = regexp.MustCompile(`^(.+):([0-9]+)$`)

// place is the file and the line that a case names; the line is 0 where none is
// told. A file below root is made relative to it, with slashes. It is safe to print.
func place(where, root string) (file string, line int) {
	file = where
	if m := wherePattern.FindStringSubmatch(where); m != nil {
		if n, err := strconv.Atoi(m[2]); err == nil {
			file, line = m[1], n
		}
	}
	if filepath.IsAbs(file) && root != "" {
		if inside, err := filepath.Rel(root, file); err == nil && filepath.IsLocal(inside) {
			file = inside
		}
	}
	return telnet.VisibleLine(filepath.ToSlash(file)), line
}

// GitHubSafe changes text of others, of one line or many, so that GitHub takes no
// line of it for a workflow command: "::" at the beginning of a line and "##["
// anywhere are pulled apart by a space.
func GitHubSafe(text string) string {
	text = strings.ReplaceAll(text, "##[", "## [")
	return leadingColons.ReplaceAllString(text, "$1: :")
}

// leadingColons is what a runner takes for the beginning of a command: it reads
// lines as .NET does, and leaves out white space before the colons.
var leadingColons = regexp.MustCompile(`((?:^|[\r\n])[\s\v\pZ\x{85}]*)::`)
