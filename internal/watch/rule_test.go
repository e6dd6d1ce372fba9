package watch

import "testing"

func TestMatches(t *testing.T) {
	app := Rule{Path: "/game/app"}
	tests := map[string]struct {
		rule Rule
		file string
		want bool
	}{
		"a file in the folder":                          {app, "/game/app/x.py", true},
		"a file deep in the folder":                     {app, "/game/app/a/b/x.py", true},
		"a file beside the folder":                      {app, "/game/x.py", false},
		"a folder whose name begins alike":              {app, "/game/apple/x.py", false},
		"a name that begins with two dots":              {app, "/game/app/..x", true},
		"a file that is named itself":                   {Rule{Path: "/game/mix.exs"}, "/game/mix.exs", true},
		"a file beside one that is named":               {Rule{Path: "/game/mix.exs"}, "/game/mix.lock", false},
		"an ignored file":                               {Rule{Path: "/game/app", Ignore: []string{"*.log"}}, "/game/app/x.log", false},
		"an ignored name lies at the top only":          {Rule{Path: "/game/app", Ignore: []string{"*.log"}}, "/game/app/a/x.log", true},
		"an ignored folder":                             {Rule{Path: "/game/app", Ignore: []string{"node_modules/"}}, "/game/app/node_modules/a/x.js", false},
		"an exception in an ignored folder":             {Rule{Path: "/game/app", Ignore: []string{"data", "!data/world"}}, "/game/app/data/world/room", true},
		"beside an exception":                           {Rule{Path: "/game/app", Ignore: []string{"data", "!data/world"}}, "/game/app/data/logs/x", false},
		"an included file":                              {Rule{Path: "/game/app", Include: []string{"**/*.py"}}, "/game/app/a/x.py", true},
		"what is not included":                          {Rule{Path: "/game/app", Include: []string{"**/*.py"}}, "/game/app/a/x.txt", false},
		"included and ignored is ignored":               {Rule{Path: "/game/app", Include: []string{"**/*.py"}, Ignore: []string{"a"}}, "/game/app/a/x.py", false},
		"what .dockerignore leaves out":                 {Rule{Path: "/game/app", Beside: Patterns{"/game", []string{"app/tmp"}}}, "/game/app/tmp/x", false},
		".dockerignore of another folder":               {Rule{Path: "/game/app", Beside: Patterns{"/other", []string{"**"}}}, "/game/app/x", true},
		"a file that is named, though in .dockerignore": {Rule{Path: "/game/Dockerfile", Beside: Patterns{"/game", []string{"Dockerfile"}}}, "/game/Dockerfile", true},
		"git's own files":                               {app, "/game/app/.git/index", false},
		"a file of git that is meant for people":        {app, "/game/app/.gitignore", true},
		"Vim's swap file":                               {app, "/game/app/a/.x.py.swp", false},
		"Vim's trial file":                              {app, "/game/app/4913", false},
		"a backup":                                      {app, "/game/app/x.py~", false},
		"Emacs' lock":                                   {app, "/game/app/.#x.py", false},
		"JetBrains' intermediate file":                  {app, "/game/app/x.py___jb_tmp___", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, err := Compile(tt.rule)
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Matches(tt.file); got != tt.want {
				t.Errorf("%s: %v, want %v", tt.file, got, tt.want)
			}
		})
	}
}

func TestLeaves(t *testing.T) {
	tests := map[string]struct {
		rule   Rule
		folder string
		want   bool
	}{
		"the folder itself":           {Rule{Path: "/game/app"}, "/game/app", false},
		"a folder in it":              {Rule{Path: "/game/app"}, "/game/app/a", false},
		"a folder above":              {Rule{Path: "/game/app"}, "/game", false},
		"a folder beside":             {Rule{Path: "/game/app"}, "/game/other", true},
		"an ignored folder":           {Rule{Path: "/game/app", Ignore: []string{"a"}}, "/game/app/a", true},
		"one that an exception is in": {Rule{Path: "/game/app", Ignore: []string{"a", "!a/b"}}, "/game/app/a", false},
		"one of version control":      {Rule{Path: "/game/app", Ignore: []string{"!x"}}, "/game/app/.git", true},
		"one that .dockerignore has":  {Rule{Path: "/game", Beside: Patterns{"/game", []string{"deps"}}}, "/game/deps/a", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, err := Compile(tt.rule)
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Leaves(tt.folder); got != tt.want {
				t.Errorf("%s: %v, want %v", tt.folder, got, tt.want)
			}
		})
	}
}

func TestABadPatternIsTold(t *testing.T) {
	if _, err := Compile(Rule{Path: "/game", Ignore: []string{"[a"}}); err == nil {
		t.Error("no error")
	}
}
