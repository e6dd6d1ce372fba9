package report

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strconv"
	"strings"
)

// A qualityIssue is an entry of GitLab's code quality report.
type qualityIssue struct {
	Description string          `json:"description"`
	Check       string          `json:"check_name"`
	Fingerprint string          `json:"fingerprint"`
	Severity    string          `json:"severity"`
	Location    qualityLocation `json:"location"`
}

type qualityLocation struct {
	Path  string       `json:"path"`
	Lines qualityLines `json:"lines"`
}

type qualityLines struct {
	Begin int `json:"begin"`
}

// unplaced is the file of what names none: GitLab wants one.
const unplaced = "compose.yaml"

// GitLabCodeQuality writes a smoke run as a code quality report of GitLab: each case
// that failed, each flake, and each difference that breaks. Files below the folder
// root are told relative to it. The fingerprint of an entry stays the same from run
// to run, whatever reason is given.
func GitLabCodeQuality(w io.Writer, s Smoke, root string) error {
	q := quality{issues: []qualityIssue{}, seen: map[string]int{}}
	for _, r := range s.Runs {
		for _, c := range r.failed() {
			file, line := place(c.Where, root)
			q.add(qualityIssue{
				Description: oneLine(r.Profile + ": " + c.Title() + ": " + c.Reason),
				Check:       "smoke/" + string(c.Kind),
				Severity:    "critical",
				Location:    qualityLocation{file, qualityLines{line}},
			}, r.Profile, c.Service, c.Name)
		}
		if r.Flaky() {
			q.add(qualityIssue{Description: oneLine(r.Profile) + ": " + r.verdict() + "; " + r.earlier(), Check: "smoke/flaky", Severity: "minor"}, r.Profile)
		}
	}
	for _, d := range s.Differences {
		if d.Breaks {
			q.add(qualityIssue{Description: "profiles differ: " + oneLine(d.Title()) + ": " + s.told(d), Check: "smoke/difference", Severity: "major"}, d.Service, d.What)
		}
	}
	return Write(w, q.issues)
}

// quality gathers issues and counts those of one name, which need fingerprints of
// their own.
type quality struct {
	issues []qualityIssue
	seen   map[string]int
}

// add gives the issue its fingerprint, which is that of the names.
func (q *quality) add(issue qualityIssue, names ...string) {
	if issue.Location.Path == "" {
		issue.Location.Path = unplaced
	}
	issue.Location.Lines.Begin = max(1, issue.Location.Lines.Begin)
	key := strings.Join(append(names, issue.Check, issue.Location.Path), "\x00")
	q.seen[key]++
	if n := q.seen[key]; n > 1 {
		key += "\x00" + strconv.Itoa(n)
	}
	sum := sha256.Sum256([]byte(key))
	issue.Fingerprint = hex.EncodeToString(sum[:])
	q.issues = append(q.issues, issue)
}
