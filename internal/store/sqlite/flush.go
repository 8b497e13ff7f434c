package sqlite

import (
	"context"
	"runtime"
	"time"
)

// write is the writer's loop.
func (s *Store) write() {
	for {
		select {
		case <-s.wake:
			runtime.Gosched() // those about to decide join this batch
			if !s.flush(false) {
				return
			}
		case <-s.lag.C:
			if !s.flush(true) {
				return
			}
		case f := <-s.between:
			open := !s.lagging.Load() || s.flush(true)
			f()
			if !open {
				return
			}
		case <-s.stop:
			s.flush(true)
			return
		}
	}
}

// mostLagging is how many records may be in the journal alone: the database gets them in
// one transaction, which others wait for.
const mostLagging = 256

// flush writes what is queued: to the journal what that takes, unless the whole is to go
// to the database. While the disk refuses it tries again with pauses, in
// order and together with what comes meanwhile, so that memory and disk never part. Each
// try releases those who waited for it. It reports false when the store closed and the
// last try failed too.
func (s *Store) flush(whole bool) bool {
	b := s.takeQueue()
	if !whole && b.empty() { // what there was is kept back, or has come to nothing
		s.skipped(b)
		return true
	}
	if !whole && s.journal.takes(b) {
		err := s.journal.append(b)
		if err == nil {
			s.journaled(b)
			return len(s.pending.rows) < mostLagging || s.flush(true)
		}
		if err != errFull {
			s.Logger.Warn("journal not written; the database takes the batch", "error", err)
		}
	}
	b = s.unite(b)
	open := true
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := s.writer.write(b, s.journal.last)
		if err == nil {
			break
		}
		s.failed(b, err)
		if !open {
			return false
		}
		open = s.pause(pause)
		s.mergeQueue(b)
	}
	s.journal.reset()
	s.written(b)
	if err := s.writer.nameRecords(); err != nil {
		s.Logger.Warn("look-up table of generation names not extended", "error", err)
	}
	signal(s.filled)
	return true
}

// skipped notes that a batch has nothing to write.
func (s *Store) skipped(b *batch) {
	s.mu.Lock()
	done := b.result.done
	s.durable = b.n
	s.flying = nil
	s.spare = b
	s.mu.Unlock()
	close(done)
}

// journaled notes that a batch is durable in the journal. Its records are not freed yet.
func (s *Store) journaled(b *batch) {
	s.mu.Lock()
	done := b.result.done
	s.durable = b.n
	s.flying = nil
	s.pending.merge(b)
	b.reset()
	s.spare = b
	s.mu.Unlock()
	if !s.lagging.Swap(true) { // before anybody who waited looks for it in the database
		s.lag.Reset(s.Lag)
	}
	close(done)
}

// unite puts what is in the journal alone before b, as one batch.
func (s *Store) unite(b *batch) *batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending.empty() {
		return b
	}
	p := s.pending
	p.merge(b)
	b.reset()
	s.pending, s.flying = b, p
	return p
}

// catchUp returns when the database has everything that is durable.
func (s *Store) catchUp(ctx context.Context) error {
	if !s.lagging.Load() {
		return nil
	}
	done := make(chan struct{})
	select {
	case s.between <- func() { close(done) }:
		<-done
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Store) takeQueue() *batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.queue
	s.queue = s.nextBatch(b.n + 1)
	s.flying = b
	s.keepBack(b)
	return b
}

// linger makes every queued hold due.
func (s *Store) linger() {
	s.mu.Lock()
	s.lingered = true
	s.mu.Unlock()
	s.rouse()
}

// keepBack moves the holds that need not be written yet into the next batch: one that is
// resolved before it is due is never written at all.
func (s *Store) keepBack(b *batch) {
	all := s.lingered || s.closing
	s.lingered = false
	if all {
		s.armed = false
		return
	}
	kept := b.placed[:0]
	for _, h := range b.placed {
		switch {
		case h == nil:
		case h.due:
			kept = append(kept, h)
		default:
			s.queue.place(h)
		}
	}
	clear(b.placed[len(kept):])
	b.placed = kept
	if len(s.queue.placed) == 0 && s.armed {
		s.armed = false
		s.lingering.Stop()
	}
}

// mergeQueue adds what was decided since b was taken.
func (s *Store) mergeQueue(b *batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	later := s.queue
	b.merge(later)
	later.reset()
	s.spare = later
	s.queue = s.nextBatch(b.n + 1)
}

func (s *Store) nextBatch(n uint64) *batch {
	b := s.spare
	if b == nil {
		return newBatch(n)
	}
	s.spare = nil
	b.n, b.result = n, newResult()
	return b
}

func (s *Store) written(b *batch) {
	for _, r := range b.rows {
		r.free()
	}
	s.mu.Lock()
	done := b.result.done
	s.durable = b.n
	s.flying = nil
	recovered := s.failing != nil
	s.failing = nil
	s.lagging.Store(false)
	s.lag.Stop()
	b.reset()
	s.spare = b
	s.mu.Unlock()
	close(done)
	if recovered {
		s.Logger.Info("storage accepts writes again; nothing was lost")
	}
}

func (s *Store) failed(b *batch, err error) {
	s.mu.Lock()
	first := s.failing == nil
	s.failing = err
	b.result.err = err
	close(b.result.done)
	s.mu.Unlock()
	if first {
		s.Logger.Error("storage does not accept writes; new requests are refused until it does", "error", err)
	}
}

// pause is the writer's wait before it tries again. It reports false when the store
// closes meanwhile.
func (s *Store) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			return true
		case f := <-s.between:
			f()
		case <-s.stop:
			return false
		}
	}
}
