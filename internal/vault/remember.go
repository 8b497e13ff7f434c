package vault

import (
	"bytes"
	"container/list"
	"context"
	"crypto/sha256"
	"sync"
	"time"
)

// Memory bounds what Remember keeps. A zero field has the value in brackets.
type Memory struct {
	Keys  int              // data keys (4096), some 300 bytes each; the least recently used make room
	Fresh time.Duration    // how long a data key is used without asking (15 minutes)
	Stale time.Duration    // for how much longer, while the service does not answer (4 hours)
	Wait  time.Duration    // for one question to the service (10 seconds)
	Now   func() time.Time // (time.Now)
}

// How long an answer that is no data key holds.
const (
	retryAfter = 30 * time.Second // while a data key of before is in use
	pause      = 2 * time.Second  // where there is none
)

// Remember is a key of a key service that keeps the data keys it has unwrapped, in the open,
// in memory, so that opening a secret seldom waits for the service. A key that the service
// revokes is of use for as long as Fresh; an outage of the service shows after Fresh and
// Stale, in secrets that were opened before it. While one question about a data key is under
// way, nobody asks the same. For a Local key it would only cost.
func Remember(k KEK, m Memory) KEK {
	m.Keys = orElse(m.Keys, 4096)
	m.Fresh, m.Stale = orElse(m.Fresh, 15*time.Minute), orElse(m.Stale, 4*time.Hour)
	m.Wait = orElse(m.Wait, 10*time.Second)
	if m.Now == nil {
		m.Now = time.Now
	}
	return &memory{KEK: k, Memory: m, known: map[digest]*list.Element{}, asked: map[digest]*question{}}
}

func orElse[T int | time.Duration](v, otherwise T) T {
	if v <= 0 {
		return otherwise
	}
	return v
}

type memory struct {
	KEK
	Memory

	mu    sync.Mutex
	known map[digest]*list.Element
	old   list.List // of *known, the newest at the front
	asked map[digest]*question
}

// digest is of a wrapped data key and its place.
type digest [sha256.Size]byte

// known is the last answer about a data key.
type known struct {
	digest
	dek   []byte // nil for none
	err   error  // where there is none
	fresh time.Time
	gone  time.Time
}

// question is one that the service is being asked. What it answers is there when done is
// closed.
type question struct {
	done chan struct{}
	dek  []byte
	err  error
}

// Wrap remembers what it wraps: it is often opened soon.
func (m *memory) Wrap(ctx context.Context, dek []byte, place string) ([]byte, error) {
	wrapped, err := m.KEK.Wrap(ctx, dek, place)
	if err == nil {
		m.mu.Lock()
		m.keep(digestOf(wrapped, place), dek, nil)
		m.mu.Unlock()
	}
	return wrapped, err
}

// Unwrap asks the service where nothing fresh is known. Who waits may leave; the question
// stands until it is answered or Wait is over.
func (m *memory) Unwrap(ctx context.Context, wrapped []byte, place string) ([]byte, error) {
	d := digestOf(wrapped, place)
	m.mu.Lock()
	if k := m.find(d); k != nil && m.Now().Before(k.fresh) {
		defer m.mu.Unlock()
		return bytes.Clone(k.dek), k.err
	}
	q, ok := m.asked[d]
	if !ok {
		q = &question{done: make(chan struct{})}
		m.asked[d] = q
		go m.ask(context.WithoutCancel(ctx), q, d, bytes.Clone(wrapped), place)
	}
	m.mu.Unlock()
	select {
	case <-q.done:
		return bytes.Clone(q.dek), q.err
	case <-ctx.Done():
		return nil, &Error{Kind: Unavailable, KeyID: m.ID(), Err: context.Cause(ctx)}
	}
}

func (m *memory) ask(ctx context.Context, q *question, d digest, wrapped []byte, place string) {
	ctx, cancel := context.WithTimeout(ctx, m.Wait)
	defer cancel()
	dek, err := m.KEK.Unwrap(ctx, wrapped, place)
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.keep(d, dek, err)
	q.dek, q.err = bytes.Clone(k.dek), k.err
	clear(dek)
	delete(m.asked, d)
	close(q.done)
}

// keep notes an answer. One that never came leaves a data key of before in use, within its
// time.
func (m *memory) keep(d digest, dek []byte, err error) *known {
	now := m.Now()
	k := m.find(d)
	if k == nil {
		k = &known{digest: d}
		m.known[d] = m.old.PushFront(k)
	}
	switch {
	case err == nil:
		k.set(dek, nil, now.Add(m.Fresh), now.Add(m.Fresh+m.Stale))
	case KindOf(err) == Unavailable && k.dek != nil && now.Before(k.gone):
		k.fresh = earlier(now.Add(retryAfter), k.gone)
	default:
		k.set(nil, err, now.Add(pause), now)
	}
	for m.old.Len() > m.Keys {
		m.drop(m.old.Back())
	}
	return k
}

func (m *memory) find(d digest) *known {
	e, ok := m.known[d]
	if !ok {
		return nil
	}
	m.old.MoveToFront(e)
	return e.Value.(*known)
}

func (m *memory) drop(e *list.Element) {
	k := m.old.Remove(e).(*known)
	delete(m.known, k.digest)
	clear(k.dek)
}

func (k *known) set(dek []byte, err error, fresh, gone time.Time) {
	clear(k.dek)
	k.dek, k.err, k.fresh, k.gone = bytes.Clone(dek), err, fresh, gone
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func digestOf(wrapped []byte, place string) digest {
	return sha256.Sum256(append(append(make([]byte, 0, 512), place+"\x00"...), wrapped...))
}
