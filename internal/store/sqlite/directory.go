package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"maps"
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
		s.keys.put(k)
		q.keys = append(q.keys, keyChange{k.Hash, k})
	}
	for _, hash := range c.Gone {
		s.keys.delete(hash)
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
		s.chains.Seal(&e)
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

const (
	auditColumns = `n, at, account, actor, address, action, target, detail, previous, hash`
	putEntry     = `INSERT INTO audit (` + auditColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

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
		WHERE account = ? AND (? = 0 OR n < ?) ORDER BY n DESC LIMIT ?`, f.Account, f.Before, f.Before, limit)
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

// loadChains finds the end of each account's audit log.
func (s *Store) loadChains(ctx context.Context) error {
	return s.scan(ctx, `SELECT account, max(n), hash FROM audit GROUP BY account`, func(scan func(...any) error) error {
		var of string
		var end audit.Chain
		var hash []byte
		err := scan(&of, &end.N, &hash)
		copy(end.Last[:], hash)
		s.chains[of] = end
		return err
	})
}

// log checks the chains of the audit log: an entry that was changed, taken out or put in. The
// rows of all accounts are numbered together, so that a log that is gone whole shows too.
func (a *check) log() error {
	chains, row := audit.Chains{}, int64(0)
	err := scanRows(a.ctx, a.tx, `SELECT id, `+auditColumns+` FROM audit ORDER BY id`, func(scan func(...any) error) error {
		var id int64
		e, err := scanEntry(func(columns ...any) error { return scan(append([]any{&id}, columns...)...) })
		if err != nil {
			return err
		}
		if row++; id != row {
			a.found("audit", "row %d of the log follows row %d: what was between is missing", id, row-1)
			row = id
		}
		if wrong := chains.Next(&e); wrong != nil {
			a.found("audit", "%s", wrong)
		}
		return nil
	})
	if err != nil {
		return err
	}
	either := maps.Clone(chains)
	maps.Copy(either, a.chains)
	for of := range either {
		if chains[of] != a.chains[of] {
			a.found("audit", "the log of %q ends with entry %d, %d were written", of, chains[of].N, a.chains[of].N)
		}
	}
	return nil
}
