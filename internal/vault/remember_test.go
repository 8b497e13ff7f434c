package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// halfway is a key that wraps and whose Unwrap fails.
type halfway struct{ odd }

func (h halfway) Wrap(context.Context, []byte, string) ([]byte, error) { return h.wrapped, nil }

// service is a key that counts what it is asked, and fails when it is told to.
type service struct {
	KEK
	asked atomic.Int32
	mu    sync.Mutex
	err   error
	wait  chan struct{} // where there is one, Unwrap waits for it or for the context
}

func (s *service) fails(err error) { s.mu.Lock(); defer s.mu.Unlock(); s.err = err }

func (s *service) Unwrap(ctx context.Context, wrapped []byte, place string) ([]byte, error) {
	s.asked.Add(1)
	s.mu.Lock()
	err, wait := s.err, s.wait
	s.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, &Error{Kind: Unavailable, Err: ctx.Err()}
		}
	}
	if err != nil {
		return nil, err
	}
	return s.KEK.Unwrap(ctx, wrapped, place)
}

// afresh is a vault with an empty memory over the service, and a blob that was sealed before.
func afresh(t *testing.T, m Memory) (*service, *Vault, []byte) {
	t.Helper()
	s := &service{KEK: localKey(t, 1)}
	blob := seal(t, newVault(t, s), "secret", place)
	return s, newVault(t, Remember(s, m)), blob
}

func opens(t *testing.T, v *Vault, blob []byte) {
	t.Helper()
	if got, err := v.Open(t.Context(), blob, place); err != nil || got.Text() != "secret" {
		t.Errorf("%q, %v", got.Text(), err)
	}
}

func wantAsked(t *testing.T, s *service, n int32) {
	t.Helper()
	if got := s.asked.Load(); got != n {
		t.Errorf("asked %d times, want %d", got, n)
	}
}

func TestTheHotPathDoesNotAsk(t *testing.T) {
	t.Parallel()
	s, v, blob := afresh(t, Memory{})
	for range 100 {
		opens(t, v, blob)
	}
	wantAsked(t, s, 1)
	opens(t, v, seal(t, v, "secret", place))
	wantAsked(t, s, 1) // what was just sealed is known
	_, err := v.Open(t.Context(), blob, "elsewhere")
	wantKind(t, err, Mismatch)
	wantAsked(t, s, 2) // what is known is known for its place
	opens(t, v, blob)
	wantAsked(t, s, 2)
}

func TestManyAskOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, v, blob := afresh(t, Memory{})
		s.wait = make(chan struct{})
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { opens(t, v, blob) })
		}
		synctest.Wait()
		wantAsked(t, s, 1)
		close(s.wait)
		wg.Wait()
		wantAsked(t, s, 1)
	})
}

func TestWhoLeavesDoesNotEndTheQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, v, blob := afresh(t, Memory{})
		s.wait = make(chan struct{})
		ctx, leave := context.WithCancel(t.Context())
		gone := make(chan error)
		go func() { _, err := v.Open(ctx, blob, place); gone <- err }()
		synctest.Wait()
		leave()
		if err := <-gone; KindOf(err) != Unavailable || !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		close(s.wait)
		synctest.Wait()
		opens(t, v, blob)
		wantAsked(t, s, 1)
	})
}

func TestAQuestionEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, v, blob := afresh(t, Memory{Wait: 3 * time.Second})
		s.wait = make(chan struct{}) // never closed
		start := time.Now()
		_, err := v.Open(t.Context(), blob, place)
		if wantKind(t, err, Unavailable); time.Since(start) != 3*time.Second {
			t.Errorf("after %s", time.Since(start))
		}
	})
}

// TestOutage: what was open stays so while the service is silent, for its time.
func TestOutage(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s, v, blob := afresh(t, Memory{Fresh: time.Minute, Stale: time.Hour, Now: func() time.Time { return now }})
	opens(t, v, blob)
	s.fails(&Error{Kind: Unavailable})
	now = now.Add(time.Minute)
	opens(t, v, blob)
	wantAsked(t, s, 2)
	opens(t, v, blob)
	wantAsked(t, s, 2) // a silent service is not asked by every request
	now = now.Add(retryAfter)
	opens(t, v, blob)
	wantAsked(t, s, 3)
	now = now.Add(time.Hour)
	_, err := v.Open(t.Context(), blob, place)
	wantKind(t, err, Unavailable)
	s.fails(nil)
	now = now.Add(pause)
	opens(t, v, blob)
}

// TestRevoked: a refusal ends at once what silence would not.
func TestRevoked(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s, v, blob := afresh(t, Memory{Fresh: time.Minute, Now: func() time.Time { return now }})
	opens(t, v, blob)
	s.fails(&Error{Kind: Denied})
	now = now.Add(time.Minute)
	for range 10 {
		_, err := v.Open(t.Context(), blob, place)
		wantKind(t, err, Denied)
	}
	wantAsked(t, s, 2) // and it is not asked by every request
	s.fails(&Error{Kind: Unavailable})
	now = now.Add(pause)
	_, err := v.Open(t.Context(), blob, place)
	wantKind(t, err, Unavailable)
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	s := &service{KEK: localKey(t, 1)}
	k := Remember(s, Memory{Keys: 10})
	v := newVault(t, k)
	var blobs [][]byte
	for i := range 100 {
		blobs = append(blobs, seal(t, v, fmt.Sprint(i), place))
		if _, err := v.Open(t.Context(), blobs[0], place); err != nil { // in use: stays
			t.Fatal(err)
		}
	}
	m := k.(*memory)
	if m.old.Len() != 10 || len(m.known) != 10 || len(m.asked) != 0 {
		t.Errorf("%d, %d known, %d asked", m.old.Len(), len(m.known), len(m.asked))
	}
	wantAsked(t, s, 0)
	if got, err := v.Open(t.Context(), blobs[50], place); err != nil || got.Text() != "50" {
		t.Errorf("%q, %v", got.Text(), err)
	}
	wantAsked(t, s, 1)
}

// TestWhatIsKnownIsNotLent: a caller may overwrite the data key it got.
func TestWhatIsKnownIsNotLent(t *testing.T) {
	t.Parallel()
	k := Remember(localKey(t, 1), Memory{})
	dek := bytes.Repeat([]byte{7}, KeySize)
	wrapped, err := k.Wrap(t.Context(), dek, place)
	if err != nil {
		t.Fatal(err)
	}
	clear(dek)
	for range 2 {
		got, err := k.Unwrap(t.Context(), wrapped, place)
		if err != nil || !bytes.Equal(got, bytes.Repeat([]byte{7}, KeySize)) {
			t.Fatalf("%x, %v", got, err)
		}
		clear(got)
	}
}
