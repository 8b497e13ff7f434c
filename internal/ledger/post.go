package ledger

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// Post moves money outside a hold: a grant from Issued, a correction back to it. A known
// Ref moves nothing and is no error. A prepaid account gives only what is free.
func Post(tx Tx, t Transfer) error {
	if err := checkTransfer(t); err != nil {
		return err
	}
	if err := tx.Append(t); err != nil {
		if errors.Is(err, ErrSeen) {
			return nil
		}
		return err
	}
	b, err := tx.Lock(t.Debit)
	if err != nil {
		return err
	}
	if !t.Debit.System() && !b.Open && b.Available() < 0 {
		return fault.New(fault.Conflict, fmt.Sprintf(
			"Account %s has $%s free, which is less than the $%s to take from it; take less, or wait until its requests in flight have settled",
			t.Debit, max(0, b.Available()+t.Amount), t.Amount))
	}
	return nil
}

func checkTransfer(t Transfer) error {
	switch {
	case t.Ref == "":
		return fault.Bad("ref", "A transfer needs a reference of its own")
	case strings.HasPrefix(t.Ref, chargeRef), strings.HasPrefix(t.Ref, lossRef):
		return fault.Bad("ref", fmt.Sprintf("Reference %q is of the form settlements have; choose another", t.Ref))
	case t.Amount <= 0:
		return fault.Bad("amount", "A transfer's amount must be more than zero; to take credit back, swap the two accounts")
	case t.Debit == "" || t.Credit == "" || t.Debit == t.Credit:
		return fault.Bad("account", "A transfer needs two different accounts")
	case !t.Debit.System() && !t.Credit.System():
		return fault.Bad("account", "A transfer between two customers' accounts goes by way of "+string(Issued))
	}
	return nil
}
