package account

import (
	"strings"
	"testing"
	"time"
)

func TestKey(t *testing.T) {
	plain := NewKey([32]byte{0xab, 31: 0xcd})
	if !strings.HasPrefix(plain, KeyPrefix) || len(plain) != len(KeyPrefix)+64 {
		t.Fatalf("%q", plain)
	}
	if l := Label(plain); l != "sk-or-v1-ab0...0cd" {
		t.Errorf("label %q", l)
	}
	if l := Label("short"); strings.Contains(l, "short") {
		t.Errorf("label %q shows the key", l)
	}
	if h := HashKey(plain); len(h) != 64 || h == HashKey(plain+"x") {
		t.Errorf("hash %q", h)
	}
}

func TestUsable(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, tc := range map[string]struct {
		k    Key
		want bool
	}{
		"plain":    {Key{}, true},
		"disabled": {Key{Disabled: true}, false},
		"expires":  {Key{Expires: now.Add(1)}, true},
		"expired":  {Key{Expires: now}, false},
	} {
		if got := tc.k.Usable(now); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWindows(t *testing.T) {
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	for _, tc := range []struct {
		w          Window
		now        time.Time
		start, end time.Time
	}{
		{Daily, time.Date(2026, 2, 28, 23, 59, 59, 0, time.UTC), day(2026, 2, 28), day(2026, 3, 1)},
		{Weekly, day(2026, 3, 1), day(2026, 2, 23), day(2026, 3, 2)}, // a Sunday belongs to the week before
		{Weekly, day(2026, 3, 2), day(2026, 3, 2), day(2026, 3, 9)},
		{Monthly, day(2026, 12, 31), day(2026, 12, 1), day(2027, 1, 1)},
		{Daily, time.Date(2026, 1, 1, 1, 0, 0, 0, time.FixedZone("", 2*3600)), day(2025, 12, 31), day(2026, 1, 1)},
		{Never, day(2026, 1, 1), time.Time{}, time.Time{}},
	} {
		if s, e := tc.w.Start(tc.now), tc.w.End(tc.now); !s.Equal(tc.start) || !e.Equal(tc.end) {
			t.Errorf("%s at %s: %s to %s", tc.w, tc.now, s, e)
		}
	}
}
