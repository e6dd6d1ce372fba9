package owner

import (
	"bufio"
	"os/exec"
	"strings"
	"testing"
)

func TestALivingProcessIsNotDead(t *testing.T) {
	self := Self()
	if self.Dead(self, true) {
		t.Errorf("this process is dead: %v", self)
	}
	if read, ok := Parse(self.String()); !ok || read != self {
		t.Errorf("%v was read as %v, %v", self, read, ok)
	}
}

// process starts a program that says when it runs, and ends with its input.
func startProcess(t *testing.T) (running Owner, end func()) {
	t.Helper()
	cmd := exec.Command("sh", "-c", "echo runs; read end")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	o := Self()
	o.PID, o.Start = cmd.Process.Pid, look(cmd.Process.Pid).start
	return o, func() {
		in.Close()
		_ = cmd.Wait() // with 1, as there was nothing to read
	}
}

func TestAProcessIsDeadOnceItHasEnded(t *testing.T) {
	o, end := startProcess(t)
	if o.Dead(Self(), true) {
		t.Errorf("%v runs and is dead", o)
	}
	end()
	if !o.Dead(Self(), false) {
		t.Errorf("%v has ended and is not dead", o)
	}
}

func TestWhatIsNotSureIsNotDead(t *testing.T) {
	if !hasProc {
		t.Skip("needs a system that knows boots and namespaces")
	}
	o, end := startProcess(t)
	end()
	self := Self()
	tests := map[string]struct {
		change func(*Owner)
		local  bool
		dead   bool
	}{
		"no such process":                               {func(*Owner) {}, false, true},
		"its number belongs to a later one":             {func(o *Owner) { o.PID, o.Start = self.PID, "1" }, false, true},
		"its number is ours, and no start is known":     {func(o *Owner) { o.PID, o.Start = self.PID, "" }, true, false},
		"of another container":                          {func(o *Owner) { o.Namespace = "1" }, true, false},
		"of a container that is not known":              {func(o *Owner) { o.Namespace = "" }, true, false},
		"of this machine before it was restarted":       {func(o *Owner) { o.Boot = "before" }, true, true},
		"the same, but the engine may be anywhere":      {func(o *Owner) { o.Boot = "before" }, false, false},
		"of another machine":                            {func(o *Owner) { o.Boot, o.Machine = "there", "another" }, true, false},
		"of a machine that is not known":                {func(o *Owner) { o.Boot, o.Machine = "there", "" }, true, false},
		"of a boot that is not known":                   {func(o *Owner) { o.Boot = "" }, true, false},
		"no process at all":                             {func(o *Owner) { o.PID = 0 }, true, false},
		"before a restart, of a container of that time": {func(o *Owner) { o.Boot, o.Namespace = "before", "1" }, true, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := o
			tt.change(&o)
			if got := o.Dead(self, tt.local); got != tt.dead {
				t.Errorf("%v is dead: %v", o, got)
			}
		})
	}
}

func TestANamespaceThatIsNotKnownProvesNothing(t *testing.T) {
	o, end := startProcess(t)
	end()
	self := Self()
	o.Namespace, self.Namespace = "", ""
	if hasProc && o.Dead(self, true) {
		t.Error("dead in a namespace that neither knows")
	}
}

func TestParse(t *testing.T) {
	tests := map[string]struct {
		label string
		want  Owner
		ok    bool
	}{
		"all of it":              {"m/b/4/77/123", Owner{"m", "b", "4", 77, "123"}, true},
		"no start":               {"m/b/4/77", Owner{"m", "b", "4", 77, ""}, true},
		"what is not known":      {"///77/", Owner{PID: 77}, true},
		"more than we know":      {"m/b/4/77/123/user/x", Owner{"m", "b", "4", 77, "123"}, true},
		"nothing":                {"", Owner{}, false},
		"no process":             {"m/b/4//123", Owner{}, false},
		"a process group":        {"m/b/4/-1/123", Owner{}, false},
		"the kernel":             {"m/b/4/0/123", Owner{}, false},
		"a number out of bounds": {"m/b/4/99999999999/123", Owner{}, false},
		"something else":         {"yes", Owner{}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, ok := Parse(tt.label); got != tt.want || ok != tt.ok {
				t.Errorf("got %+v, %v", got, ok)
			}
		})
	}
}

func TestStat(t *testing.T) {
	rest := " 1 77 77 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4242 1000 1\n"
	tests := map[string]struct {
		stat string
		want process
	}{
		"a plain name":                  {"77 (devenv) S" + rest, process{start: "4242"}},
		"a name like the end of itself": {"77 (a) S 1) (b) R" + rest, process{start: "4242"}},
		"it waits for its parent":       {"77 (devenv) Z" + rest, process{ended: true, start: "4242"}},
		"cut off":                       {"77 (devenv) S 1 77", process{}},
		"nothing":                       {"", process{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := parseStat(tt.stat); got != tt.want {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("m/b/4/77/123")
	f.Add("///1/")
	f.Add("a/b/c/+5/d/e")
	f.Fuzz(func(t *testing.T, label string) {
		o, ok := Parse(label)
		if !ok {
			if o != (Owner{}) {
				t.Errorf("%q is no owner, but %+v", label, o)
			}
			return
		}
		again, ok := Parse(o.String())
		if !ok || again != o || o.PID < 1 {
			t.Errorf("%q is %+v, and then %+v", label, o, again)
		}
		if strings.Count(o.String(), "/") != 4 {
			t.Errorf("%q has not five parts", o)
		}
	})
}
