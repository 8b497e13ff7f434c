package sqlite

import (
	"encoding/json"
	"sync/atomic"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
)

// A writer writes batches, each as one transaction. One goroutine owns it.
type writer struct {
	conn
	begin, commit, rollback *statement
	account, transfer       *bulk
	placed, row, use        *bulk
	resolved, opened        *statement
	putKey, deleteKey       *statement
	putThing, deleteThing   *statement
	feedback, log           *statement
	name                    *bulk
	digest                  *statement
	got                     *statement
	rollups                 *rollups

	last  int64        // the n of the newest row
	entry int64        // the number of the last entry of the journal that is written
	named atomic.Int64 // rows up to this n are in the table names
	names names        // those of the rows after it

	gathered *gathering // for digests of the rows

	balances map[ledger.AccountID]ledger.Balance // scratch of write
	days     map[useDay]dayUse                   // scratch of write
}

func newWriter(c conn) (*writer, error) {
	w := &writer{conn: c, gathered: newGathering(), balances: map[ledger.AccountID]ledger.Balance{}, days: map[useDay]dayUse{}}
	var first error
	one := func(s **statement, query string) {
		var err error
		if *s, err = c.prepare(query); err != nil && first == nil {
			first = err
		}
	}
	many := func(b **bulk, columns int, head, tail string) {
		var err error
		if *b, err = newBulk(c, columns, head, tail); err != nil && first == nil {
			first = err
		}
	}
	one(&w.begin, `BEGIN IMMEDIATE`)
	one(&w.commit, `COMMIT`)
	one(&w.rollback, `ROLLBACK`)
	one(&w.opened, `INSERT INTO accounts (id, posted, granted, spent, open) VALUES (?, 0, 0, 0, ?)
		ON CONFLICT (id) DO UPDATE SET open = excluded.open`)
	many(&w.account, 4, `INSERT INTO accounts (id, posted, granted, spent)`,
		`ON CONFLICT (id) DO UPDATE SET posted = posted + excluded.posted, granted = granted + excluded.granted,
			spent = spent + excluded.spent`)
	many(&w.transfer, 6, `INSERT INTO transfers (ref, debit, credit, amount, at, note)`, ``)
	many(&w.placed, 9, `INSERT INTO holds (id, account, key, member, workspace, amount, byok, at, expires)`, ``)
	one(&w.resolved, `DELETE FROM holds WHERE id = ?`)
	many(&w.row, 19, `INSERT INTO generations (n, id, upstream, created, settled, account, key, member, workspace, model, provider, endpoint,
		outcome, prompt, completion, cost, loss, byok, detail)`, ``)
	many(&w.use, 6, `INSERT INTO uses (scope, name, day, spent, byok, requests)`,
		`ON CONFLICT (scope, name, day) DO UPDATE SET spent = spent + excluded.spent, byok = byok + excluded.byok,
			requests = requests + excluded.requests`)
	one(&w.putKey, `INSERT OR REPLACE INTO keys (hash, label, name, management, account, workspace, creator, disabled,
		created, updated, expires, cap, reset, include_byok, more) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	one(&w.got, `UPDATE journal SET got = ?`)
	one(&w.deleteKey, `DELETE FROM keys WHERE hash = ?`)
	one(&w.putThing, `INSERT OR REPLACE INTO things (kind, id, doc) VALUES (?, ?, ?)`)
	one(&w.deleteThing, `DELETE FROM things WHERE kind = ? AND id = ?`)
	one(&w.feedback, `INSERT OR REPLACE INTO feedback (generation, account, at, actor, category, comment) VALUES (?, ?, ?, ?, ?, ?)`)
	one(&w.log, putEntry)
	one(&w.digest, putDigest)
	many(&w.name, 2, `INSERT OR IGNORE INTO names (name, n)`, ``)
	if first == nil {
		w.rollups, first = newRollups(c)
	}
	return w, first
}

// write commits the batch, which holds the journal's entries up to a number, or changes
// nothing. The batch stays as it is.
func (w *writer) write(b *batch, entry int64) error {
	if b.empty() {
		return nil
	}
	if err := w.transact(func() error {
		if entry > w.entry {
			if err := w.got.exec(entry); err != nil {
				return err
			}
		}
		return w.fill(b)
	}); err != nil {
		return err
	}
	w.entry = entry
	for i, r := range b.rows {
		n := w.last + 1 + int64(i)
		w.names.add(n, r.id, r.upstream)
		w.gathered.add(n, r)
	}
	w.last += int64(len(b.rows))
	return nil
}

func (w *writer) transact(fill func() error) error {
	if err := w.begin.exec(); err != nil {
		return err
	}
	err := fill()
	if err == nil {
		err = w.commit.exec()
	}
	if err != nil {
		_ = w.rollback.exec() // fails when SQLite has rolled back by itself
		w.rollups.forget()
	}
	return err
}

func (w *writer) fill(b *batch) error {
	for _, step := range [...]func(*batch) error{w.addHolds, w.addRows, w.addRollups, w.addTransfers, w.addBalances, w.addUses, w.addKeys, w.addThings, w.addFeedback, w.addAudit} {
		if err := step(b); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) addHolds(b *batch) error {
	for _, h := range b.placed {
		if h == nil {
			continue
		}
		w.placed.add(string(h.ID))
		w.placed.add(string(h.Account))
		w.placed.add(string(h.Key))
		w.placed.add(h.Member)
		w.placed.add(h.Workspace)
		w.placed.add(int64(h.Amount))
		w.placed.add(int64(h.BYOK))
		w.placed.add(h.At.UnixMicro())
		w.placed.add(micros(h.Expires))
	}
	if err := w.placed.flush(); err != nil {
		return err
	}
	for _, id := range b.resolved {
		if err := w.resolved.exec(string(id)); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) addRows(b *batch) error {
	for i, r := range b.rows {
		w.row.add(w.last + 1 + int64(i))
		w.row.add(r.id)
		w.row.add(r.upstream)
		w.row.add(r.created)
		w.row.add(r.settled)
		w.row.text(string(r.account))
		w.row.text(string(r.Key))
		w.row.text(r.Member)
		w.row.text(r.Workspace)
		w.row.text(r.model)
		w.row.text(r.provider)
		w.row.text(r.endpoint)
		w.row.text(string(r.outcome))
		w.row.add(r.prompt)
		w.row.add(r.completion)
		w.row.add(int64(r.cost))
		w.row.add(int64(r.loss))
		w.row.add(int64(r.byok))
		w.row.add(r.detail)
	}
	return w.row.flush()
}

func (w *writer) addTransfers(b *batch) error {
	for _, t := range b.transfers {
		w.transfer.add(t.Ref)
		w.transfer.add(string(t.Debit))
		w.transfer.add(string(t.Credit))
		w.transfer.add(int64(t.Amount))
		w.transfer.add(micros(t.At))
		w.transfer.add(t.Note)
	}
	return w.transfer.flush()
}

func (w *writer) addBalances(b *batch) error {
	for _, a := range b.accounts {
		if err := w.opened.exec(string(a.id), flag(a.postpaid)); err != nil {
			return err
		}
	}
	clear(w.balances)
	if err := b.moves(w.balances); err != nil {
		return err
	}
	for id, sum := range w.balances {
		w.account.add(string(id))
		w.account.add(int64(sum.Posted))
		w.account.add(int64(sum.Granted))
		w.account.add(int64(sum.Spent))
	}
	return w.account.flush()
}

func (w *writer) addUses(b *batch) error {
	clear(w.days)
	b.uses(w.days)
	for k, u := range w.days {
		w.use.add(int64(k.Scope))
		w.use.add(k.Name)
		w.use.add(k.day)
		w.use.add(int64(u.spent))
		w.use.add(int64(u.byok))
		w.use.add(u.requests)
	}
	return w.use.flush()
}

func (w *writer) addKeys(b *batch) error {
	for _, c := range b.keys {
		var err error
		if c.key == nil {
			err = w.deleteKey.exec(string(c.hash))
		} else {
			err = w.addKey(c.key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) addKey(k *account.Key) error {
	var limit any
	if k.Limit != nil {
		limit = int64(*k.Limit)
	}
	more, err := extras(k)
	if err != nil {
		return err
	}
	return w.putKey.exec(string(k.Hash), k.Label, k.Name, flag(k.Management), k.Account, k.Workspace, k.Creator,
		flag(k.Disabled), k.Created.UnixMicro(), orNull(k.Updated), orNull(k.Expires), limit, string(k.LimitReset),
		flag(k.IncludeBYOK), more)
}

// extras is what few keys have as JSON, "" for a key that has nothing of it.
func extras(k *account.Key) (string, error) {
	raw, err := json.Marshal(k.Extras)
	if string(raw) == "{}" {
		return "", nil
	}
	return string(raw), err
}

func (w *writer) addThings(b *batch) error {
	for _, t := range b.things {
		var err error
		if t.Doc == nil {
			err = w.deleteThing.exec(t.Kind, t.ID)
		} else {
			err = w.putThing.exec(t.Kind, t.ID, t.Doc)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) addFeedback(b *batch) error {
	for _, f := range b.feedback {
		if err := w.feedback.exec(f.Generation, f.Account, f.At.UnixMicro(), f.Actor, f.Category, f.Comment); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) addAudit(b *batch) error {
	for i := range b.audit {
		e := &b.audit[i]
		if err := w.log.exec(e.N, e.At.UnixMicro(), e.Account, e.Actor, e.Address, e.Action, e.Target, e.Detail, e.Previous[:], e.Hash[:]); err != nil {
			return err
		}
	}
	return nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// micros is t for a column where 0 means never.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}
