package sqlite

import (
	"sync"

	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// searched is what a digest has of one record: hashes of the values that the log can be
// narrowed by, the account's last.
type searched struct {
	known   bool  // false of a row that was read back from the journal
	latency int64 // ms
	values  [len(store.LogFields) + 1]uint64
}

// of reads a record.
func (s *searched) of(r *generation.Record) {
	s.known, s.latency = true, r.LatencyMS
	for i := range store.LogFields {
		s.values[i] = hashValue(store.LogFields[i].Name, store.LogFields[i].Of(r))
	}
	s.values[len(store.LogFields)] = hashValue(accountField, r.Account)
}

// spenderFields are those of the fields that a hold decides.
var spenderFields = func() (list []spenderField) {
	of := map[string]func(*ledger.Spender) string{
		"k": func(s *ledger.Spender) string { return string(s.Key) },
		"m": func(s *ledger.Spender) string { return s.Member },
		"w": func(s *ledger.Spender) string { return s.Workspace },
	}
	for i := range store.LogFields {
		if f := of[store.LogFields[i].Of(&generation.Record{Key: "k", Member: "m", Workspace: "w"})]; f != nil {
			list = append(list, spenderField{i, f})
		}
	}
	return list
}()

type spenderField struct {
	field int // of store.LogFields
	of    func(*ledger.Spender) string
}

// spent says who spent.
func (s *searched) spent(a ledger.AccountID, by *ledger.Spender) {
	for _, f := range spenderFields {
		s.values[f.field] = hashValue(store.LogFields[f.field].Name, f.of(by))
	}
	s.values[len(store.LogFields)] = hashValue(accountField, string(a))
}

// A gathering makes the digest of the bucket that is being written from its rows, so that
// nothing is read back. The writer's goroutine adds, the digester takes.
type gathering struct {
	digest
	set  map[uint64]struct{}
	next int64 // the n that it goes on with, 0: none before the next bucket begins

	mu   sync.Mutex
	done map[int64]*digest // by bucket
}

// maxGathered bounds what waits for the digester. It reads the records of what is not there.
const maxGathered = 64

func newGathering() *gathering {
	return &gathering{set: map[uint64]struct{}{}, done: map[int64]*digest{}}
}

// add takes in the row that was written as n.
func (g *gathering) add(n int64, r *row) {
	if n == 1 || n == bucketEnd(n>>bucketBits-1)+1 {
		g.digest, g.next = digest{bucket: n >> bucketBits}, n
		clear(g.set)
	}
	if n != g.next || !r.searched.known {
		g.next = 0
		return
	}
	g.next++
	g.digest.add(r.created, r.settled, int64(r.cost), &r.searched, g.set)
	if n == bucketEnd(g.bucket) {
		d := g.digest
		d.bits = newBits(g.set)
		g.put(&d)
	}
}

func (g *gathering) put(d *digest) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.done) < maxGathered {
		g.done[d.bucket] = d
	}
}

// take is the digest of a bucket, nil where its records are to be read. Those before are done.
func (g *gathering) take(bucket int64) *digest {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.done[bucket]
	for b := range g.done {
		if b <= bucket {
			delete(g.done, b)
		}
	}
	return d
}
