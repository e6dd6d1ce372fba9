package compose

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What compose-go refuses is told with the place in the file, where its message
// lets us find one.
func TestLoadPlacesWhatComposeSays(t *testing.T) {
	tests := map[string]struct{ archive, want string }{
		"no YAML": {
			"-- compose.yaml --\nservices:\n  game: [\n",
			"compose.yaml:2: did not find expected node content\n",
		},
		"an unknown key of Compose": {
			"-- compose.yaml --\nservices:\n  game:\n    image: a\n    prots: []\n",
			"compose.yaml:4: validating compose.yaml: services.game additional properties 'prots' not allowed\n",
		},
		"a wrong type": {
			"-- compose.yaml --\nservices:\n  game:\n    image: a\n    ports: 5\n",
			"compose.yaml:4: validating compose.yaml: services.game.ports must be a array\n",
		},
		"a number as a key": {
			"-- compose.yaml --\nservices:\n  game:\n    image: a\n    labels: { 1: a }\n",
			"compose.yaml:4: non-string key in services.game.labels: 1\n  hint: put the key in quotes: \"1\":\n",
		},
		"an override that Compose refuses, in the place of the override": {
			"-- compose.yaml --\nservices:\n  game:\n    image: a\n    x-devenv:\n      profiles:\n        dev:\n          override:\n            tty: true\n            prots: []\n",
			"profile dev: compose.yaml:9: validating compose.yaml: services.game additional properties 'prots' not allowed\n",
		},
		"an override in an included file": {
			"-- compose.yaml --\ninclude: [ sub/compose.yaml ]\n-- sub/compose.yaml --\nservices:\n  game:\n    image: a\n    x-devenv: { profiles: { ci: { override: { ports: 5 } } } }\n",
			"sub/compose.yaml:4: services.game.x-devenv.profiles.ci.override: services.game.ports: invalid type int for port\n",
		},
		"an unset required variable": {
			"-- compose.yaml --\nservices:\n  game:\n    image: ${IMAGE:?say which}\n",
			"compose.yaml:3: error while interpolating services.game.image: required variable IMAGE is missing a value: say which\n",
		},
		"a dependency that is not there": {
			"-- compose.yaml --\nservices:\n  game: { image: a, depends_on: [ db ] }\n",
			"compose.yaml: service \"game\" depends on undefined service \"db\": invalid compose project\n",
		},
		"a file in a fault of an extended service": {
			"-- compose.yaml --\nservices:\n  game:\n    extends: { file: base/base.yaml, service: template }\n-- base/base.yaml --\n\nservices:\n  template:\n    image: a\n    x-devenv: { oops: 1 }\n",
			"base/base.yaml:5: services.game.x-devenv.oops: unknown key \"oops\"\n  hint: keys known here: profiles, checks, smoke, quiesce, farewell, user, prepare\n",
		},
		"a fault in the last file that says it": {
			"-- compose.yaml --\nservices:\n  game: { image: a, x-devenv: { checks: { \"1\": { within: 3 } } } }\n-- compose.override.yaml --\nservices:\n  game:\n    x-devenv: { checks: { \"1\": { within: 4 } } }\n",
			"compose.override.yaml:3: services.game.x-devenv.checks.1.within: 4 has no unit\n  hint: write a number with a unit, such as \"30s\" or \"2m\"\n",
		},
		"a fault that an anchor brings": {
			"-- compose.yaml --\nx-shared: &shared\n  image: a\n  x-devenv: { oops: 1 }\nservices:\n  game:\n    <<: *shared\n    tty: true\n",
			"compose.yaml:3: services.game.x-devenv.oops: unknown key \"oops\"\n  hint: keys known here: profiles, checks, smoke, quiesce, farewell, user, prepare\n",
		},
		"a second document": {
			"-- compose.yaml --\nservices: { game: { image: a } }\n---\nservices:\n  game:\n    x-devenv: { oops: 1 }\n",
			"compose.yaml:5: services.game.x-devenv.oops: unknown key \"oops\"\n  hint: keys known here: profiles, checks, smoke, quiesce, farewell, user, prepare\n",
		},
		"a port that is none, by its value": {
			"-- compose.yaml --\nservices:\n  game:\n    image: a\n    ports:\n      - 4000:4000\n      - 4001:99999\n",
			"compose.yaml:6: invalid containerPort: 99999\n",
		},
		"a circle of includes": {
			"-- compose.yaml --\ninclude: [ other.yaml ]\nservices: { game: { image: a } }\n-- other.yaml --\ninclude: [ compose.yaml ]\n",
			"include cycle detected:\ncompose.yaml\n include other.yaml\n include compose.yaml\n",
		},
		"a circle of extends": {
			"-- compose.yaml --\nservices:\n  a: { image: a, extends: b }\n  b: { extends: a, x-devenv: { oops: 1 } }\n",
			"",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, test.archive)
			_, err := Load(t.Context(), Source{ProjectDirectory: dir})
			if err == nil {
				t.Fatal("no fault")
			}
			if diff := cmp.Diff(test.want, told(err, dir)); diff != "" && test.want != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
