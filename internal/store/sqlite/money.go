package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
)

// Place decides at once, from memory.
func (s *Store) Place(_ context.Context, h ledger.Hold) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(); err != nil {
		return err
	}
	t := s.begin()
	if err := ledger.Place(t, h); err != nil {
		t.undo()
		return err
	}
	s.queue.place(t.added)
	if !s.armed {
		s.armed = true
		s.lingering.Reset(s.Linger)
	}
	return nil
}

// AwaitHold returns when the hold, or what resolved it, is durable.
func (s *Store) AwaitHold(ctx context.Context, id ledger.HoldID) error {
	s.mu.Lock()
	r := s.joinHold(id)
	s.mu.Unlock()
	return wait(ctx, r)
}

func (s *Store) joinHold(id ledger.HoldID) *result {
	h := s.book.holds[id]
	switch {
	case h == nil:
		return s.joinLast()
	case h.batch <= s.durable:
		return nil
	case h.batch == s.queue.n:
		h.due = true
		return s.join()
	}
	return s.flying.result
}

// Settle resolves the hold and writes the record, which is the ledger's entry too. After
// an error of kind Unavailable the decision stands and is written later.
func (s *Store) Settle(ctx context.Context, st ledger.Settlement, rec *generation.Record) (ledger.Outcome, error) {
	if rec == nil || rec.ID != string(st.Hold) {
		return ledger.Outcome{}, fmt.Errorf("settle hold %s: the record must have the hold's id", st.Hold)
	}
	r := newRow(rec)
	s.mu.Lock()
	out, err := s.settle(st, r)
	var written *result
	switch {
	case err != nil:
	case out.Seen:
		written = s.joinLast()
	default:
		written = s.join()
	}
	s.mu.Unlock()
	if err != nil || out.Seen {
		r.free()
	}
	if err != nil {
		return out, err
	}
	if !out.Seen {
		rec.Cost, rec.Loss = out.Charged, out.Loss
	}
	return out, wait(ctx, written)
}

// settle decides and queues. The caller has the lock.
func (s *Store) settle(st ledger.Settlement, r *row) (ledger.Outcome, error) {
	t := s.begin()
	out, err := ledger.Settle(t, st)
	if err != nil {
		t.undo()
		return ledger.Outcome{}, err
	}
	if !out.Seen {
		r.settle(t.taken, out, st.BYOK, st.At)
		s.queue.resolve(t.taken)
		s.queue.rows = append(s.queue.rows, r)
	}
	return out, nil
}

// Transfer moves money outside a hold.
func (s *Store) Transfer(ctx context.Context, tr ledger.Transfer, log ...audit.Entry) error {
	r, err := s.transfer(ctx, tr, log)
	if err != nil {
		return err
	}
	return wait(ctx, r)
}

// transfer decides and queues. A Ref that has moved something else is a Conflict. No other transfer can queue the same Ref meanwhile, so one
// that is not queued is on disk or new.
func (s *Store) transfer(ctx context.Context, tr ledger.Transfer, log []audit.Entry) (*result, error) {
	s.grants.Lock()
	defer s.grants.Unlock()
	before, seen := s.queued(tr.Ref)
	if !seen {
		err := s.read.QueryRowContext(ctx, `SELECT debit, credit, amount FROM transfers WHERE ref = ?`, tr.Ref).Scan(&before.Debit, &before.Credit, &before.Amount)
		if seen = err == nil; !seen && !errors.Is(err, errNoRows) {
			return nil, unavailable(err)
		}
	}
	if seen && (before.Debit != tr.Debit || before.Credit != tr.Credit || before.Amount != tr.Amount) {
		return nil, fault.New(fault.Conflict, fmt.Sprintf("Reference %.64q has moved $%s from %s to %s; choose another for another transfer", tr.Ref, before.Amount, before.Debit, before.Credit))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(); err != nil {
		return nil, err
	}
	t := s.begin()
	t.seen = seen
	if err := ledger.Post(t, tr); err != nil {
		t.undo()
		return nil, err
	}
	if len(t.moved) == 0 {
		return s.joinLast(), nil
	}
	s.queue.transfers = append(s.queue.transfers, tr)
	s.logged(log)
	return s.join(), nil
}

// queued is the transfer with a reference, if it is not on disk yet.
func (s *Store) queued(ref string) (ledger.Transfer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range [...]*batch{s.queue, s.flying} {
		if b == nil {
			continue
		}
		for i := range b.transfers {
			if b.transfers[i].Ref == ref {
				return b.transfers[i], true
			}
		}
	}
	return ledger.Transfer{}, false
}

// OpenAccount makes sure the account exists, and is postpaid or not from now on. An
// account in debt cannot become prepaid.
func (s *Store) OpenAccount(ctx context.Context, id ledger.AccountID, postpaid bool) error {
	if id == "" || id.System() {
		return fault.Bad("account", fmt.Sprintf("%q cannot be a customer's account; choose another name", id))
	}
	s.mu.Lock()
	r, err := s.openAccount(id, postpaid)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return wait(ctx, r)
}

func (s *Store) openAccount(id ledger.AccountID, postpaid bool) (*result, error) {
	if err := s.ready(); err != nil {
		return nil, err
	}
	bal, known := s.book.accounts[id]
	if known && bal.Open == postpaid {
		return s.joinLast(), nil
	}
	if known && bal.Available() < 0 {
		return nil, fault.New(fault.Conflict, fmt.Sprintf(
			"Account %s owes $%s, held amounts included; grant it that much before it becomes prepaid", id, -bal.Available()))
	}
	s.book.account(id).Open = postpaid
	s.queue.accounts = append(s.queue.accounts, opened{id, postpaid})
	return s.join(), nil
}

// Balance is the account's, with everything decided so far.
func (s *Store) Balance(_ context.Context, id ledger.AccountID) (ledger.Balance, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if bal := s.book.accounts[id]; bal != nil {
		return *bal, nil
	}
	return ledger.Balance{}, fmt.Errorf("balance of account %s: %w", id, errNotFound)
}

// Available is what a hold like h may take now.
func (s *Store) Available(h ledger.Hold) ledger.Room {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := ledger.Available(s.begin(), h)
	if err != nil {
		return ledger.Room{} // tx has no errors to give here; no room is the safe answer
	}
	return r
}

// release resolves holds nobody settled, each with a record that says so, and queues
// both. The caller has the lock.
func (s *Store) release(ids []ledger.HoldID, now time.Time) {
	for _, id := range ids {
		t := s.begin()
		if _, found, err := ledger.Expire(t, id); err != nil || !found {
			continue // taking a hold from a book cannot fail; one resolved before needs nothing
		}
		h := t.taken
		r := newRow(&generation.Record{ID: string(h.ID), Created: h.At, Outcome: generation.Lost})
		r.settle(h, ledger.Outcome{}, 0, now)
		s.queue.resolve(h)
		s.queue.rows = append(s.queue.rows, r)
	}
}

// sweep releases expired holds until the store closes.
func (s *Store) sweep() {
	t := time.NewTicker(s.SweepEvery)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			s.expire()
		case <-s.stop:
			return
		}
	}
}

func (s *Store) expire() {
	now := s.Now()
	s.mu.Lock()
	ids := s.book.expired(now)
	if len(ids) > 0 {
		s.release(ids, now)
		s.join()
	}
	s.mu.Unlock()
	if len(ids) > 0 {
		s.Logger.Warn("holds expired without a settlement; released, recorded as lost, nothing charged", "count", len(ids))
	}
}
