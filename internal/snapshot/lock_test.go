package snapshot

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestOneIsAtWorkAtATime(t *testing.T) {
	s := Store{Dir: filepath.Join(t.TempDir(), "mud")}
	dead := func(owner string) bool { return owner == "killed" }
	unlock, err := s.Lock("first", dead)
	if err != nil {
		t.Fatal(err)
	}
	var f *Fault
	if _, err := s.Lock("second", dead); !errors.As(err, &f) {
		t.Errorf("fault is %v", err)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
	if _, err := s.Lock("killed", dead); err != nil {
		t.Fatal(err)
	}
	unlock, err = s.Lock("third", dead)
	if err != nil {
		t.Fatalf("a dead owner keeps its lock: %v", err)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(s.Dir); len(left) > 0 || err != nil {
		t.Errorf("left are %v, %v", left, err)
	}
}

func TestAStoreIsBusyWhileSomebodyWhoLivesHoldsIt(t *testing.T) {
	s := Store{Dir: t.TempDir()}
	lives := func(string) bool { return false }
	if err := s.Busy(lives); err != nil {
		t.Errorf("nobody holds it: %v", err)
	}
	unlock, err := s.Lock("me", lives)
	if err != nil {
		t.Fatal(err)
	}
	if s.Busy(lives) == nil {
		t.Error("it is held, and told as free")
	}
	if err := s.Busy(func(string) bool { return true }); err != nil {
		t.Errorf("a dead one holds it: %v", err)
	}
	if err := unlock(); err != nil || s.Busy(lives) != nil {
		t.Errorf("it was let go: %v, %v", err, s.Busy(lives))
	}
}
