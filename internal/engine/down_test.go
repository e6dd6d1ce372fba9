package engine

import (
	"maps"
	"slices"
	"testing"

	composeapi "github.com/docker/compose/v2/pkg/api"
	"github.com/docker/docker/api/types/container"
	"github.com/google/go-cmp/cmp"
)

// TestDependentsEndFirst gives the labels of containers, as compose writes them.
func TestDependentsEndFirst(t *testing.T) {
	tests := map[string]struct {
		needs map[string]string
		want  map[string][]string
	}{
		"a chain": {
			needs: map[string]string{"bot": "game:service_started:false", "game": "db:service_healthy:false", "db": ""},
			want:  map[string][]string{"game": {"bot"}, "db": {"game"}},
		},
		"two that need the same": {
			needs: map[string]string{"a": "db:service_started:false", "b": "db:service_started:false,gone:service_started:true", "db": ""},
			want:  map[string][]string{"db": {"a", "b"}},
		},
		"one that needs itself": {needs: map[string]string{"a": "a:service_started:false"}, want: map[string][]string{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := dependents(containersThat(test.needs))
			for _, list := range got {
				slices.Sort(list)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestACircleOfOldAndNewContainersIsLeftOpen(t *testing.T) {
	got := dependents(containersThat(map[string]string{"a": "b:service_started:false", "b": "a:service_started:false"}))
	if len(got) != 1 {
		t.Errorf("who waits for whom: %v", got)
	}
}

func containersThat(need map[string]string) []container.Summary {
	var all []container.Summary
	for _, service := range slices.Sorted(maps.Keys(need)) {
		all = append(all, container.Summary{Labels: map[string]string{
			composeapi.ServiceLabel:      service,
			composeapi.DependenciesLabel: need[service],
		}})
	}
	return all
}
