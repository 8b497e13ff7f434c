package limit

import (
	"net/netip"
	"testing"
	"time"
)

func TestCrowd(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	var c Crowd[int]
	for range 3 {
		if d := c.Take(now, 1, 3); !d.OK {
			t.Fatal("refused before a minute's worth was taken")
		}
	}
	if c.Take(now, 1, 3).OK || !c.Take(now, 2, 3).OK {
		t.Error("one pays for another, or nobody pays")
	}
	c.Return(now, 1, 3)
	c.Return(now, 99, 3) // who took nothing
	if !c.Take(now, 1, 3).OK || c.Take(now, 1, 3).OK {
		t.Error("what was given back is not there, or more than that")
	}
	for i := range 2 * maxCrowd {
		c.Take(now, i, 3)
	}
	if len(c.of) > maxCrowd {
		t.Errorf("%d are remembered", len(c.of))
	}
}

func TestNeighbours(t *testing.T) {
	t.Parallel()
	for a, want := range map[string]string{"192.0.2.7": "192.0.2.7/32", "2001:db8::1": "2001:db8::/64"} {
		if got := Neighbours(netip.MustParseAddr(a)).String(); got != want {
			t.Errorf("%s: %s", a, got)
		}
	}
	if Neighbours(netip.Addr{}).IsValid() {
		t.Error("an address nobody can tell has neighbours")
	}
}
