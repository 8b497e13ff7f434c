package ledger

import "github.com/dragoman-gateway/dragoman/internal/money"

// Place reserves h.Amount or refuses with a *fault.Error of kind NoCredit. It is the only
// place that says no for lack of credit, and it says no only when this hold does not fit.
// Of several limits that are in the way the first is named, and the account's credit last.
func Place(tx Tx, h Hold) error {
	if err := notNegative("hold "+string(h.ID), h.Amount, h.BYOK); err != nil {
		return err
	}
	for i := range h.Limits {
		r, err := under(tx, h, &h.Limits[i])
		if err != nil {
			return err
		}
		if r.short() {
			return r.refusal(h)
		}
	}
	r, err := credit(tx, h)
	if err != nil {
		return err
	}
	if r.short() {
		return r.refusal(h)
	}
	return tx.AddHold(h)
}

// Available is what a hold of h's account and spender may take now under h's limits;
// h.Amount is not looked at.
func Available(tx Tx, h Hold) (Room, error) {
	r, err := credit(tx, h)
	if err != nil {
		return Room{}, err
	}
	least := Room{Unlimited: r.unlimited, Amount: max(0, r.free)}
	for i := range h.Limits {
		if r, err = under(tx, h, &h.Limits[i]); err != nil {
			return Room{}, err
		}
		if least.Unlimited || r.free < least.Amount {
			least = Room{Amount: max(0, r.free)}
		}
	}
	if least.Unlimited {
		least.Amount = 0
	}
	return least, nil
}

// room is one limit seen by one hold: how much the hold needs of it, and how much is free.
type room struct {
	unlimited  bool
	need, free money.Amount
	account    Balance // when limit is nil
	limit      *Limit
	use        Use
}

func (r *room) short() bool { return !r.unlimited && r.need > 0 && r.need > r.free }

// credit is what the account has.
func credit(tx Tx, h Hold) (room, error) {
	b, err := tx.Lock(h.Account)
	return room{unlimited: b.Open, need: h.Amount, free: b.Available(), account: b}, err
}

// under is what one limit leaves.
func under(tx Tx, h Hold, l *Limit) (room, error) {
	u, err := tx.Use(h, *l)
	if err != nil {
		return room{}, err
	}
	r := room{need: h.Amount, free: l.Cap - u.Spent - u.Held, limit: l, use: u}
	if l.IncludeBYOK {
		r.need += h.BYOK
		r.free -= u.BYOKSpent + u.BYOKHeld
	}
	return r, nil
}
