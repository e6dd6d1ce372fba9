package engine

import (
	"slices"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

func TestServicesWithTheSameBuildAreBuiltOnce(t *testing.T) {
	same := func() *types.BuildConfig { return &types.BuildConfig{Context: "/mud", Target: "runner"} }
	model := &types.Project{Name: "mud", Services: types.Services{
		"game":  {Name: "game", Build: same()},
		"bot":   {Name: "bot", Build: same(), Image: "bot:1"},
		"other": {Name: "other", Build: &types.BuildConfig{Context: "/mud", Target: "builder"}},
	}}
	builders := once(model, []string{"bot", "game", "other"})
	if !slices.Equal(builders, []string{"bot", "other"}) {
		t.Errorf("builders are %q", builders)
	}
	if tags := model.Services["bot"].Build.Tags; !slices.Equal(tags, []string{"mud-game"}) {
		t.Errorf("tags are %q", tags)
	}
}
