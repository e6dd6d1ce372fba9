package compose

import (
	"errors"
	"slices"
	"testing"
)

func TestProfile(t *testing.T) {
	const (
		withDefault = "x-devenv: { default: ci, profiles: { ci: { like: prod } } }\nservices: { game: { image: a } }\n"
		without     = "services: { game: { image: a, x-devenv: { profiles: { own: { override: { tty: true } } } } } }\n"
	)
	tests := map[string]struct {
		file, dotEnv string
		env          []string
		flag         string
		want         string
		wantErr      string
	}{
		"the flag wins over all":             {file: withDefault, dotEnv: "DEVENV_PROFILE=dev", env: []string{"DEVENV_PROFILE=dev"}, flag: "prod", want: "prod"},
		"DEVENV_PROFILE wins over .env":      {file: withDefault, dotEnv: "DEVENV_PROFILE=ci", env: []string{"DEVENV_PROFILE=dev"}, want: "dev"},
		"DEVENV_PROFILE of .env":             {file: withDefault, dotEnv: "DEVENV_PROFILE=prod", want: "prod"},
		"the default of the file":            {file: withDefault, want: "ci"},
		"an empty DEVENV_PROFILE is none":    {file: withDefault, env: []string{"DEVENV_PROFILE="}, want: "ci"},
		"dev, where nobody says":             {file: without, want: "dev"},
		"a profile that only a service has":  {file: without, flag: "own", want: "own"},
		"a default that only a service has":  {file: "x-devenv: { default: own }\n" + without, want: "own"},
		"a like that only a service has":     {file: "x-devenv: { profiles: { ci: { like: own } } }\n" + without, flag: "ci", want: "ci"},
		"a flag that names none":             {file: without, flag: "nope", wantErr: `--profile: no profile "nope"`},
		"a DEVENV_PROFILE that names none":   {file: without, env: []string{"DEVENV_PROFILE=nope"}, wantErr: `DEVENV_PROFILE: no profile "nope"`},
		"a flag saves a bad DEVENV_PROFILE":  {file: without, env: []string{"DEVENV_PROFILE=nope"}, flag: "dev", want: "dev"},
		"names are told apart by their case": {file: without, flag: "Dev", wantErr: `--profile: no profile "Dev"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, "-- compose.yaml --\n"+test.file+"-- .env --\n"+test.dotEnv+"\n")
			p := loadFrom(t, Source{ProjectDirectory: dir, Environment: test.env})
			got, err := p.Profile(test.flag)
			if got != test.want {
				t.Errorf("profile %q, want %q", got, test.want)
			}
			var usage *UsageError
			if test.wantErr != "" && (!errors.As(err, &usage) || err.Error() != test.wantErr) {
				t.Errorf("error %v, want %s", err, test.wantErr)
			}
		})
	}
}

func TestProfiles(t *testing.T) {
	p := load(t, "-- compose.yaml --\nx-devenv: { profiles: { ci: {}, prod: {} } }\nservices: { game: { image: a, x-devenv: { profiles: { own: {} } } } }\n")
	if got, want := p.Profiles(), []string{"ci", "dev", "own", "prod"}; !slices.Equal(got, want) {
		t.Errorf("profiles %v, want %v", got, want)
	}
}

func TestAsked(t *testing.T) {
	p := load(t, "-- compose.yaml --\nx-devenv: { default: prod }\nservices: { game: { image: a } }\n")
	env := load(t, "-- compose.yaml --\nservices: { game: { image: a } }\n-- .env --\nDEVENV_PROFILE=prod\n")
	if p.Asked("") || !p.Asked("dev") || !env.Asked("") {
		t.Errorf("asked: %v %v %v", p.Asked(""), p.Asked("dev"), env.Asked(""))
	}
}
