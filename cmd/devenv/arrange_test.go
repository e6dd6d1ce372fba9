package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestArrange(t *testing.T) {
	tests := map[string]struct{ typed, want string }{
		"options after words":                       {"up game --build", "up --build game"},
		"options before the command":                {"-f x.yaml up game", "up --file x.yaml game"},
		"a command's own words stay":                {"exec game ls -la", "exec game ls -la"},
		"also those that are options of ours":       {"exec -T game psql -u mud -f x", "exec -T game psql -u mud -f x"},
		"a file before exec":                        {"-f x.yaml exec game ls -f", "exec --file x.yaml game ls -f"},
		"the name of a command after exec":          {"exec game up --build", "exec game up --build"},
		"two dashes are the command's":              {"run game -- -x", "run game -- -x"},
		"-f before logs is a file":                  {"-f x.yaml logs -f game", "logs --file x.yaml -f game"},
		"-f after logs takes no word":               {"logs game -f db", "logs -f game db"},
		"-p before run is a project":                {"-p mud run -p 4000 game", "run --project-name mud -p 4000 game"},
		"a value that looks like an option":         {"-f -p up", "up --file -p"},
		"-f with an equals sign":                    {"-f=x.yaml logs", "logs --file=x.yaml"},
		"-t of restart takes a word":                {"restart game -t 5", "restart -t 5 game"},
		"-t of logs takes none":                     {"logs -t game", "logs -t game"},
		"what is no command is left as it is typed": {"dance -f x", "dance -f x"},
	}
	commands := newApp(world{}).Commands
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := arrange(append([]string{"devenv"}, strings.Fields(tt.typed)...), commands)
			if diff := cmp.Diff("devenv "+tt.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}
