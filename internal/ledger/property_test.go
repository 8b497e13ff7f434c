package ledger

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// model says in its own words what an account and its one key may do.
type model struct {
	granted, spent, loss money.Amount
	cap                  money.Amount
	used                 map[int64]money.Amount // by day, settled
	open                 map[HoldID]Hold
}

func (m *model) held(day int64) (all, today money.Amount) {
	for _, h := range m.open {
		all += h.Amount
		if dayOf(h.At) == day {
			today += h.Amount
		}
	}
	return all, today
}

func (m *model) free(at time.Time) money.Amount {
	all, today := m.held(dayOf(at))
	return max(0, min(m.granted-m.spent-all, m.cap-m.used[dayOf(at)]-today))
}

func (m *model) settle(id HoldID, cost, loss money.Amount) (charged money.Amount) {
	h := m.open[id]
	charged = min(cost, h.Amount+m.free(h.At))
	delete(m.open, id)
	m.spent, m.loss = m.spent+charged, m.loss+cost-charged+loss
	m.used[dayOf(h.At)] += charged
	return charged
}

func dayOf(t time.Time) int64 { return t.Unix() / 86400 }

// TestL1ToL7 runs random histories of a prepaid account whose key has a daily limit.
func TestL1ToL7(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		if err := randomHistory(seed); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

func randomHistory(seed uint64) error {
	rng := rand.New(rand.NewPCG(seed, 1))
	amount := func(n int64) money.Amount { return money.Amount(rng.Int64N(n)) }
	b := newBook()
	m := &model{cap: amount(3000), used: map[int64]money.Amount{}, open: map[HoldID]Hold{}}
	limit := &Limit{Cap: m.cap, Window: account.Daily}
	at := time.Date(2026, 2, 28, 22, 0, 0, 0, time.UTC)
	var ids []HoldID
	for step := range 60 {
		at = at.Add(time.Duration(rng.Int64N(int64(90 * time.Minute))))
		switch rng.IntN(5) {
		case 0:
			g := amount(1000) + 1
			ref := fmt.Sprint("grant:", rng.IntN(40)) // often one seen before
			seen := b.Append(Transfer{Ref: ref, Amount: g}) == ErrSeen
			if !seen {
				b.entries = b.entries[:len(b.entries)-1]
				m.granted += g
			}
			if err := Post(b, Transfer{Ref: ref, Debit: Issued, Credit: "a", Amount: g}); err != nil {
				return err
			}
		case 1, 2:
			h := Hold{ID: HoldID(fmt.Sprint(step)), Account: "a", Key: "k", Limit: limit, Amount: amount(800), At: at}
			fits := h.Amount <= m.free(at)
			err := Place(b, h)
			if (err == nil) != fits || err != nil && fault.Of(err) != fault.NoCredit {
				return fmt.Errorf("step %d: place %s, free %s: %v", step, h.Amount, m.free(at), err)
			}
			if fits {
				m.open[h.ID] = h
				ids = append(ids, h.ID)
			}
		case 3:
			if len(ids) == 0 {
				continue
			}
			id := ids[rng.IntN(len(ids))] // often one resolved before
			s := Settlement{Hold: id, Cost: amount(1200), Loss: amount(50), At: at}
			_, open := m.open[id]
			var want money.Amount
			if open {
				want = m.settle(id, s.Cost, s.Loss)
			}
			got, err := Settle(b, s)
			if err != nil || got.Seen == open || got.Charged != want {
				return fmt.Errorf("step %d: settle %+v: %+v %v, want %s", step, s, got, err, want)
			}
		case 4:
			if len(ids) > 0 && rng.IntN(4) == 0 {
				id := ids[rng.IntN(len(ids))]
				_, open := m.open[id]
				if _, found, err := Expire(b, id); err != nil || found != open {
					return fmt.Errorf("step %d: expire %s: %v %v", step, id, found, err)
				}
				delete(m.open, id)
			}
		}
		if err := coherent(b, m, at); err != nil {
			return fmt.Errorf("step %d: %w", step, err)
		}
	}
	return nil
}

func coherent(b *book, m *model, at time.Time) error {
	got, err := b.Lock("a")
	if err != nil {
		return err
	}
	all, today := m.held(dayOf(at))
	want := Balance{Posted: m.granted - m.spent, Held: all, Granted: m.granted, Spent: m.spent}
	if got != want {
		return fmt.Errorf("L3, L4, L5, L6: balance %+v, want %+v", got, want)
	}
	var sum money.Amount
	for _, id := range []AccountID{"a", Issued, Revenue, OperatorLoss} {
		bal, err := b.Lock(id)
		if err != nil {
			return err
		}
		sum += bal.Posted
		if id == OperatorLoss && bal.Posted != -m.loss {
			return fmt.Errorf("operator loss %s, want %s", -bal.Posted, m.loss)
		}
	}
	if sum != 0 {
		return fmt.Errorf("L1: accounts sum to %s", sum)
	}
	if got.Available() < 0 || m.used[dayOf(at)]+today > m.cap {
		return fmt.Errorf("L7: available %s, day %s of %s", got.Available(), m.used[dayOf(at)]+today, m.cap)
	}
	return nil
}
