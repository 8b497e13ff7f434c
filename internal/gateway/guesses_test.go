package gateway

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

func TestGuesses(t *testing.T) {
	t.Parallel()
	var g Guesses
	now := time.Unix(1000, 0)
	unknown := errors.New("unknown")
	ann := netip.MustParseAddr("2001:db8::1")
	for i := range guessesPerMinute {
		if err := g.wrong(ann, now, unknown); err != unknown {
			t.Fatalf("%d: %v", i, err)
		}
	}
	for _, a := range []netip.Addr{ann, netip.MustParseAddr("2001:db8::2")} {
		if err := g.wrong(a, now, unknown); fault.Of(err) != fault.Limited {
			t.Errorf("%s guesses on: %v", a, err)
		}
	}
	for _, a := range []string{"2001:db8:1::1", "192.0.2.1"} {
		if err := g.wrong(netip.MustParseAddr(a), now, unknown); err != unknown {
			t.Errorf("%s pays for another: %v", a, err)
		}
	}
	if err := g.wrong(ann, now.Add(2*time.Second), unknown); err != unknown {
		t.Errorf("after a while: %v", err)
	}
}
