// Package tuning sets the runtime for a gateway: a small live heap that turns over fast.
package tuning

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Heap target. The live heap of an idle gateway is a few MiB, so the default of 100 %
// would collect many times a second under load; a collection costs more than the memory.
// However little lives, the heap may grow to heapFloor bytes before the next one.
const (
	gcPercent = 400
	heapFloor = 64 << 20
)

// Apply sets the collector unless the operator has, with GOGC.
func Apply() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
		follow(gcPercent)
	}
}

// follow sets the percentage anew after every collection.
func follow(now int) {
	type mark struct{ _ [16]byte }
	runtime.AddCleanup(new(mark), func(now int) {
		if want := percent(live()); want < now*9/10 || want > now*11/10 {
			debug.SetGCPercent(want)
			now = want
		}
		follow(now)
	}, now)
}

// percent is how much a heap may grow of which so many bytes live.
func percent(live uint64) int {
	return max(gcPercent, int(heapFloor*100/max(live, 1<<20))-100)
}

// live is how many bytes the last collection left.
func live() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 {
		return heapFloor
	}
	return s[0].Value.Uint64()
}
