package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// Apply queues the whole change for one transaction. Keys take effect before they are
// durable; what is deleted stays on record where it spent.
func (s *Store) Apply(ctx context.Context, c store.Change) error {
	s.mu.Lock()
	r, err := s.apply(c)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return wait(ctx, r)
}

// apply decides and queues. The caller has the lock.
func (s *Store) apply(c store.Change) (*result, error) {
	if err := s.ready(); err != nil {
		return nil, err
	}
	for _, hash := range c.Gone {
		if _, known := s.Key(hash); !known {
			return nil, fmt.Errorf("key %s: %w", hash, errNotFound)
		}
	}
	q := s.queue
	s.keys.mu.Lock()
	for _, k := range c.Keys {
		k = copyOf(k)
		s.keys.keys[k.Hash] = k
		q.keys = append(q.keys, keyChange{k.Hash, k})
	}
	for _, hash := range c.Gone {
		delete(s.keys.keys, hash)
		q.keys = append(q.keys, keyChange{hash, nil})
	}
	s.keys.mu.Unlock()
	for _, t := range c.Things {
		t.Doc = bytes.Clone(t.Doc)
		q.things = append(q.things, t)
	}
	q.feedback = append(q.feedback, c.Feedback...)
	s.logged(c.Audit)
	return s.join(), nil
}

// logged seals entries and queues them. The caller has the lock.
func (s *Store) logged(log []audit.Entry) {
	for _, e := range log {
		e.Seal(s.chain.N+1, s.chain.Last)
		s.chain = audit.Chain{N: e.N, Last: e.Hash}
		s.queue.audit = append(s.queue.audit, e)
	}
}

// Things reads what is on disk.
func (s *Store) Things(ctx context.Context, f func(store.Thing) error) error {
	return s.scan(ctx, `SELECT kind, id, doc FROM things ORDER BY kind, id`, func(scan func(...any) error) error {
		var t store.Thing
		if err := scan(&t.Kind, &t.ID, &t.Doc); err != nil {
			return err
		}
		return f(t)
	})
}

const auditColumns = `n, at, account, actor, address, action, target, detail, previous, hash`

func scanEntry(scan func(...any) error) (e audit.Entry, err error) {
	var at int64
	var previous, hash []byte
	err = scan(&e.N, &at, &e.Account, &e.Actor, &e.Address, &e.Action, &e.Target, &e.Detail, &previous, &hash)
	e.At = time.UnixMicro(at).UTC()
	copy(e.Previous[:], previous)
	copy(e.Hash[:], hash)
	return e, err
}

// AuditLog is entries as they are on disk.
func (s *Store) AuditLog(ctx context.Context, f store.AuditFilter) (log []audit.Entry, err error) {
	limit := f.Limit
	if limit == 0 {
		limit = -1
	}
	rows, err := s.read.QueryContext(ctx, `SELECT `+auditColumns+` FROM audit
		WHERE (? = '' OR account = ?) AND (? = 0 OR n < ?) ORDER BY n DESC LIMIT ?`, f.Account, f.Account, f.Before, f.Before, limit)
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scanEntry(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("read the audit log: %w", err)
		}
		log = append(log, e)
	}
	return log, rows.Err()
}

// loadChain finds the end of the audit log.
func (s *Store) loadChain(ctx context.Context) error {
	last, err := s.AuditLog(ctx, store.AuditFilter{Limit: 1})
	if err != nil || len(last) == 0 {
		return err
	}
	s.chain = audit.Chain{N: last[0].N, Last: last[0].Hash}
	return nil
}

// log checks the chain of the audit log: an entry that was changed, taken out or put in.
func (a *check) log() error {
	var chain audit.Chain
	err := scanRows(a.ctx, a.tx, `SELECT `+auditColumns+` FROM audit ORDER BY n`, func(scan func(...any) error) error {
		e, err := scanEntry(scan)
		if err != nil {
			return err
		}
		if wrong := chain.Next(&e); wrong != nil {
			a.found("audit", "%s", wrong)
		}
		return nil
	})
	if err == nil && chain != a.chain {
		a.found("audit", "the log ends with entry %d, %d were written", chain.N, a.chain.N)
	}
	return err
}
