package report

import (
	"regexp"
	"strings"
	"unicode"

	"devenv/internal/telnet"
)

// firstApart is the first line in which the greetings of the profiles differ, if
// counters, dates and random words are no difference; nil when there is none.
func firstApart(greetings map[string]string) map[string]string {
	lines, longest := map[string][]string{}, 0
	for profile, text := range greetings {
		lines[profile] = strings.Split(strings.TrimSpace(text), "\n")
		longest = max(longest, len(lines[profile]))
	}
	for i := range longest {
		values, distinct := map[string]string{}, map[string]bool{}
		for profile, all := range lines {
			values[profile] = "(nothing more)"
			if i < len(all) {
				values[profile] = telnet.VisibleLine(strings.TrimSpace(all[i]))
			}
			distinct[steady(values[profile])] = true
		}
		if len(distinct) > 1 {
			return quoted(values)
		}
	}
	return nil
}

func quoted(values map[string]string) map[string]string {
	for profile, value := range values {
		if value == "" {
			value = "(an empty line)"
		}
		values[profile] = clip(value, 200)
	}
	return values
}

var (
	words   = regexp.MustCompile(`[0-9A-Za-z_-]{12,}`)
	numbers = regexp.MustCompile(`[0-9]+([.,:/-][0-9]+)*`)
)

// steady is a line in which every number is the same number, and every long word
// that looks made up by chance, such as an identifier, the same word.
func steady(line string) string {
	line = words.ReplaceAllStringFunc(line, func(word string) string {
		if random(word) {
			return "…"
		}
		return word
	})
	line = numbers.ReplaceAllString(line, "0")
	return strings.Join(strings.Fields(line), " ")
}

// random tells a word in which letters and digits take turns.
func random(word string) bool {
	turns, before := 0, rune(0)
	for _, c := range word {
		if before != 0 && unicode.IsDigit(c) != unicode.IsDigit(before) {
			turns++
		}
		before = c
	}
	return turns >= 3
}
