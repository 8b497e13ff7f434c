package ledger

import "github.com/dragoman-gateway/dragoman/internal/money"

// Balance is an account's credit. Posted is always Granted − Spent.
type Balance struct {
	Posted  money.Amount // credits − debits
	Held    money.Amount // sum of its open holds
	Granted money.Amount // from Issued, less what went back there
	Spent   money.Amount // to every other account, less what came back: charges
	Open    bool         // no floor: pays afterwards
}

// Available is what a new hold may take.
func (b Balance) Available() money.Amount { return b.Posted - b.Held }

// After is the balance of account id once t, in which it takes part, has moved. The error
// is money.ErrOverflow; b stands then.
func (b Balance) After(id AccountID, t Transfer) (Balance, error) {
	amount, other := t.Amount, t.Debit
	if t.Debit == id {
		amount, other = -t.Amount, t.Credit
	}
	after := b
	var err error
	if after.Posted, err = money.Add(b.Posted, amount); err != nil {
		return b, err
	}
	if other == Issued {
		after.Granted, err = money.Add(b.Granted, amount)
	} else {
		after.Spent, err = money.Sub(b.Spent, amount)
	}
	if err != nil {
		return b, err
	}
	return after, nil
}
