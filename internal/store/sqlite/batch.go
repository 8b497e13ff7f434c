package sqlite

import (
	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// A batch is what has been decided and is to be written as one transaction. The lists
// are independent of one another; each is in the order of decision.
type batch struct {
	n      uint64  // batches count from 1
	result *result // for those who wait; a batch that is tried again gets a new one

	accounts  []opened
	transfers []ledger.Transfer
	placed    []*openHold // nil: resolved before it was written
	resolved  []ledger.HoldID
	rows      []*row
	keys      []keyChange
	things    []store.Thing
	feedback  []generation.Feedback
	audit     []audit.Entry
}

// result is how the writing of a batch went.
type result struct {
	done chan struct{} // closed once err is set
	err  error
}

func newResult() *result { return &result{done: make(chan struct{})} }

type opened struct {
	id       ledger.AccountID
	postpaid bool
}

// keyChange puts a key, or deletes it when key is nil.
type keyChange struct {
	hash account.KeyHash
	key  *account.Key
}

func newBatch(n uint64) *batch { return &batch{n: n, result: newResult()} }

func (b *batch) empty() bool { return b.size() == 0 }

// size is how much there is to write.
func (b *batch) size() int {
	return len(b.accounts) + len(b.transfers) + len(b.placed) + len(b.resolved) + len(b.rows) + b.changes()
}

// changes is how much of the batch is management's.
func (b *batch) changes() int { return len(b.keys) + len(b.things) + len(b.feedback) + len(b.audit) }

// place queues a new hold.
func (b *batch) place(h *openHold) {
	h.batch, h.slot = b.n, len(b.placed)
	b.placed = append(b.placed, h)
}

// resolve queues the end of a hold. If its beginning is still queued neither is written.
func (b *batch) resolve(h *openHold) {
	if h.batch == b.n {
		b.placed[h.slot] = nil
		return
	}
	b.resolved = append(b.resolved, h.ID)
}

// merge appends a later batch, whose number and waiters b takes over.
func (b *batch) merge(later *batch) {
	b.n, b.result = later.n, later.result
	b.accounts = append(b.accounts, later.accounts...)
	b.transfers = append(b.transfers, later.transfers...)
	b.placed = append(b.placed, later.placed...)
	b.resolved = append(b.resolved, later.resolved...)
	b.rows = append(b.rows, later.rows...)
	b.keys = append(b.keys, later.keys...)
	b.things = append(b.things, later.things...)
	b.feedback = append(b.feedback, later.feedback...)
	b.audit = append(b.audit, later.audit...)
}

// reset makes a written batch ready for reuse. It keeps no pointer alive.
func (b *batch) reset() {
	b.accounts = cleared(b.accounts)
	b.transfers = cleared(b.transfers)
	b.placed = cleared(b.placed)
	b.resolved = cleared(b.resolved)
	b.rows = cleared(b.rows)
	b.keys = cleared(b.keys)
	b.things = cleared(b.things)
	b.feedback = cleared(b.feedback)
	b.audit = cleared(b.audit)
}

func cleared[T any](s []T) []T {
	clear(s)
	return s[:0]
}

// moves adds up what the batch changes in balances.
func (b *batch) moves(sum map[ledger.AccountID]ledger.Balance) error {
	add := func(debit, credit ledger.AccountID, amount money.Amount) error {
		if amount == 0 {
			return nil
		}
		t := ledger.Transfer{Debit: debit, Credit: credit, Amount: amount}
		for _, id := range [...]ledger.AccountID{debit, credit} {
			after, err := sum[id].After(id, t)
			if err != nil {
				return err
			}
			sum[id] = after
		}
		return nil
	}
	for _, t := range b.transfers {
		if err := add(t.Debit, t.Credit, t.Amount); err != nil {
			return err
		}
	}
	for _, r := range b.rows {
		if err := add(r.account, ledger.Revenue, r.cost); err != nil {
			return err
		}
		if err := add(ledger.OperatorLoss, ledger.Revenue, r.loss); err != nil {
			return err
		}
	}
	return nil
}

// useDay is one row of uses; day is days since 1970.
type useDay struct {
	ledger.Subject
	day int64
}

type dayUse struct {
	spent, byok money.Amount
	requests    int64
}

// uses adds up what the batch changes in uses.
func (b *batch) uses(sum map[useDay]dayUse) {
	for _, r := range b.rows {
		for of := range r.Subjects {
			k := useDay{of, r.day}
			u := sum[k]
			u.spent, u.byok, u.requests = u.spent+r.cost, u.byok+r.byok, u.requests+1
			sum[k] = u
		}
	}
}
