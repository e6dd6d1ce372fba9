package compose

import (
	"time"

	"github.com/compose-spec/compose-go/v2/types"
)

// A Container is what the engine says of one container of a project: observed,
// never decided.
type Container struct {
	ID       string
	Name     string
	Service  string
	Number   int // of the replica, from 1
	Image    string
	ImageID  string
	Labels   map[string]string
	State    State
	PID      int // of its first process, as the engine's machine has it; 0 where none runs
	ExitCode int
	OOM      bool   // ended for want of memory
	Error    string // of the engine, when it could not start it
	Health   Health
	// HealthLog is the output of the last health check; foreign text.
	HealthLog string
	// Early is a healthcheck whose author has not said how often a starting
	// container is to be examined (start_interval), so that others may.
	Early bool
	// Hash is that of its service, by which docker compose knows whether it still fits.
	Hash     string
	Restarts int
	Started  time.Time
	Restart  bool // the engine starts it again when it ends
	Networks []string
	Ports    []Port
	HostMode bool // shares the network of the host
}

// State is the state of a container, in Docker's words.
type State string

// The states of a container.
const (
	Created    State = "created"
	Running    State = "running"
	Paused     State = "paused"
	Restarting State = "restarting"
	Exited     State = "exited"
	Dead       State = "dead"
)

// Health is the verdict of Docker's own healthcheck.
type Health string

// The values of Health; NoHealth is a container without a healthcheck.
const (
	NoHealth  Health = ""
	Starting  Health = "starting"
	Healthy   Health = "healthy"
	Unhealthy Health = "unhealthy"
)

// A Port is a port of a container and where the host publishes it.
type Port struct {
	Target    uint16
	Published uint16 // 0 where it is not published
	HostIP    string
}

// An Image is a local image.
type Image struct {
	ID     string
	Labels map[string]string
}

// Removal says what Down leaves behind.
type Removal int

// What Down may do.
const (
	KeepVolumes   Removal = iota // the world survives
	RemoveVolumes                // the world is deleted
	Discard                      // the world is deleted, and nobody is given time to save it
)

// An Event is something that happened to a container of a project.
type Event struct {
	Container string // ID
	Service   string
	Action    Action
	ExitCode  int // of a Died
}

// Action is what happened, in Docker's words.
type Action string

// The actions that a wait is interested in; others have their own word.
const (
	Started   Action = "start"
	Died      Action = "die"
	Killed    Action = "kill" // someone sent a signal
	OOM       Action = "oom"
	HealthNow Action = "health_status"
)

// The conditions of depends_on that ask for more than a start.
const (
	ServiceHealthy   = types.ServiceConditionHealthy
	ServiceCompleted = types.ServiceConditionCompletedSuccessfully
)

// A Holder is a container of any project that publishes a port on the host.
type Holder struct {
	Container string // name
	Project   string // "" outside Compose
	Protocol  string // "tcp", "udp" or "sctp"
	Port      Port
}
