package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"hash/fnv"
	"slices"
	"sort"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/id"
)

// Records are found by two ids: their own and the upstream's. An index over either is
// random order to a database that appends: each settlement would touch a page of it
// somewhere, which costs more than the record itself. So the table names is written in
// buckets of consecutive records, each bucket once, when it is full, in ascending order:
// that only appends. Its key is the bucket and a hash of the id in one integer; a look-up
// tries the buckets from the newest back and compares the id in the record. The records
// after the last full bucket are read.
const (
	bucketBits = 10 // 1024 records in a bucket
	hashBits   = 40

	// ?1 the id, ?2 its hash, ?3 the newest bucket, ?4 the oldest. The second key is for the second of
	// two ids that collide in a bucket, about one bucket in a million.
	findName = `WITH RECURSIVE buckets (b) AS (SELECT ?3 UNION ALL SELECT b - 1 FROM buckets WHERE b > ?4)
		SELECT generations.n FROM buckets
			CROSS JOIN names ON names.name IN ((b << 40) + ?2, (b << 40) + ?2 + 1)
			CROSS JOIN generations ON generations.n = names.n
		WHERE id = ?1 OR upstream = ?1 LIMIT 1`

	// ?1 the id, ?2 where names end
	findUnnamed = `SELECT coalesce(max(n), 0) FROM generations WHERE n > ?2 AND (id = ?1 OR upstream = ?1)`

	unnamed      = `SELECT n, id, upstream FROM generations WHERE n > ? ORDER BY n`
	newestBucket = `SELECT coalesce(max(name) >> 40, -1) FROM names`
)

// name is one row of the table names.
type name struct{ key, n int64 }

// names are those of the records whose bucket is not full.
type names struct{ pending []name }

// bucketEnd is the last n of the bucket.
func bucketEnd(bucket int64) int64 { return (bucket+1)<<bucketBits - 1 }

func hash(name string) int64 {
	h := fnv.New64a()
	h.Write([]byte(name)) // never an error
	return int64(h.Sum64() >> (64 - hashBits))
}

func (p *names) add(n int64, ids ...string) {
	for _, id := range ids {
		if id != "" {
			p.pending = append(p.pending, name{n>>bucketBits<<hashBits + hash(id), n})
		}
	}
}

// full takes the names up to n out, in ascending order and each key once.
func (p *names) full(end int64) []name {
	cut := 0
	for cut < len(p.pending) && p.pending[cut].n <= end {
		cut++
	}
	out := slices.Clone(p.pending[:cut])
	slices.SortFunc(out, func(a, b name) int { return int(min(1, max(-1, a.key-b.key))) })
	for i := 1; i < len(out); i++ {
		out[i].key = max(out[i].key, out[i-1].key+1)
	}
	return out
}

// nameRecords names the records of the buckets that are full. A failure costs look-ups
// time, nothing else: the next call tries again.
func (w *writer) nameRecords() error {
	end := bucketEnd((w.last+1)>>bucketBits - 1) // of the newest full bucket
	if end <= w.named.Load() {
		return nil
	}
	full := w.names.full(end)
	if err := w.transact(func() error {
		for _, x := range full {
			w.name.add(x.key)
			w.name.add(x.n)
		}
		return w.name.flush()
	}); err != nil {
		return err
	}
	w.names.pending = slices.Delete(w.names.pending, 0, len(full))
	w.named.Store(end)
	return nil
}

// loadNames finds where names end and what has none.
func (s *Store) loadNames(ctx context.Context) error {
	newest, err := s.writer.number(newestBucket)
	if err != nil {
		return err
	}
	named := max(0, bucketEnd(newest))
	s.writer.named.Store(named)
	rows, err := s.read.QueryContext(ctx, unnamed, named)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		var id, upstream string
		if err := rows.Scan(&n, &id, &upstream); err != nil {
			return err
		}
		s.writer.names.add(n, id, upstream)
	}
	return rows.Err()
}

// find is the n of the newest record with that id.
func (s *Store) find(ctx context.Context, name string) (int64, error) {
	named := s.writer.named.Load()
	var n int64
	if err := s.read.QueryRowContext(ctx, findUnnamed, name, named).Scan(&n); err != nil || n > 0 {
		return n, err
	}
	last := named >> bucketBits
	if made, _, ok := id.Made(id.Generation, name); ok {
		near, err := s.bucketAt(ctx, made, last)
		if err != nil {
			return 0, err
		}
		if n, err := s.findIn(ctx, name, near, min(last, near+nearBuckets)); err == nil || !errors.Is(err, errNotFound) {
			return n, err
		}
	}
	return s.findIn(ctx, name, 0, last)
}

// nearBuckets is how many buckets after its beginning a request is looked for first: it is in
// that in which it ended.
const nearBuckets = 256

// findIn looks through buckets, from the newest back.
func (s *Store) findIn(ctx context.Context, name string, oldest, newest int64) (n int64, err error) {
	err = s.read.QueryRowContext(ctx, findName, name, hash(name), newest, oldest).Scan(&n)
	if err == sql.ErrNoRows {
		return 0, errNotFound
	}
	return n, err
}

// bucketAt is the first bucket, up to last, that ends with a record settled at the moment or later.
func (s *Store) bucketAt(ctx context.Context, at time.Time, last int64) (int64, error) {
	var failed error
	n := sort.Search(int(last), func(bucket int) bool {
		var settled int64
		err := s.read.QueryRowContext(ctx, `SELECT settled FROM generations WHERE n = ?`, bucketEnd(int64(bucket))).Scan(&settled)
		if err != nil && err != sql.ErrNoRows {
			failed = err
		}
		return settled >= at.UnixMicro()
	})
	return int64(n), failed
}
