package id

import (
	"testing"
	"time"
)

func TestSortsByTime(t *testing.T) {
	at := time.UnixMilli(1_700_000_000_000)
	last := ""
	for i := range 100 {
		got := New(Generation, at.Add(time.Duration(i)*time.Millisecond), [10]byte{byte(255 - i)})
		if got <= last {
			t.Fatalf("%s does not come after %s", got, last)
		}
		if err := Check(Generation, got); err != nil {
			t.Fatal(err)
		}
		last = got
	}
}

func TestEveryRandomBitCounts(t *testing.T) {
	at := time.UnixMilli(1_700_000_000_000)
	seen := map[string]bool{New(Hold, at, [10]byte{}): true}
	for bit := range 80 {
		var rnd [10]byte
		rnd[bit/8] = 1 << (bit % 8)
		got := New(Hold, at, rnd)
		if seen[got] {
			t.Fatalf("bit %d changes nothing", bit)
		}
		seen[got] = true
	}
}

func TestCheck(t *testing.T) {
	good := New(Generation, time.UnixMilli(1), [10]byte{1})
	for _, bad := range []string{"", "gen-", good[1:], good + "0", good[:len(good)-1] + "!", "hold-" + good[4:]} {
		if Check(Generation, bad) == nil {
			t.Errorf("%q passes", bad)
		}
	}
}

func TestMade(t *testing.T) {
	at := time.UnixMilli(1_790_000_123_456)
	whole := New(Generation, at, [10]byte{200, 3})
	for n := range len(whole) + 1 {
		from, to, ok := Made(Generation, whole[:n])
		if ok != (n >= len(Generation)+timeDigits/2) || ok && (at.Before(from) || !at.Before(to)) {
			t.Errorf("%s: %v to %v, %v", whole[:n], from, to, ok)
		}
	}
	if from, to, _ := Made(Generation, whole); !from.Equal(at) || to.Sub(from) != time.Millisecond {
		t.Errorf("%v to %v, want %v", from, to, at)
	}
	for _, none := range []string{"gen-1", "gen-log-000", whole + "0", "hold" + whole[3:], whole[1:], whole[:20] + "!"} {
		if _, _, ok := Made(Generation, none); ok {
			t.Errorf("%s has a time", none)
		}
	}
}
