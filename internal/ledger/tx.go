package ledger

import (
	"errors"
	"fmt"

	"github.com/dragoman-gateway/dragoman/internal/money"
)

// ErrSeen is Append's answer to a Ref that has moved money before.
var ErrSeen = errors.New("ledger: transfer already recorded")

// Tx is what the ledger needs from a store inside one transaction. After an error the
// store undoes what the transaction did.
type Tx interface {
	// Lock is the account's balance, which nobody else changes until the transaction
	// ends. An account nobody opened is a prepaid one without credit.
	Lock(AccountID) (Balance, error)
	// Use is what the hold's spender has spent and holds, in the limit's scope and in its
	// window that contains the hold's time.
	Use(Hold, Limit) (Use, error)
	// Append moves money: ErrSeen when the Ref has done so before.
	Append(Transfer) error
	// AddHold adds to the Held of the account and of the spender's subjects. A known id is
	// an error.
	AddHold(Hold) error
	// TakeHold resolves the hold and takes it off every Held. One that was resolved before
	// is not found.
	TakeHold(HoldID) (h Hold, found bool, err error)
	// Count adds to what the spender's subjects have spent, in the windows of the hold's
	// time.
	Count(h Hold, charged, byok money.Amount) error
}

func notNegative(what string, amounts ...money.Amount) error {
	for _, a := range amounts {
		if a < 0 {
			return fmt.Errorf("ledger: %s with a negative amount %s", what, a)
		}
	}
	return nil
}
