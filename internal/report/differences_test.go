package report

import (
	"slices"
	"testing"
	"time"

	"devenv/internal/probe"

	"github.com/google/go-cmp/cmp"
)

func greets(number uint16, text string) Port {
	return Port{Port: number, Check: &probe.Answer{Question: probe.Question{Protocol: probe.Telnet}, Outcome: probe.Ready, Greeting: text}}
}

func silent(number uint16) Port {
	return Port{Port: number, Check: &probe.Answer{Question: probe.Question{Protocol: probe.Telnet}, Outcome: probe.Silent}}
}

// game is an attempt with one service.
func game(ports ...Port) Attempt {
	return Attempt{Services: []Service{{Name: "game", Ports: ports}}}
}

func endsWith(ends ...End) Attempt { return Attempt{Services: []Service{{Name: "game"}}, Ends: ends} }

func sized(bytes int64) Attempt {
	return Attempt{Services: []Service{{Name: "game"}}, Images: []ImageSize{{Service: "game", Bytes: bytes}}}
}

func looked(cases ...Case) Attempt { return Attempt{Cases: cases} }

func TestDifferences(t *testing.T) {
	playing := Case{Kind: CaseConversation, Service: "game", Name: "a new player looks around", Result: Passed}
	broken := Case{Kind: CaseConversation, Service: "game", Name: "a new player looks around", Result: Broken, Reason: "no prompt"}
	skipped := Case{Kind: CaseConversation, Service: "game", Name: "a new player looks around", Result: Skipped}
	tests := map[string]struct {
		dev, prod Attempt
		want      []Difference
	}{
		"nothing looked at": {},
		"the same greeting": {dev: game(greets(5556, "Hi\nName: ")), prod: game(greets(5556, "Hi\nName: "))},
		"another greeting is told by its first other line": {
			dev: game(greets(5556, "Hi\nName: \nx")), prod: game(greets(5556, "Hi\nLogin: \ny")),
			want: []Difference{{Service: "game", What: "greeting 5556", Values: map[string]string{"dev": "Name:", "prod": "Login:"}}},
		},
		"a longer greeting": {
			dev: game(greets(5556, "Hi")), prod: game(greets(5556, "Hi\n\nName: ")),
			want: []Difference{{Service: "game", What: "greeting 5556", Values: map[string]string{"dev": "(nothing more)", "prod": "(an empty line)"}}},
		},
		"a counter, a date and an identifier are no difference": {
			dev:  game(greets(5556, "9 players since 2026-03-01 12:00:07, session 3f2a8c51-77aa-4b1e-9d0f-5a6b7c8d9e0f")),
			prod: game(greets(5556, "1,024 players since 2026-03-02 9:14:59, session c0ffee12-0a1b-4c2d-8e3f-0123456789ab")),
		},
		"only telnet has greetings": {
			dev:  game(Port{Port: 80, Check: &probe.Answer{Question: probe.Question{Protocol: probe.HTTP}, Outcome: probe.Ready, Greeting: "a"}}),
			prod: game(Port{Port: 80, Check: &probe.Answer{Question: probe.Question{Protocol: probe.HTTP}, Outcome: probe.Ready, Greeting: "b"}}),
		},
		"a port that does not answer": {
			dev: game(greets(5559, "a"), greets(5556, "Hi")), prod: game(silent(5559), greets(5556, "Hi")),
			want: []Difference{{Service: "game", What: "ports", Values: map[string]string{"dev": "5556, 5559", "prod": "5556"}}},
		},
		"no port answers": {
			dev: game(greets(5556, "a")), prod: game(silent(5556)),
			want: []Difference{{Service: "game", What: "ports", Values: map[string]string{"dev": "5556", "prod": "none"}}},
		},
		"ports that were not asked are no difference": {dev: game(greets(5556, "a")), prod: game(Port{Port: 5556})},
		"a moment more or less is no difference": {
			dev: endsWith(End{Service: "game", Took: 100 * time.Millisecond}), prod: endsWith(End{Service: "game", Took: 900 * time.Millisecond}),
		},
		"another end": {
			dev: endsWith(End{Service: "game", ExitCode: 143, Took: 3 * time.Second}), prod: endsWith(End{Service: "game", ExitCode: 137, Killed: true, Took: 10 * time.Second}),
			want: []Difference{{Service: "game", What: "exit", Values: map[string]string{"dev": "exit code 143 within its grace", "prod": "killed"}}},
		},
		"an end within a second": {
			dev: endsWith(End{Service: "game", Took: 3 * time.Second}), prod: endsWith(End{Service: "game", Took: time.Second}),
			want: []Difference{{Service: "game", What: "exit", Values: map[string]string{"dev": "exit code 0 within its grace", "prod": "exit code 0 within a second"}}},
		},
		"two containers that end alike are one end": {
			dev: endsWith(End{Service: "game"}, End{Service: "game"}), prod: endsWith(End{Service: "game"}),
		},
		"an end that was not seen is no difference": {dev: endsWith(End{Service: "game"}), prod: endsWith()},
		"a smaller image": {
			dev: sized(645_200_000), prod: sized(28_540_000),
			want: []Difference{{Service: "game", What: "image size", Values: map[string]string{"dev": "645 MB", "prod": "28.5 MB"}}},
		},
		"about the same size is no difference":    {dev: sized(1_000_000), prod: sized(1_010_000)},
		"an unknown size is no difference":        {dev: sized(1_000_000), prod: endsWith()},
		"a case that was skipped breaks nothing":  {dev: looked(playing), prod: looked(skipped)},
		"a case that fails in both":               {dev: looked(broken), prod: looked(broken)},
		"a case that only one has breaks nothing": {dev: looked(broken), prod: looked()},
		"a case that holds for one and fails for the other breaks": {
			dev: looked(playing), prod: looked(broken),
			want: []Difference{{Service: "game", What: "case a new player looks around", Values: map[string]string{"dev": "passed", "prod": "failed: no prompt"}, Breaks: true}},
		},
		"of two cases of one name the failure counts": {
			dev: looked(playing, playing), prod: looked(playing, broken),
			want: []Difference{{Service: "game", What: "case a new player looks around", Values: map[string]string{"dev": "passed", "prod": "failed: no prompt"}, Breaks: true}},
		},
		"a build is the same case in each profile": {
			dev: looked(Case{Kind: CaseBuild, Name: "images of dev", Result: Passed}), prod: looked(Case{Kind: CaseBuild, Name: "images of prod", Result: Broken, Reason: "no space"}),
			want: []Difference{{What: "case build", Values: map[string]string{"dev": "passed", "prod": "failed: no space"}, Breaks: true}},
		},
		"a service that one has not got, and nothing else of it": {
			dev:  Attempt{Services: []Service{{Name: "web", Ports: []Port{greets(80, "a")}}, {Name: "game"}}},
			prod: Attempt{Services: []Service{{Name: "game"}}},
			want: []Difference{{Service: "web", What: "service", Values: map[string]string{"dev": "is there", "prod": "is not there"}}},
		},
		"a profile that did not come that far has no services to compare": {dev: game(greets(5556, "a")), prod: looked()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			// Attempts before the last one do not count.
			runs := []SmokeRun{{Profile: "dev", Attempts: []Attempt{looked(broken), tt.dev}}, {Profile: "prod", Attempts: []Attempt{tt.prod}}}
			if diff := cmp.Diff(tt.want, Differences(runs)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDifferencesComeInAFixedOrder(t *testing.T) {
	attempt := func(n int64, greeting string, result CaseResult) Attempt {
		var a Attempt
		for _, name := range []string{"web", "game"} {
			a.Services = append(a.Services, Service{Name: name, Ports: []Port{greets(5559, greeting), greets(5556, greeting)}})
			a.Cases = append(a.Cases, Case{Service: name, Name: "b", Result: result}, Case{Service: name, Name: "a", Result: result})
			a.Images = append(a.Images, ImageSize{Service: name, Bytes: n})
			a.Ends = append(a.Ends, End{Service: name, ExitCode: int(n)})
		}
		return a
	}
	runs := []SmokeRun{
		{Profile: "prod", Attempts: []Attempt{attempt(1, "x", Passed)}},
		{Profile: "dev", Attempts: []Attempt{attempt(2, "y", Broken)}},
		{Profile: "ci", Attempts: []Attempt{attempt(3, "z", Skipped)}},
	}
	var want []string
	for _, service := range []string{"game", "web"} {
		for _, what := range []string{"case b", "case a", "greeting 5556", "greeting 5559", "exit", "image size"} {
			want = append(want, service+": "+what)
		}
	}
	for range 20 {
		var got []string
		for _, d := range Differences(runs) {
			got = append(got, d.Title())
		}
		if !slices.Equal(got, want) {
			t.Fatal(cmp.Diff(want, got))
		}
	}
}

func TestOneProfileHasNoDifferences(t *testing.T) {
	if got := Differences([]SmokeRun{{Profile: "dev", Attempts: []Attempt{holding()}}}); len(got) > 0 {
		t.Error(got)
	}
	if got := Differences(nil); len(got) > 0 {
		t.Error(got)
	}
}

func TestSizesAreForPeople(t *testing.T) {
	for bytes, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 28_540_000: "28.5 MB", 999_950_000: "1.0 GB", 104_300_000: "104 MB"} {
		if got := size(bytes); got != want {
			t.Errorf("%d: %s, want %s", bytes, got, want)
		}
	}
}

func TestSteadyTextKeepsItsWords(t *testing.T) {
	for _, pair := range [][2]string{{"Midgaard2-dev", "Midgaard2-prod"}, {"internationalization", "internationalisation"}, {"Name:", "name:"}} {
		if steady(pair[0]) == steady(pair[1]) {
			t.Errorf("%q is %q", pair[0], pair[1])
		}
	}
}
