package compose

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEnvironmentsAreWhatTheirContainersAndVolumesShow(t *testing.T) {
	at := time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
	port := Port{Target: 4000, Published: 4001}
	items := []Item{
		{Kind: AVolume, Project: "other", Size: -1},
		{Kind: AContainer, Project: "mud", State: Exited, Created: at.Add(time.Hour), Labels: map[string]string{LabelFolder: "/src/mud"}, Size: 1},
		{Kind: AContainer, Project: "mud", State: Running, Created: at, Labels: map[string]string{LabelProfile: "dev"}, Ports: []Port{{Target: 1}, port, port}, Size: 2},
		{Kind: AVolume, Project: "mud", Size: 4},
		{Kind: AContainer, Project: "smoke", State: Running, Created: at, Labels: map[string]string{LabelOwner: "me"}},
	}
	want := []Environment{
		{Project: "mud", Profile: "dev", Folder: "/src/mud", Devenv: true, Running: 1, Total: 2, Created: at, Ports: []Port{port}, Size: 7},
		{Project: "other", Size: -1},
		{Project: "smoke", Devenv: true, Smoke: true, Running: 1, Total: 1, Created: at},
	}
	if diff := cmp.Diff(want, Environments(items)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
