package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// junitSuites and what it holds are Ant's JUnit format, which Jenkins, GitLab and
// others read. The order of the fields is that of the format.
type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Package    string          `xml:"package,attr"`
	ID         int             `xml:"id,attr"`
	Name       string          `xml:"name,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Hostname   string          `xml:"hostname,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr,omitempty"` // the format did not have it from the beginning
	Time       string          `xml:"time,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
	Out        junitText       `xml:"system-out"`
	Err        junitText       `xml:"system-err"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Skipped *junitText    `xml:"skipped"`
	Failure *junitFailure `xml:"failure"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",cdata"`
}

type junitText struct {
	Text string `xml:",cdata"`
}

// JUnit writes a smoke run as JUnit XML: a test suite for each profile, and in it
// the cases of the attempt that decides. That there were earlier attempts is in the
// properties attempts and flaky, and what failed in them is the suite's output.
func JUnit(w io.Writer, s Smoke) error {
	var all junitSuites
	for i, r := range s.Runs {
		all.Suites = append(all.Suites, suite(s, i, r))
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func suite(s Smoke, id int, r SmokeRun) junitSuite {
	last := r.Last()
	suite := junitSuite{
		Package:   xmlLine(s.Project),
		ID:        id,
		Name:      xmlLine(s.Project + "." + r.Profile),
		Timestamp: last.At.UTC().Format("2006-01-02T15:04:05"), // a zone is not allowed
		Hostname:  "localhost",
		Tests:     len(r.cases()),
		Failures:  len(r.failed()),
		Time:      seconds(last.Took),
		Properties: []junitProperty{
			{"profile", xmlLine(r.Profile)},
			{"attempts", strconv.Itoa(len(r.Attempts))},
			{"flaky", strconv.FormatBool(r.Flaky())},
		},
		Out: junitText{xmlText(earlierAttempts(r))},
	}
	if last.Artifacts != "" {
		suite.Properties = append(suite.Properties, junitProperty{"artifacts", xmlLine(last.Artifacts)})
	}
	for _, c := range r.cases() {
		suite.Cases = append(suite.Cases, testCase(suite.Name, c))
		if c.Result == Skipped {
			suite.Skipped++
		}
	}
	return suite
}

func testCase(class string, c Case) junitCase {
	if c.Service != "" {
		class += "." + c.Service
	}
	test := junitCase{Class: xmlLine(class), Name: xmlLine(c.Name), Time: seconds(c.Took)}
	switch c.Result {
	case Skipped:
		test.Skipped = &junitText{xmlText(c.Reason)}
	case Broken:
		test.Failure = &junitFailure{Message: xmlLine(c.Reason), Type: xmlLine(string(c.Kind)), Text: xmlText(story(c))}
	}
	return test
}

// story is what is known about a failure apart from its reason.
func story(c Case) string {
	var parts []string
	if c.Where != "" {
		parts = append(parts, "asked for by: "+c.Where)
	}
	if c.Detail != "" {
		parts = append(parts, c.Detail)
	}
	if c.Next != "" {
		parts = append(parts, "next: "+c.Next)
	}
	return strings.Join(parts, "\n")
}

// earlierAttempts tells what failed in the attempts before the last one.
func earlierAttempts(r SmokeRun) string {
	if len(r.Attempts) < 2 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.verdict())
	for i, a := range r.Attempts[:len(r.Attempts)-1] {
		for _, c := range a.Failed() {
			fmt.Fprintf(&b, "attempt %d: %s: %s\n%s\n", i+1, c.Title(), c.Reason, story(c))
		}
	}
	return b.String()
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

// xmlText leaves out what XML 1.0 has no way to say: control characters, U+FFFE and
// U+FFFF, and bytes that are no UTF-8. Line ends are those that a parser would make
// of them.
func xmlText(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\r\n", "\n"), "\r", "\n")
	return strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' || c == 0xfffe || c == 0xffff {
			return -1
		}
		return c
	}, text)
}

// xmlLine is [xmlText] as one line, for an attribute.
func xmlLine(text string) string { return strings.Join(strings.Fields(xmlText(text)), " ") }
