package stacktest

import "slices"

// Projects lists the projects of which there is a container or a volume.
func (e *Engine) Projects() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []string
	for _, c := range e.containers {
		all = append(all, c.project)
	}
	for _, volume := range e.volumes {
		all = append(all, volume.project)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
