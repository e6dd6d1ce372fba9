package compose

import (
	"errors"
	"testing"
)

func TestPublishing(t *testing.T) {
	tests := map[string]struct {
		ports   []string
		want    string // the published ports of game
		wantErr bool
	}{
		"none leaves none": {nil, "", false},
		"host and port":    {[]string{"4001:4000"}, "4001 ", false},
		"several":          {[]string{"4001:4000", "127.0.0.1:4002:80"}, "4001 4002 ", false},
		"what is no port":  {[]string{"telnet"}, "", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			before := plan(t, load(t, "-- compose.yaml --\nservices: { game: { image: game, ports: [ \"4000:4000\" ] } }\n"), Request{})
			after, err := before.Publishing("game", tt.ports)
			var usage *UsageError
			if tt.wantErr != errors.As(err, &usage) {
				t.Fatalf("error is %v", err)
			}
			if err == nil && publishedBy(after) != tt.want {
				t.Errorf("published: %s, want %s", publishedBy(after), tt.want)
			}
			if publishedBy(before) != "4000 " {
				t.Errorf("the plan itself publishes %s now", publishedBy(before))
			}
		})
	}
}

func publishedBy(p *Plan) string {
	text := ""
	for _, port := range p.Model.Services["game"].Ports {
		text += port.Published + " "
	}
	return text
}
