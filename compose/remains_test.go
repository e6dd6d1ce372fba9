package compose

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRemainsAreThingsWithAnOwnerByProject(t *testing.T) {
	at := func(hour int) string {
		return time.Date(2026, 3, 1, hour, 0, 0, 0, time.UTC).Format(time.RFC3339)
	}
	owned := func(owner, started, deadline string) map[string]string {
		return map[string]string{LabelOwner: owner, LabelStarted: started, LabelDeadline: deadline}
	}
	got := FindRemains([]Thing{
		{AContainer, "run-game-2", "run", owned("me", at(11), at(12))},
		{AContainer, "run-game-1", "run", owned("me", at(10), at(13))},
		{ANetwork, "run_default", "run", owned("me", "soon", "later")},
		{AVolume, "run_world", "run", owned("you", "", "")},
		{AVolume, "run_mine", "run", nil},
		{AContainer, "run-bot-1", "run", map[string]string{"more": "labels"}},
		{AContainer, "mud-game-1", "mud", map[string]string{LabelTarget: "builder"}},
		{AVolume, "loose", "", owned("me", "", "")},
		{AVolume, "somebodys", "", nil},
	})
	time := func(hour int) time.Time { return time.Date(2026, 3, 1, hour, 0, 0, 0, time.UTC) }
	strangers := []string{"container run-bot-1", "volume run_mine"}
	want := []Remains{
		{Owner: "me", Volumes: []string{"loose"}},
		{Project: "run", Owner: "me", Started: time(10), Deadline: time(13), Containers: []string{"run-game-1", "run-game-2"}, Networks: []string{"run_default"}, Strangers: strangers},
		{Project: "run", Owner: "you", Volumes: []string{"run_world"}, Strangers: strangers},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhereNothingHasAnOwnerNothingRemains(t *testing.T) {
	got := FindRemains([]Thing{{AContainer, "mud-game-1", "mud", map[string]string{LabelProfile: "dev"}}, {AVolume, "mud_world", "mud", nil}})
	if len(got) > 0 {
		t.Errorf("got %+v", got)
	}
}
