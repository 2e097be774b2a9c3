package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// heapFloor is the size, in bytes, up to which a server's heap grows before it is
	// collected.
	heapFloor = 64 << 20
	// growthMax bounds that, in percent of what is alive. The percentage is that of the
	// latest collection, and at the next one more may be alive.
	growthMax = 400
)

// collectAbove lets the heap grow to a size before it is collected, though at most to
// five times what is alive, and after that as it does by itself, to twice that. In a
// server with few sessions that would be a few MB, whatever they do: with 2,000
// messages a second it was collected ten times a second, and each time everybody
// waited for it.
func collectAbove(floor uint64) {
	type cycle struct{ _ [64]byte } // what one collection finds, and ends
	var begin func(*cycle)
	begin = func(*cycle) {
		debug.SetGCPercent(growth(floor))
		runtime.SetFinalizer(new(cycle), begin)
	}
	begin(nil)
}

// growth is by how many percent the heap has to grow to reach the floor, from 100 to
// growthMax. The runtime takes them of what it looks through: what is alive, the
// stacks and the globals.
func growth(floor uint64) int {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}
	metrics.Read(samples)
	live := samples[0].Value.Uint64()
	looked := live + samples[1].Value.Uint64() + samples[2].Value.Uint64()
	if live >= floor || looked == 0 {
		return 100
	}
	return min(max(int(100*(floor-live)/looked), 100), growthMax)
}
