package ledger

import "github.com/dragoman-gateway/dragoman/internal/money"

// Place reserves h.Amount or refuses with a *fault.Error of kind NoCredit. It is the only
// place that says no for lack of credit, and it says no only when this hold does not fit.
func Place(tx Tx, h Hold) error {
	if err := notNegative("hold "+string(h.ID), h.Amount, h.BYOK); err != nil {
		return err
	}
	r, err := tightest(tx, h)
	if err != nil {
		return err
	}
	if r.need > 0 && r.need > r.free {
		return r.refusal(h)
	}
	return tx.AddHold(h)
}

// Available is what a hold of h's account, key and limit may take now; h.Amount is not
// looked at.
func Available(tx Tx, h Hold) (Room, error) {
	r, err := tightest(tx, h)
	if err != nil || r.unlimited {
		return Room{Unlimited: true}, err
	}
	return Room{Amount: max(0, r.free)}, nil
}

// room is one limit seen by one hold: how much the hold needs of it, and how much is free.
type room struct {
	unlimited  bool
	need, free money.Amount
	account    Balance // when limit is nil
	limit      *Limit
	use        Use
}

// tightest is the limit that leaves the hold the least beyond its need.
func tightest(tx Tx, h Hold) (room, error) {
	b, err := tx.Lock(h.Account)
	if err != nil {
		return room{}, err
	}
	r := room{unlimited: b.Open, need: h.Amount, free: b.Available(), account: b}
	if b.Open {
		r.need = 0
	}
	if h.Limit == nil {
		return r, nil
	}
	u, err := tx.Use(h, *h.Limit)
	if err != nil {
		return room{}, err
	}
	k := room{need: h.Amount, free: h.Limit.Cap - u.Spent - u.Held, limit: h.Limit, use: u}
	if h.Limit.IncludeBYOK {
		k.need += h.BYOK
		k.free -= u.BYOKSpent + u.BYOKHeld
	}
	if r.unlimited || k.free-k.need < r.free-r.need {
		return k, nil
	}
	return r, nil
}
