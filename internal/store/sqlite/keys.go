package sqlite

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// keyring is all keys in memory, with a lock of its own: every request looks one up.
type keyring struct {
	mu    *sync.RWMutex
	keys  map[account.KeyHash]*account.Key
	heirs map[account.KeyHash][]account.KeyHash // those that replaced a key, by the subject of all
}

func newKeyring() keyring {
	return keyring{new(sync.RWMutex), map[account.KeyHash]*account.Key{}, map[account.KeyHash][]account.KeyHash{}}
}

// put takes a key in. The caller has the lock.
func (r *keyring) put(k *account.Key) {
	r.keys[k.Hash] = k
	if subject := k.Subject(); subject != k.Hash && !slices.Contains(r.heirs[subject], k.Hash) {
		r.heirs[subject] = append(r.heirs[subject], k.Hash)
	}
}

// delete takes a key out. The caller has the lock.
func (r *keyring) delete(hash account.KeyHash) {
	if k := r.keys[hash]; k != nil && k.Subject() != hash {
		r.heirs[k.Subject()] = slices.DeleteFunc(r.heirs[k.Subject()], func(h account.KeyHash) bool { return h == hash })
	}
	delete(r.keys, hash)
}

// of is the key that goes by a subject, nil where there is none. The caller has the lock.
func (r *keyring) of(subject account.KeyHash) (newest *account.Key) {
	if k := r.keys[subject]; k != nil {
		return k
	}
	for _, hash := range r.heirs[subject] {
		if k := r.keys[hash]; newest == nil || newest.Created.Before(k.Created) {
			newest = k
		}
	}
	return newest
}

// Key is the key with that hash. Treat it as immutable.
func (s *Store) Key(hash account.KeyHash) (*account.Key, bool) {
	s.keys.mu.RLock()
	k, ok := s.keys.keys[hash]
	s.keys.mu.RUnlock()
	return k, ok
}

// KeyOf is the key that goes by a subject.
func (s *Store) KeyOf(subject account.KeyHash) (*account.Key, bool) {
	s.keys.mu.RLock()
	defer s.keys.mu.RUnlock()
	k := s.keys.of(subject)
	return k, k != nil
}

// ListKeys is in order of creation.
func (s *Store) ListKeys(_ context.Context, f store.KeyFilter) ([]*account.Key, error) {
	s.keys.mu.RLock()
	list := []*account.Key{}
	for _, k := range s.keys.keys {
		if k.Management == f.Management && (f.IncludeDisabled || !k.Disabled) && (f.Workspace == "" || k.Workspace == f.Workspace) && (f.Keep == nil || f.Keep(k)) {
			list = append(list, k)
		}
	}
	s.keys.mu.RUnlock()
	slices.SortFunc(list, func(a, b *account.Key) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Hash, b.Hash))
	})
	list = list[min(max(0, f.Offset), len(list)):]
	if f.Limit > 0 {
		list = list[:min(f.Limit, len(list))]
	}
	return list, nil
}

// PutKey creates or replaces. It keeps a copy. The change takes effect before it is
// durable: a key that is disabled is so at once.
func (s *Store) PutKey(ctx context.Context, k *account.Key) error {
	return s.Apply(ctx, store.Change{Keys: []*account.Key{k}})
}

// Usage is what the subject has spent and holds, in the windows that contain now.
func (s *Store) Usage(of ledger.Subject, now time.Time) account.Usage {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.book.usages[of]
	if u == nil {
		return account.Usage{}
	}
	return u.public(s.book.calendar.at(now))
}

// copyOf has times as the database keeps them: in UTC, to the microsecond.
func copyOf(k *account.Key) *account.Key {
	c := *k
	if k.Limit != nil {
		limit := *k.Limit
		c.Limit = &limit
	}
	c.Models, c.Providers, c.Networks = slices.Clone(k.Models), slices.Clone(k.Providers), slices.Clone(k.Networks)
	c.Labels = maps.Clone(k.Labels)
	for _, t := range [...]*time.Time{&c.Created, &c.Updated, &c.Expires, &c.Guardrail.At} {
		if !t.IsZero() {
			*t = t.UTC().Truncate(time.Microsecond)
		}
	}
	return &c
}
