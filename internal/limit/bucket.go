// Package limit is the arithmetic of rate limits: how many a minute, how soon again. It has
// no storage and no clock. Start with Bucket; Crowd is many of them.
package limit

import "time"

// Bucket holds up to a minute's worth and fills steadily. It is the generic cell rate
// algorithm: all its state is the time at which it is full again. The zero Bucket is full.
type Bucket struct{ full time.Time }

// Decision is what a bucket says to one who wants to take.
type Decision struct {
	OK        bool
	Remaining int64         // what is left after this
	Retry     time.Duration // when not OK: until as much as was wanted is there
	Reset     time.Duration // until it is full
}

// Take takes n of perMinute, or nothing. More than a minute's worth is taken from a full
// bucket alone, which is in debt then: whoever asks for much waits long, and not for ever.
func (b *Bucket) Take(now time.Time, n, perMinute int64) Decision {
	full := b.full
	if full.Before(now) {
		full = now
	}
	after := full.Add(worth(n, perMinute))
	free := after.Sub(now) - time.Minute // over it, that much too early
	if free > 0 && full.After(now) {
		return Decision{Retry: min(free, full.Sub(now)), Reset: full.Sub(now), Remaining: left(full, now, perMinute)}
	}
	b.full = after
	return Decision{OK: true, Reset: after.Sub(now), Remaining: left(after, now, perMinute)}
}

// Adjust takes n more, or gives them back when n is negative, whatever is there.
func (b *Bucket) Adjust(now time.Time, n, perMinute int64) {
	if b.full.Before(now) {
		b.full = now
	}
	b.full = b.full.Add(worth(n, perMinute))
}

// Idle reports whether the bucket is full: forgetting it changes nothing.
func (b *Bucket) Idle(now time.Time) bool { return !b.full.After(now) }

// most bounds a debt: an hour.
const most = time.Hour

// worth is how long the bucket takes to fill up with n, at most an hour either way.
func worth(n, perMinute int64) time.Duration {
	minutes := float64(n) / float64(perMinute)
	return time.Duration(max(-float64(most), min(float64(most), minutes*float64(time.Minute))))
}

func left(full, now time.Time, perMinute int64) int64 {
	free := time.Minute - full.Sub(now)
	return max(0, int64(float64(free)/float64(time.Minute)*float64(perMinute)+1e-9))
}
