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

// model says in its own words what an account, its keys, members and workspace may do.
type model struct {
	granted, spent, loss money.Amount
	limits               []Limit // of every hold
	settled              []paid
	open                 map[HoldID]Hold
}

type paid struct {
	hold   Hold
	amount money.Amount
}

// within reports whether what h spends counts against limit l of another hold at that time.
func within(l Limit, h, other Hold) bool {
	start, end := l.Window.Start(other.At), l.Window.End(other.At)
	return h.Subject(l.Scope) == other.Subject(l.Scope) && (l.Window == account.Never || !h.At.Before(start) && h.At.Before(end))
}

func (m *model) used(l Limit, h Hold) (sum money.Amount) {
	for _, p := range m.settled {
		if within(l, p.hold, h) {
			sum += p.amount
		}
	}
	for _, o := range m.open {
		if within(l, o, h) {
			sum += o.Amount
		}
	}
	return sum
}

func (m *model) held() (all money.Amount) {
	for _, h := range m.open {
		all += h.Amount
	}
	return all
}

func (m *model) free(h Hold) money.Amount {
	least := m.granted - m.spent - m.held()
	for _, l := range m.limits {
		least = min(least, l.Cap-m.used(l, h))
	}
	return max(0, least)
}

func (m *model) settle(id HoldID, cost, loss money.Amount) (charged money.Amount) {
	h := m.open[id]
	delete(m.open, id)
	charged = min(cost, max(h.Amount, m.free(h)))
	m.spent, m.loss = m.spent+charged, m.loss+cost-charged+loss
	m.settled = append(m.settled, paid{h, charged})
	return charged
}

// TestL1ToL7 runs random histories of a prepaid account with two keys, two members and two
// workspaces, each with a limit in a window of its own.
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
	m := &model{open: map[HoldID]Hold{}, limits: []Limit{
		{Scope: OfWorkspace, Cap: amount(8000)},
		{Scope: OfWorkspace, Cap: amount(6000), Window: account.Monthly},
		{Scope: OfMember, Cap: amount(5000), Window: account.Weekly},
		{Scope: OfKey, Cap: amount(3000), Window: account.Daily},
	}}
	either := func(names string) string { return names[rng.IntN(2):][:1] }
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
			h := Hold{ID: HoldID(fmt.Sprint(step)), Account: "a", Limits: m.limits, Amount: amount(800), At: at,
				Spender: Spender{Key: account.KeyHash(either("kl")), Member: either("mn"), Workspace: either("wv")}}
			fits := h.Amount <= m.free(h)
			err := Place(b, h)
			if (err == nil) != fits || err != nil && fault.Of(err) != fault.NoCredit {
				return fmt.Errorf("step %d: place %s, free %s: %v", step, h.Amount, m.free(h), err)
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
		if err := coherent(b, m); err != nil {
			return fmt.Errorf("step %d: %w", step, err)
		}
	}
	return nil
}

func coherent(b *book, m *model) error {
	got, err := b.Lock("a")
	if err != nil {
		return err
	}
	all := m.held()
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
	if got.Available() < 0 {
		return fmt.Errorf("L7: available %s", got.Available())
	}
	for _, p := range m.settled {
		for _, l := range m.limits {
			if used := m.used(l, p.hold); used > l.Cap {
				return fmt.Errorf("L7: %s of %s %s", used, l.Cap, l.Scope)
			}
		}
	}
	return nil
}
