package compose

// A Record is all that an engine can tell of one container. Its texts are foreign
// and may hold secrets; escape sequences and control characters are taken out.
type Record struct {
	Inspect []byte // indented JSON
	Health  string // each entry of the healthcheck's log: when, exit code and output
	Log     string // whole, or its last part where it is very long; each line begins with its time
}
