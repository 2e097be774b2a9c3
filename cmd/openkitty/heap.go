package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// heapFloor is the size, in bytes, up to which a server's heap grows before it is
// collected.
const heapFloor = 16 << 20

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
