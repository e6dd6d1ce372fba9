package stacktest

import (
	"archive/tar"
	"bytes"
	"context"
	"io"
	"maps"
	"slices"

	"devenv/compose"
	"devenv/internal/stack"
)

// Points about what is in volumes.

const vaulted = "volumes: { world: {}, bare: { labels: { a: b } } }\n"

func volumeRead(p *party) {
	vault, helper := p.vault()
	p.start(p.plan(p.service("game", "runs", "    volumes: ['world:/world', 'bare:/bare:ro']\n") + vaulted))
	world := p.volume(vault, "world")
	want := compose.VolumeUser{Container: p.one("game").ID, Name: p.one("game").Name, Project: p.project, Service: "game", Writes: true, State: compose.Running}
	if !slices.Equal(world.Users, []compose.VolumeUser{want}) {
		p.Errorf("users are %+v", world.Users)
	}
	if bare := p.volume(vault, "bare"); bare.Users[0].Writes || bare.Labels["a"] != "b" {
		p.Errorf("the other is %+v", bare)
	}
	if err := vault.RenewVolume(p.ctx, world); err == nil {
		p.Error("a volume was emptied under a container")
	}
	if names := p.packed(vault, world, helper); !slices.Equal(names, []string{"volume/"}) {
		p.Errorf("an empty volume has %q", names)
	}
}

func volumeWritten(p *party) {
	vault, helper := p.vault()
	p.start(p.plan(p.service("game", "done", "    volumes: ['world:/world', 'bare:/bare']\n") + vaulted))
	p.ended("game")
	if err := p.Remove(p.ctx, p.containers()); err != nil {
		p.Fatal(err)
	}
	for _, key := range []string{"world", "bare"} {
		if err := vault.RenewVolume(p.ctx, p.volume(vault, key)); err != nil {
			p.Fatal(err)
		}
	}
	bare := p.volume(vault, "bare")
	if bare.Labels["a"] != "b" {
		p.Errorf("labels are lost: %+v", bare)
	}
	if err := vault.WriteVolume(p.ctx, bare, helper, rooms("hall", "cellar")); err != nil {
		p.Fatal(err)
	}
	if names := p.packed(vault, bare, helper); !slices.Equal(names, []string{"volume/", "volume/cellar", "volume/hall"}) {
		p.Errorf("it has %q", names)
	}
	if err := vault.WriteVolume(p.ctx, bare, helper, rooms("attic")); err == nil {
		p.Error("a volume was filled that was not empty")
	}
	theirs := bare
	theirs.Project = p.project + "x"
	if err := vault.RenewVolume(p.ctx, theirs); err == nil {
		p.Error("a volume of another project was emptied")
	}
	fresh := compose.Volume{Key: "fresh", Name: p.project + "_fresh", Project: p.project}
	if err := vault.RenewVolume(p.ctx, fresh); err != nil || p.volume(vault, "fresh").Name != fresh.Name {
		p.Errorf("a volume that was not there: %v", err)
	}
}

// vault is the engine, and a helper of an image that is there.
func (p *party) vault() (stack.Vault, compose.Helper) {
	vault, ok := p.Engine.(stack.Vault)
	if !ok {
		p.Fatal("this engine does not look into volumes")
	}
	helper := compose.Helper{Image: p.image, Project: p.project + "-helper"}
	p.Cleanup(func() {
		if left, err := p.Containers(context.Background(), helper.Project); len(left) > 0 || err != nil {
			p.Errorf("left are %v, %v", left, err)
		}
	})
	return vault, helper
}

func (p *party) volume(vault stack.Vault, key string) compose.Volume {
	p.Helper()
	all, err := vault.NamedVolumes(p.ctx, p.project)
	i := slices.IndexFunc(all, func(v compose.Volume) bool { return v.Key == key })
	if i < 0 {
		p.Fatalf("no volume %s among %+v, %v", key, all, err)
	}
	return all[i]
}

// packed lists what is in a volume, sorted.
func (p *party) packed(vault stack.Vault, v compose.Volume, h compose.Helper) []string {
	p.Helper()
	var packed bytes.Buffer
	if err := vault.ReadVolume(p.ctx, v, h, &packed); err != nil {
		p.Fatal(err)
	}
	names := map[string]bool{}
	for in := tar.NewReader(&packed); ; {
		h, err := in.Next()
		if err == io.EOF {
			return slices.Sorted(maps.Keys(names))
		}
		if err != nil {
			p.Fatal(err)
		}
		names[h.Name] = true
	}
}

// rooms packs files as a volume.
func rooms(names ...string) io.Reader {
	var packed bytes.Buffer
	out := tar.NewWriter(&packed)
	_ = out.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "volume/", Mode: 0o700})
	for _, name := range names {
		_ = out.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "volume/" + name, Size: int64(len(name)), Mode: 0o600})
		_, _ = io.WriteString(out, name)
	}
	_ = out.Close()
	return &packed
}
