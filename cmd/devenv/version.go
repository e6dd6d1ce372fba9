package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"devenv/internal/report"

	"github.com/urfave/cli/v2"
)

// versionJSON is the shape of `devenv version --format json`.
type versionJSON struct {
	Version   string `json:"version"`
	Revision  string `json:"revision,omitempty"`
	Compose   string `json:"docker_compose"`
	ComposeGo string `json:"compose_go"`
	Go        string `json:"go"`
	Platform  string `json:"platform"`
}

func versionCommand(w world) *cli.Command {
	return &cli.Command{
		Name:        "version",
		Usage:       "print the version of devenv and of the libraries that matter",
		Description: "Example:\n  devenv version --format json",
		Flags:       []cli.Flag{formatFlag()},
		Action: func(c *cli.Context) error {
			f, err := parseFormat(c)
			if err != nil {
				return err
			}
			v := thisVersion()
			if f == asJSON {
				return report.Write(w.stdout, v)
			}
			_, err = fmt.Fprintf(w.stdout, "devenv %s\ndocker/compose %s, compose-go %s, %s, %s\n", v.Version, v.Compose, v.ComposeGo, v.Go, v.Platform)
			return err
		},
	}
}

func thisVersion() versionJSON {
	v := versionJSON{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	for _, d := range info.Deps {
		switch d.Path {
		case "github.com/docker/compose/v2":
			v.Compose = d.Version
		case "github.com/compose-spec/compose-go/v2":
			v.ComposeGo = d.Version
		}
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v.Revision = s.Value
		}
	}
	return v
}
