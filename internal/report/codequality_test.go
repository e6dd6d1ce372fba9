package report

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGitLabCodeQuality(t *testing.T) {
	silent := qualityIssue{
		Description: "prod: game: check 5556 telnet: silent: not one byte within 3s", Check: "smoke/check", Severity: "critical",
		Location: qualityLocation{"mud/compose.yaml", qualityLines{12}},
	}
	tests := map[string]struct {
		smoke Smoke
		want  []qualityIssue
	}{
		"a pass is an empty list": {passing(), []qualityIssue{}},
		"a failure":               {failed(), []qualityIssue{silent}},
		"a flake": {flaky(), []qualityIssue{{
			Description: "prod: FLAKY: passed at attempt 2 of 3; attempt 1: game: check 5556 telnet: silent: not one byte within 3s",
			Check:       "smoke/flaky", Severity: "minor", Location: qualityLocation{"compose.yaml", qualityLines{1}},
		}}},
		"a difference that breaks": {twoProfiles(), []qualityIssue{silent, {
			Description: "profiles differ: game: case check 5556 telnet: dev: passed; prod: failed: silent",
			Check:       "smoke/difference", Severity: "major", Location: qualityLocation{"compose.yaml", qualityLines{1}},
		}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := codeQuality(t, tt.smoke)
			for i := range got {
				if len(got[i].Fingerprint) != 64 {
					t.Errorf("fingerprint %q", got[i].Fingerprint)
				}
				got[i].Fingerprint = ""
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnIssueHasTheFieldsThatGitLabWants(t *testing.T) {
	var b strings.Builder
	if err := GitLabCodeQuality(&b, failed(), "/src"); err != nil {
		t.Fatal(err)
	}
	want := `[
  {
    "description": "prod: game: check 5556 telnet: silent: not one byte within 3s",
    "check_name": "smoke/check",
    "fingerprint": "` + codeQuality(t, failed())[0].Fingerprint + `",
    "severity": "critical",
    "location": {
      "path": "mud/compose.yaml",
      "lines": {
        "begin": 12
      }
    }
  }
]
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestAnEmptyCodeQualityReportIsAnEmptyList(t *testing.T) {
	var b strings.Builder
	if err := GitLabCodeQuality(&b, passing(), ""); err != nil || b.String() != "[]\n" {
		t.Errorf("got %q, %v", b.String(), err)
	}
}

func TestAFingerprintStaysAndIsOfOneIssue(t *testing.T) {
	first := codeQuality(t, failed())
	other := failed()
	other.Runs[0].Attempts[0].Cases[1].Reason = "refused"
	if again := codeQuality(t, other); again[0].Fingerprint != first[0].Fingerprint {
		t.Error("another reason gave another fingerprint")
	}
	twice := failed()
	cases := &twice.Runs[0].Attempts[0].Cases
	*cases = append(*cases, (*cases)[1])
	if both := codeQuality(t, twice); len(both) != 2 || both[0].Fingerprint == both[1].Fingerprint || both[0].Fingerprint != first[0].Fingerprint {
		t.Errorf("got %v", both)
	}
}

func TestNastyTextGivesValidCodeQuality(t *testing.T) {
	for _, issue := range codeQuality(t, nasty()) {
		if acts(issue.Description) {
			t.Errorf("%q", issue.Description)
		}
	}
}

func codeQuality(t *testing.T, s Smoke) []qualityIssue {
	t.Helper()
	var b strings.Builder
	if err := GitLabCodeQuality(&b, s, "/src"); err != nil {
		t.Fatal(err)
	}
	var issues []qualityIssue
	if err := json.Unmarshal([]byte(b.String()), &issues); err != nil {
		t.Fatal(err)
	}
	return issues
}
