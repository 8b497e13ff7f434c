// Package tuning sets the runtime for a gateway: a small live heap that turns over fast.
package tuning

import (
	"os"
	"runtime/debug"
)

// Heap target. The live heap of an idle gateway is a few MiB, so the default of 100 %
// would collect many times a second under load; a collection costs more than the memory.
const gcPercent = 400

// Apply sets the collector unless the operator has, with GOGC.
func Apply() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}
