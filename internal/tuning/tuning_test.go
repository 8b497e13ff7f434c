package tuning

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestPercent(t *testing.T) {
	for live, want := range map[uint64]int{0: 6300, 1 << 20: 6300, 8 << 20: 700, 64 << 20: gcPercent, 1 << 40: gcPercent} {
		if got := percent(live); got != want {
			t.Errorf("%d bytes live: %d %%, not %d", live, got, want)
		}
	}
}

// After a collection the percentage is what its live heap asks for.
func TestFollow(t *testing.T) {
	before := debug.SetGCPercent(gcPercent)
	defer debug.SetGCPercent(before)
	follow(gcPercent)
	for range 100 {
		runtime.GC()
		time.Sleep(time.Millisecond) // the cleanup runs beside
		now := debug.SetGCPercent(gcPercent)
		if debug.SetGCPercent(now); now > gcPercent {
			return
		}
	}
	t.Errorf("with %d bytes live the percentage stays %d", live(), gcPercent)
}
