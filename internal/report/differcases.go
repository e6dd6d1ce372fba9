package report

// casesApart are the cases of a service that hold for one profile and fail for
// another, in the order in which they were looked at.
func casesApart(runs []SmokeRun, service string) []Difference {
	var all []Difference
	for _, name := range caseNames(runs, service) {
		values, held, failed := map[string]string{}, false, false
		for _, r := range runs {
			c, found := worst(r.Last(), service, name)
			if !found {
				continue
			}
			values[r.Profile] = outcome(c)
			held = held || c.Result == Passed
			failed = failed || c.Result == Broken
		}
		if held && failed {
			all = append(all, Difference{Service: service, What: "case " + name, Values: values, Breaks: true})
		}
	}
	return all
}

// alike is the name by which a case is found in another profile: that of a build
// names the profile.
func (c Case) alike() string {
	if c.Kind == CaseBuild {
		return string(CaseBuild)
	}
	return c.Name
}

func caseNames(runs []SmokeRun, service string) []string {
	var names []string
	seen := map[string]bool{}
	for _, r := range runs {
		for _, c := range r.Last().Cases {
			if c.Service == service && !seen[c.alike()] {
				seen[c.alike()] = true
				names = append(names, c.alike())
			}
		}
	}
	return names
}

// worst is the case of that name; of more than one, such as those of a service with
// two containers, one that failed.
func worst(a Attempt, service, name string) (found Case, ok bool) {
	for _, c := range a.Cases {
		if c.Service != service || c.alike() != name {
			continue
		}
		if !ok || found.Result != Broken && c.Result == Broken {
			found, ok = c, true
		}
	}
	return found, ok
}

func outcome(c Case) string {
	if c.Result == Broken {
		return "failed: " + oneLine(c.Reason)
	}
	return string(c.Result)
}
