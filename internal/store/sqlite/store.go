package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// Store is a store.Store in one SQLite file. Open makes one.
type Store struct {
	Options
	path    string
	owner   *owner
	read    *sql.DB
	writer  *writer
	journal *journal    // the writer's
	pending *batch      // the writer's: in the journal, not in the database
	lagging atomic.Bool // pending has something
	keys    keyring
	facets  facets
	tallies chan struct{} // one for each query that runs
	looks   chan struct{} // one for each search of the log that runs

	mu       sync.Mutex // guards what follows: decisions are taken one after another
	book     *book
	tx       tx
	queue    *batch       // decided, not yet taken by the writer
	flying   *batch       // being written, or waiting to be tried again
	spare    *batch       // for reuse
	chains   audit.Chains // of the audit log
	durable  uint64       // number of the newest batch on disk
	failing  error        // why the last write failed; nil when it did not
	closing  bool
	armed    bool // lingering runs
	lingered bool // it has ended: every hold is due

	grants sync.Mutex // held by a Transfer while it looks for its Ref

	wake      chan struct{} // to the writer: there is something to write now
	lag       *time.Timer   // the writer's: time for the database to get what the journal has
	lingering *time.Timer   // wakes the writer for holds nobody waits for
	between   chan func()   // to the writer: run this when no write is under way
	filled    chan struct{} // to the digester: a bucket may have become full
	stop      chan struct{}
	loops     sync.WaitGroup
}

var _ store.Store = (*Store)(nil)

func newStore(w *writer, j *journal, read *sql.DB, o Options) *Store {
	s := &Store{
		Options: o, read: read, writer: w, journal: j, pending: newBatch(0), keys: newKeyring(), facets: facets{names: map[string]string{}}, tallies: make(chan struct{}, mostTallies),
		looks: make(chan struct{}, mostLooks),
		book:  newBook(), queue: newBatch(1), chains: audit.Chains{},
		wake: make(chan struct{}, 1), between: make(chan func()), filled: make(chan struct{}, 1), stop: make(chan struct{}),
	}
	s.lag = time.NewTimer(time.Hour)
	s.lag.Stop()
	s.lingering = time.AfterFunc(time.Hour, s.linger)
	s.lingering.Stop()
	return s
}

func (s *Store) start() {
	s.loops.Go(s.write)
	s.loops.Go(s.sweep)
	s.loops.Go(s.recount)
	s.loops.Go(s.digest)
	s.loops.Go(s.pack)
}

// stopping is a context that ends when the store closes, or with cancel.
func (s *Store) stopping() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	s.loops.Go(func() {
		select {
		case <-s.stop:
			cancel()
		case <-ctx.Done():
		}
	})
	return ctx, cancel
}

// Close refuses new holds, writes what is queued and gives the file free. The error says
// that something queued could not be written.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return nil
	}
	s.closing = true
	s.mu.Unlock()
	s.lingering.Stop()
	close(s.stop)
	s.loops.Wait()
	s.mu.Lock()
	err := s.failing
	s.mu.Unlock()
	return errors.Join(err, s.read.Close(), s.writer.Close(), s.journal.close(!s.lagging.Load()), s.owner.Close())
}

// begin starts a transaction of the ledger. The caller has the lock.
func (s *Store) begin() *tx {
	moved := s.tx.moved[:0]
	s.tx = tx{book: s.book, moved: moved}
	return &s.tx
}

// ready says whether new work may begin. The caller has the lock.
func (s *Store) ready() error {
	switch {
	case s.closing:
		return &fault.Error{Kind: fault.Unavailable, Public: "The gateway is shutting down; send the request again in a moment", RetryAfter: time.Second}
	case s.failing != nil:
		return unavailable(s.failing)
	}
	return nil
}

// unavailable is the answer while the disk does not take writes. What was decided is kept
// and tried again in order.
func unavailable(err error) error {
	return &fault.Error{Kind: fault.Unavailable, RetryAfter: 2 * time.Second, Err: err,
		Public: "The gateway's storage does not accept writes at the moment; retry in a few seconds"}
}

// join is the result of the batch being filled, which is written without delay. The
// caller has the lock.
func (s *Store) join() *result {
	s.rouse()
	return s.queue.result
}

// joinLast is the result by which everything decided so far is durable; nil when it is.
// The caller has the lock.
func (s *Store) joinLast() *result {
	switch {
	case !s.queue.empty():
		return s.join()
	case s.flying != nil:
		return s.flying.result
	}
	return nil
}

// wait returns when r is known. A context that ends first leaves the write under way.
func wait(ctx context.Context, r *result) error {
	if r == nil {
		return nil
	}
	select {
	case <-r.done:
		if r.err != nil {
			return unavailable(r.err)
		}
		return nil
	case <-ctx.Done():
		return &fault.Error{Kind: fault.Unavailable, Err: ctx.Err(), Public: "The wait for the gateway's storage was cut short; the write goes on"}
	}
}

func (s *Store) rouse() { signal(s.wake) }

// signal leaves word for a loop that is not waiting at the moment.
func signal(to chan struct{}) {
	select {
	case to <- struct{}{}:
	default:
	}
}
