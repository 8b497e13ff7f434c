package cli

import (
	"fmt"
	"os"
	"runtime/pprof"
)

// profile starts the profiles that were asked for; the returned function writes them.
func profile(cpu, heap string) (stop func(), err error) {
	if cpu != "" {
		f, err := os.Create(cpu)
		if err != nil {
			return nil, fmt.Errorf("CPU profile: %w", err)
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return nil, fmt.Errorf("CPU profile: %w", err)
		}
	}
	return func() {
		if cpu != "" {
			pprof.StopCPUProfile()
		}
		if heap != "" {
			if f, err := os.Create(heap); err == nil {
				_ = pprof.WriteHeapProfile(f) // a profile that cannot be written costs nobody anything
				f.Close()
			}
		}
	}, nil
}
