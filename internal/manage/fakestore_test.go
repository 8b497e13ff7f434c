package manage

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// fakeStore keeps in memory what the API asks of a store, and can be made to fail.
type fakeStore struct {
	store.Store // what the API never calls

	mu       sync.Mutex
	fails    error
	keys     []*account.Key
	usage    map[account.KeyHash]account.Usage
	balances map[ledger.AccountID]ledger.Balance
	refs     map[string]bool
	records  []*generation.Record
}

var errBroken = errors.New("disk on fire")

func (s *fakeStore) Key(hash account.KeyHash) (*account.Key, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.keys, func(k *account.Key) bool { return k.Hash == hash })
	if i < 0 {
		return nil, false
	}
	return s.keys[i], true
}

func (s *fakeStore) ListKeys(_ context.Context, f store.KeyFilter) ([]*account.Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*account.Key
	for _, k := range s.keys {
		if k.Management == f.Management && (f.IncludeDisabled || !k.Disabled) && (f.Workspace == "" || f.Workspace == k.Workspace) {
			out = append(out, k)
		}
	}
	return out, s.fails
}

func (s *fakeStore) PutKey(_ context.Context, k *account.Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails != nil {
		return s.fails
	}
	if i := slices.IndexFunc(s.keys, func(o *account.Key) bool { return o.Hash == k.Hash }); i >= 0 {
		s.keys[i] = k
	} else {
		s.keys = append(s.keys, k)
	}
	return nil
}

func (s *fakeStore) DeleteKey(_ context.Context, hash account.KeyHash) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys = slices.DeleteFunc(s.keys, func(k *account.Key) bool { return k.Hash == hash })
	return s.fails
}

func (s *fakeStore) KeyUsage(hash account.KeyHash, _ time.Time) account.Usage { return s.usage[hash] }

func (s *fakeStore) Transfer(_ context.Context, t ledger.Transfer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails != nil || s.refs[t.Ref] {
		return s.fails
	}
	after, err := s.balances[t.Credit].After(t.Credit, t)
	if err != nil {
		return err
	}
	s.refs[t.Ref], s.balances[t.Credit] = true, after
	return nil
}

func (s *fakeStore) Balance(_ context.Context, id ledger.AccountID) (ledger.Balance, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.balances[id], s.fails
}

func (s *fakeStore) Generation(_ context.Context, id string) (*generation.Record, error) {
	if s.fails != nil {
		return nil, s.fails
	}
	for _, r := range s.records {
		if r.ID == id || r.Upstream == id {
			return r, nil
		}
	}
	return nil, store.ErrNotFound
}
