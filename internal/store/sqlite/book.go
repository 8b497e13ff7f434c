package sqlite

import (
	"fmt"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// A book is the ledger's present in memory: balances, open holds, what keys, members and workspaces have used. It
// is the disk's state plus everything decided since. Its owner has the lock.
type book struct {
	accounts map[ledger.AccountID]*ledger.Balance
	usages   map[ledger.Subject]*usage
	holds    map[ledger.HoldID]*openHold
	calendar calendar
}

// openHold is a hold that nobody has resolved.
type openHold struct {
	ledger.Hold
	at    starts
	batch uint64 // that writes it
	slot  int    // in that batch's list
	due   bool   // it must be in the next batch: somebody waits for it, or it has lingered
}

func newBook() *book {
	return &book{
		accounts: map[ledger.AccountID]*ledger.Balance{},
		usages:   map[ledger.Subject]*usage{},
		holds:    map[ledger.HoldID]*openHold{},
	}
}

func (b *book) account(id ledger.AccountID) *ledger.Balance {
	bal := b.accounts[id]
	if bal == nil {
		bal = &ledger.Balance{}
		b.accounts[id] = bal
	}
	return bal
}

func (b *book) usage(of ledger.Subject) *usage {
	u := b.usages[of]
	if u == nil {
		u = &usage{}
		b.usages[of] = u
	}
	return u
}

// each calls f with the usage of every subject of the hold.
func (b *book) each(h *openHold, f func(*usage)) {
	for of := range h.Subjects {
		f(b.usage(of))
	}
}

// put makes h one of the open holds.
func (b *book) put(h *openHold) error {
	if _, known := b.holds[h.ID]; known {
		return fmt.Errorf("hold %s is open already", h.ID)
	}
	bal := b.account(h.Account)
	held, err := money.Add(bal.Held, h.Amount)
	if err != nil {
		return err
	}
	bal.Held = held
	b.each(h, func(u *usage) { u.hold(h.at, h.Amount, h.BYOK) })
	b.holds[h.ID] = h
	return nil
}

// take is the reverse of put; nil when the hold is not open.
func (b *book) take(id ledger.HoldID) *openHold {
	h := b.holds[id]
	if h == nil {
		return nil
	}
	delete(b.holds, id)
	b.account(h.Account).Held -= h.Amount
	b.each(h, func(u *usage) { u.hold(h.at, -h.Amount, -h.BYOK) })
	return h
}

func (b *book) move(t ledger.Transfer) error {
	debit, credit := b.account(t.Debit), b.account(t.Credit)
	d, err := debit.After(t.Debit, t)
	if err != nil {
		return err
	}
	c, err := credit.After(t.Credit, t)
	if err != nil {
		return err
	}
	*debit, *credit = d, c
	return nil
}

// tx is one transaction of the ledger on the book. It keeps what it did, to undo it after
// an error and to queue it after success.
type tx struct {
	book    *book
	seen    bool // the transfer's Ref is on disk or queued
	moved   []ledger.Transfer
	added   *openHold
	taken   *openHold
	counted struct {
		hold          *openHold
		charged, byok money.Amount
	}
}

var _ ledger.Tx = (*tx)(nil)

func (t *tx) Lock(id ledger.AccountID) (ledger.Balance, error) {
	if bal := t.book.accounts[id]; bal != nil {
		return *bal, nil
	}
	return ledger.Balance{}, nil
}

func (t *tx) Use(h ledger.Hold, l ledger.Limit) (ledger.Use, error) {
	u := t.book.usages[h.Subject(l.Scope)]
	if u == nil {
		return ledger.Use{}, nil
	}
	return u.within(l, t.book.calendar.at(h.At)), nil
}

func (t *tx) Append(tr ledger.Transfer) error {
	if t.seen {
		return ledger.ErrSeen
	}
	if err := t.book.move(tr); err != nil {
		return err
	}
	t.moved = append(t.moved, tr)
	return nil
}

func (t *tx) AddHold(h ledger.Hold) error {
	o := &openHold{Hold: h, at: t.book.calendar.at(h.At)}
	if err := t.book.put(o); err != nil {
		return err
	}
	t.added = o
	return nil
}

func (t *tx) TakeHold(id ledger.HoldID) (ledger.Hold, bool, error) {
	t.taken = t.book.take(id)
	if t.taken == nil {
		return ledger.Hold{}, false, nil
	}
	return t.taken.Hold, true, nil
}

func (t *tx) Count(h ledger.Hold, charged, byok money.Amount) error {
	for of := range h.Subjects {
		u := t.book.usage(of)
		if _, err := money.Add(u.total.Spent, charged); err != nil {
			return err
		}
		if _, err := money.Add(u.total.BYOKSpent, byok); err != nil {
			return err
		}
	}
	t.book.each(t.taken, func(u *usage) { u.spend(t.taken.at, charged, byok) })
	t.counted.hold, t.counted.charged, t.counted.byok = t.taken, charged, byok
	return nil
}

// undo takes everything back, last first. Nothing in it can fail: the figures have been
// where they return to.
func (t *tx) undo() {
	if c := t.counted; c.hold != nil {
		t.book.each(c.hold, func(u *usage) { u.spend(c.hold.at, -c.charged, -c.byok) })
	}
	for i := len(t.moved) - 1; i >= 0; i-- {
		m := t.moved[i]
		m.Amount = -m.Amount
		_ = t.book.move(m)
	}
	if t.added != nil {
		t.book.take(t.added.ID)
	}
	if t.taken != nil {
		_ = t.book.put(t.taken)
	}
}

// expired lists the open holds whose time is up.
func (b *book) expired(now time.Time) []ledger.HoldID {
	var ids []ledger.HoldID
	for id, h := range b.holds {
		if !h.Expires.IsZero() && !now.Before(h.Expires) {
			ids = append(ids, id)
		}
	}
	return ids
}
