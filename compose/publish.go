package compose

import (
	"fmt"
	"maps"

	"github.com/compose-spec/compose-go/v2/types"
)

// Publishing is the plan with these ports of a service, and no others, published:
// each is a PORT or [IP:]HOST:PORT. The error is a [UsageError].
func (p *Plan) Publishing(service string, ports []string) (*Plan, error) {
	plan, model := *p, *p.Model
	plan.Model, model.Services = &model, maps.Clone(p.Model.Services)
	alone := model.Services[service]
	alone.Ports = nil
	for _, text := range ports {
		port, err := types.ParsePortConfig(text)
		if err != nil {
			return nil, &UsageError{Err: fmt.Errorf("no port to publish: %q", text), Fix: "want PORT or HOST:PORT, such as 4001:4000"}
		}
		alone.Ports = append(alone.Ports, port...)
	}
	model.Services[service] = alone
	return &plan, nil
}
