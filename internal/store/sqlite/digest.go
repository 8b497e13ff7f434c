package sqlite

import (
	"context"
	"database/sql/driver"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/store"
)

// A digest says what the records of one bucket (names.go) have among them. An index over
// each thing that the log can be narrowed by would be written in random order, which costs
// more than the record; a digest is written once, when its bucket is full, and 10,000 of
// them, for ten million records, are read in the time of some buckets.
type digest struct {
	bucket                              int64
	first, last, settled, cost, latency int64
	bits                                bits
}

const (
	putDigest = `INSERT OR REPLACE INTO digests (bucket, first, last, settled, cost, latency, bits) VALUES (?, ?, ?, ?, ?, ?, ?)`
	// ?1 and ?2 the buckets; ?3 and ?4 from when to when, ?5 the least cost, ?6 the least latency: of those that may
	// have none the set is not read.
	readDigests = `SELECT bucket, first, last, settled, cost, latency,
		CASE WHEN last >= ?3 AND first < ?4 AND cost >= ?5 AND latency >= ?6 THEN bits END FROM digests WHERE bucket BETWEEN ?1 AND ?2`
)

func digestFrom(v []driver.Value) *digest {
	d := &digest{bits: blob(v[6])}
	for i, to := range []*int64{&d.bucket, &d.first, &d.last, &d.settled, &d.cost, &d.latency} {
		*to = integer(v[i])
	}
	return d
}

// may reports whether a record of the bucket may be kept. It is not where the set was not read.
func (d *digest) may(wanted [][]uint64) bool {
	for _, any := range wanted {
		if !d.bits.hasAny(any) {
			return false
		}
	}
	return true
}

// add takes a record in; the values go into the set.
func (d *digest) add(created, settled, cost int64, s *searched, set map[uint64]struct{}) {
	if len(set) == 0 {
		d.first, d.last = created, created
	}
	d.first, d.last, d.settled = min(d.first, created), max(d.last, created), max(d.settled, settled)
	d.cost, d.latency = max(d.cost, cost), max(d.latency, s.latency)
	for _, h := range s.values {
		set[h] = struct{}{}
	}
}

// accountField is the name under which the account is among a digest's values.
const accountField = "account"

// wantedHashes are, for each field that a filter narrows, the hashes of which one must be
// in a digest. They are part of the stored form.
func wantedHashes(f *store.LogFilter) [][]uint64 {
	out := [][]uint64{{hashValue(accountField, f.Account)}}
	for i := range store.LogFields {
		var any []uint64
		for _, v := range f.Values[store.LogFields[i].Name] {
			any = append(any, hashValue(store.LogFields[i].Name, v))
		}
		if any != nil {
			out = append(out, any)
		}
	}
	return out
}

// hashValue is FNV-1a (draft-eastlake-fnv) of the field, a zero byte and the value.
func hashValue(field, value string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for i := range len(field) {
		h = (h ^ uint64(field[i])) * prime
	}
	h *= prime
	for i := range len(value) {
		h = (h ^ uint64(value[i])) * prime
	}
	return h
}

// bits are a Bloom filter: with 12 bits a value and 8 probes it is wrong once in 300 times.
type bits []byte

const (
	bitsPerValue = 12
	probes       = 8
)

func newBits(set map[uint64]struct{}) bits {
	b := make(bits, (len(set)*bitsPerValue+63)/64*8)
	for h := range set {
		for i := range probes {
			at := b.probe(h, i)
			b[at/8] |= 1 << (at % 8)
		}
	}
	return b
}

func (b bits) probe(h uint64, i int) uint64 {
	return (h + uint64(i)*(h>>32|1)) % uint64(len(b)*8)
}

func (b bits) has(h uint64) bool {
	for i := range probes {
		if at := b.probe(h, i); b[at/8]&(1<<(at%8)) == 0 {
			return false
		}
	}
	return true
}

func (b bits) hasAny(hashes []uint64) bool {
	for _, h := range hashes {
		if len(b) > 0 && b.has(h) {
			return true
		}
	}
	return false
}

// The waits of the digester: after an error, and between digests while records are written.
const (
	digestPause = 5 * time.Second
	digestPace  = 500 * time.Millisecond
)

// digest makes the digests of full buckets, in the background, from the oldest bucket that
// has none.
func (s *Store) digest() {
	ctx, cancel := s.stopping()
	defer cancel()
	var seen int64 // records named when the last digest was made
	for {
		var wait <-chan time.Time
		filled := s.filled
		more, read, err := s.digestNext(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.Logger.Warn("records not digested for the log; tried again in a moment", "error", err)
			wait = time.After(digestPause)
		case more:
			now := s.writer.named.Load()
			if !read || now == seen {
				continue
			}
			// Requests are being served, which come first.
			seen, wait, filled = now, time.After(digestPace), nil
		}
		select {
		case <-filled:
		case <-wait:
		case <-s.stop:
			return
		}
	}
}

// digestNext writes one digest; more is false where no full bucket lacks one. read says that
// the records had to be read for it: they were written before the last start.
func (s *Store) digestNext(ctx context.Context) (more, read bool, err error) {
	named := s.writer.named.Load()
	if named == 0 {
		return false, false, nil
	}
	var bucket int64
	if err := s.read.QueryRowContext(ctx, `SELECT coalesce(max(bucket) + 1, 0) FROM digests`).Scan(&bucket); err != nil {
		return false, false, err
	}
	if bucketEnd(bucket) > named {
		return false, false, nil
	}
	d := s.writer.gathered.take(bucket)
	if d == nil {
		read = true
		if d, err = s.makeDigest(ctx, bucket); err != nil {
			return false, true, err
		}
	}
	put := make(chan error, 1)
	select {
	case s.between <- func() { put <- s.writer.putDigest(d) }:
		return true, read, <-put
	case <-ctx.Done():
		return false, read, ctx.Err()
	}
}

func (w *writer) putDigest(d *digest) error {
	return w.digest.exec(d.bucket, d.first, d.last, d.settled, d.cost, d.latency, []byte(d.bits))
}

// makeDigest reads the records of a bucket.
func (s *Store) makeDigest(ctx context.Context, bucket int64) (*digest, error) {
	d, set := &digest{bucket: bucket}, map[uint64]struct{}{}
	pooled, err := s.read.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer pooled.Close()
	var found searched
	err = pooled.Raw(func(c any) error {
		rows, err := conn{Conn: c.(driver.Conn)}.prepare(`SELECT settled, ` + recordColumns + ` FROM generations WHERE n BETWEEN ? AND ?`)
		if err != nil {
			return err
		}
		defer rows.stmt.Close()
		return rows.eachOf(ctx, func(v []driver.Value) error {
			rec, detail := recordFrom(v[1:])
			readSearched(detail, rec)
			found.of(rec)
			d.add(rec.Created.UnixMicro(), integer(v[0]), int64(rec.Cost), &found, set)
			return nil
		}, bucket<<bucketBits, bucketEnd(bucket))
	})
	d.bits = newBits(set)
	return d, err
}
