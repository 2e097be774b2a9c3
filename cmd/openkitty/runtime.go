package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// heapFloor is the size, in bytes, up to which a server's heap grows before it is
// collected.
const heapFloor = 16 << 20

// settle tells the runtime of Go what a server is like, where its operator has not
// told it otherwise.
func settle() {
	// The database waits for the disk in system calls. With one processor and one
	// thread for Go code, the runtime notices late that others could run meanwhile,
	// and looks 15,000 times a second whether they could.
	if os.Getenv("GOMAXPROCS") == "" && runtime.GOMAXPROCS(0) == 1 {
		runtime.GOMAXPROCS(2)
	}
	if os.Getenv("GOGC") == "" {
		collectAbove(heapFloor)
	}
}

// collectAbove lets the heap grow to a size before it is collected, and after that
// as it does by itself, to twice what is alive. That is a few MB in a server with
// few sessions, whatever they do: with 2,000 messages a second it was collected ten
// times a second, and each time everybody waited for it.
func collectAbove(floor uint64) {
	type cycle struct{ _ [64]byte } // what one collection finds, and ends
	var begin func(*cycle)
	begin = func(*cycle) {
		debug.SetGCPercent(growth(floor))
		runtime.SetFinalizer(new(cycle), begin)
	}
	begin(nil)
}

// growth is by how many percent the heap has to grow to reach the floor, at least
// by 100. The runtime takes them of what it looks through: what is alive, the
// stacks and the globals.
func growth(floor uint64) int {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}
	metrics.Read(samples)
	live := samples[0].Value.Uint64()
	looked := live + samples[1].Value.Uint64() + samples[2].Value.Uint64()
	if live >= floor || looked == 0 {
		return 100
	}
	return max(int(100*(floor-live)/looked), 100)
}
