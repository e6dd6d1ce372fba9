package conversation

// A Fault is one thing that is wrong with a conversation as it was written.
type Fault struct {
	Where string // "file:line", "file", or ""
	Err   error
	Fix   string // what to do about it; may be empty
}

func (f *Fault) Error() string {
	if f.Where == "" {
		return f.Err.Error()
	}
	return f.Where + ": " + f.Err.Error()
}

func (f *Fault) Unwrap() error { return f.Err }

// Hint says what the user can do about it.
func (f *Fault) Hint() string { return f.Fix }
