package ledger

import (
	"errors"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// book is the smallest Tx: it keeps everything and adds up when asked.
type book struct {
	open    map[AccountID]bool
	entries []Transfer
	holds   map[HoldID]Hold
	counted []counted
}

type counted struct {
	hold          Hold
	charged, byok money.Amount
}

func newBook() *book {
	return &book{open: map[AccountID]bool{}, holds: map[HoldID]Hold{}}
}

func (b *book) Lock(id AccountID) (Balance, error) {
	bal := Balance{Open: b.open[id]}
	for _, h := range b.holds {
		if h.Account == id {
			bal.Held += h.Amount
		}
	}
	var err error
	for _, t := range b.entries {
		if err == nil && (t.Debit == id || t.Credit == id) {
			bal, err = bal.After(id, t)
		}
	}
	return bal, err
}

func (b *book) Use(h Hold, l Limit) (Use, error) {
	same := func(o Hold) bool {
		return o.Subject(l.Scope) == h.Subject(l.Scope) && (l.Window == account.Never || l.Window.Start(o.At).Equal(l.Window.Start(h.At)))
	}
	var u Use
	for _, c := range b.counted {
		if same(c.hold) {
			u.Spent, u.BYOKSpent = u.Spent+c.charged, u.BYOKSpent+c.byok
		}
	}
	for _, o := range b.holds {
		if same(o) {
			u.Held, u.BYOKHeld = u.Held+o.Amount, u.BYOKHeld+o.BYOK
		}
	}
	return u, nil
}

func (b *book) Append(t Transfer) error {
	for _, e := range b.entries {
		if e.Ref == t.Ref {
			return ErrSeen
		}
	}
	b.entries = append(b.entries, t)
	return nil
}

func (b *book) AddHold(h Hold) error {
	if _, known := b.holds[h.ID]; known {
		return errors.New("known hold")
	}
	b.holds[h.ID] = h
	return nil
}

func (b *book) TakeHold(id HoldID) (Hold, bool, error) {
	h, ok := b.holds[id]
	delete(b.holds, id)
	return h, ok, nil
}

func (b *book) Count(h Hold, charged, byok money.Amount) error {
	b.counted = append(b.counted, counted{h, charged, byok})
	return nil
}
