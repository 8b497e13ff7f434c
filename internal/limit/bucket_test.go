package limit

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func TestBucket(t *testing.T) {
	var b Bucket
	for i := range 6 {
		if d := b.Take(noon, 1, 6); !d.OK || d.Remaining != int64(5-i) {
			t.Fatalf("%d: %+v", i, d)
		}
	}
	d := b.Take(noon, 1, 6)
	if d.OK || d.Retry != 10*time.Second || d.Reset != time.Minute || d.Remaining != 0 {
		t.Errorf("%+v", d)
	}
	if d := b.Take(noon.Add(10*time.Second), 1, 6); !d.OK {
		t.Errorf("after what it said: %+v", d)
	}
	if d := b.Take(noon.Add(19*time.Second), 1, 6); d.OK || d.Retry != time.Second {
		t.Errorf("%+v", d)
	}
	if b.Idle(noon.Add(time.Minute)) || !b.Idle(noon.Add(70*time.Second)) {
		t.Error("idle")
	}
}

func TestMoreThanAMinutesWorth(t *testing.T) {
	var b Bucket
	if d := b.Take(noon, 25, 10); !d.OK || d.Reset != 150*time.Second {
		t.Errorf("%+v", d)
	}
	if d := b.Take(noon.Add(time.Minute), 25, 10); d.OK || d.Retry != 90*time.Second {
		t.Errorf("%+v", d)
	}
	if d := b.Take(noon.Add(150*time.Second), 25, 10); !d.OK {
		t.Errorf("%+v", d)
	}
	b = Bucket{}
	b.Take(noon, 1<<60, 1)
	if d := b.Take(noon.Add(most), 1, 1); !d.OK {
		t.Error("a debt has no end")
	}
}

func TestAdjust(t *testing.T) {
	var b Bucket
	b.Take(noon, 8, 10)
	b.Adjust(noon, -6, 10)
	if d := b.Take(noon, 8, 10); !d.OK || d.Remaining != 0 {
		t.Errorf("what was given back: %+v", d)
	}
	b.Adjust(noon, 5, 10)
	if d := b.Take(noon.Add(30*time.Second), 1, 10); d.OK {
		t.Errorf("what was taken beyond: %+v", d)
	}
}

// In no minute is more than two minutes' worth taken (a full bucket and what fills it), and
// who waits as long as was said is served.
func TestBucketKeepsItsRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		perMinute := rapid.Int64Range(1, 50).Draw(t, "per minute")
		var b Bucket
		now := noon
		type taken struct {
			at time.Time
			n  int64
		}
		var log []taken
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.Int64Range(0, 20_000).Draw(t, "wait")) * time.Millisecond)
			n := rapid.Int64Range(1, perMinute).Draw(t, "n")
			d := b.Take(now, n, perMinute)
			if !d.OK {
				later := b
				if d.Retry <= 0 || !later.Take(now.Add(d.Retry+time.Microsecond), n, perMinute).OK {
					t.Fatalf("after %s it is still refused", d.Retry)
				}
				continue
			}
			log = append(log, taken{now, n})
			sum := int64(0)
			for _, e := range log {
				if e.at.After(now.Add(-time.Minute)) {
					sum += e.n
				}
			}
			if sum > 2*perMinute {
				t.Fatalf("%d in a minute of %d", sum, perMinute)
			}
		}
	})
}
