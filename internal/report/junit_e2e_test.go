//go:build e2e

package report

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// These tests ask xmllint, by schemas that are none of ours.

// schema finds what fixtures/engine/junit-schema.sh fetches.
func schema(t *testing.T, name string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(cache, "devenv", "junit-schema", name)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v; fetch it: sh fixtures/engine/junit-schema.sh", err)
	}
	return path
}

func validate(t *testing.T, schema, text string) error {
	t.Helper()
	cmd := exec.Command("xmllint", "--noout", "--nonet", "--schema", schema, "-")
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// youngerThanAnt is what the format got after the schema of Ant was written, in
// which a case could not be skipped yet.
var youngerThanAnt = regexp.MustCompile(`<skipped>(<!\[CDATA\[[^]]*\]\]>)*</skipped>| skipped="[0-9]+"`)

func TestJUnitIsValid(t *testing.T) {
	ant, jenkins := schema(t, "junit-apache-ant.xsd"), schema(t, "junit-jenkins.xsd")
	smokes := map[string]Smoke{
		"passed": passing(), "failed and skipped": failed(), "flaky": flaky(), "two profiles": twoProfiles(),
		"no attempt": smokeOf(SmokeRun{Profile: "prod"}), "no profile": {},
	}
	for name, smoke := range smokes {
		t.Run(name, func(t *testing.T) {
			text := junit(t, smoke)
			if err := validate(t, ant, youngerThanAnt.ReplaceAllString(text, "")); err != nil {
				t.Errorf("by Ant's schema: %v\n%s", err, text)
			}
			if err := validate(t, jenkins, text); err != nil {
				t.Errorf("by Jenkins' schema: %v\n%s", err, text)
			}
		})
	}
}

func TestJUnitOfNastyTextIsValid(t *testing.T) {
	s := nasty()
	for i := range s.Runs[0].Attempts {
		s.Runs[0].Attempts[i].Cases[1].Result = Passed // of what Ant's schema knows all
	}
	for _, name := range []string{"junit-apache-ant.xsd", "junit-jenkins.xsd"} {
		if err := validate(t, schema(t, name), junit(t, s)); err != nil {
			t.Errorf("%s: %v\n%s", name, err, junit(t, s))
		}
	}
	if err := validate(t, schema(t, "junit-jenkins.xsd"), junit(t, nasty())); err != nil {
		t.Errorf("skipped: %v", err)
	}
}

func TestTheSchemaFindsFaults(t *testing.T) {
	text := strings.Replace(junit(t, passing()), `hostname="localhost"`, "", 1)
	if err := validate(t, schema(t, "junit-apache-ant.xsd"), text); err == nil || !strings.Contains(err.Error(), "hostname") {
		t.Errorf("got %v", err)
	}
}
