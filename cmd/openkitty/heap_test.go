package main

import (
	"runtime"
	"runtime/debug"
	"testing"
)

// It changes the whole process, so it runs alone, and puts everything back.
func TestASmallHeapIsLeftAloneAndALargeOneIsNot(t *testing.T) {
	const floor = 64 << 20
	before := debug.SetGCPercent(100)
	runtime.GC()
	small := growth(floor)
	if small < 200 {
		t.Errorf("a small heap may grow by %d %%", small)
	}
	large := make([]byte, floor)
	runtime.GC()
	if percent := growth(floor); percent != 100 {
		t.Errorf("a large heap may grow by %d %%", percent)
	}
	runtime.KeepAlive(large)
	debug.SetGCPercent(before)
}
