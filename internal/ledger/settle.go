package ledger

import "github.com/dragoman-gateway/dragoman/internal/money"

// The two transfers of a settlement have refs made of the hold's id.
const (
	chargeRef = "settle:"
	lossRef   = "loss:"
)

// Settle resolves the hold and posts its cost. The account pays the cost up to what was
// held plus what is free at this moment under every limit, so no limit is overshot (L7)
// and the operator loses only what the account cannot pay. That rest, and what failed
// attempts took, moves from OperatorLoss to Revenue as a transfer of its own.
func Settle(tx Tx, s Settlement) (Outcome, error) {
	if err := notNegative("settlement of "+string(s.Hold), s.Cost, s.Loss, s.BYOK); err != nil {
		return Outcome{}, err
	}
	h, found, err := tx.TakeHold(s.Hold)
	if err != nil || !found {
		return Outcome{Seen: err == nil}, err
	}
	charged, err := payable(tx, h, s.Cost)
	if err != nil {
		return Outcome{}, err
	}
	loss, err := money.Add(s.Cost-charged, s.Loss)
	if err != nil {
		return Outcome{}, err
	}
	for _, t := range Entries(h, charged, loss) {
		t.At = s.At
		if err := tx.Append(t); err != nil {
			return Outcome{}, err
		}
	}
	return Outcome{Charged: charged, Loss: loss}, tx.Count(h, charged, s.BYOK)
}

// payable is how much of cost the account pays for h, which has just been taken.
func payable(tx Tx, h Hold, cost money.Amount) (money.Amount, error) {
	if cost <= h.Amount {
		return cost, nil
	}
	room, err := Available(tx, h)
	if err != nil || room.Unlimited {
		return cost, err
	}
	return min(cost, max(h.Amount, room.Amount)), nil
}

// Entries are the transfers of a settlement, without those of nothing; At is not set.
func Entries(h Hold, charged, loss money.Amount) []Transfer {
	entries := make([]Transfer, 0, 2)
	if charged > 0 {
		entries = append(entries, Transfer{Ref: chargeRef + string(h.ID), Debit: h.Account, Credit: Revenue, Amount: charged})
	}
	if loss > 0 {
		entries = append(entries, Transfer{Ref: lossRef + string(h.ID), Debit: OperatorLoss, Credit: Revenue, Amount: loss})
	}
	return entries
}

// Expire resolves a hold that nobody came to settle: it is released and nothing is
// charged. found is false when it was resolved before.
func Expire(tx Tx, id HoldID) (h Hold, found bool, err error) { return tx.TakeHold(id) }
