// Package ledger moves credit. Entries are only ever appended; a hold is resolved once, by
// a new transfer, never by an edit.
package ledger

import (
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// AccountID names a ledger account.
type AccountID string

// The accounts that are not a customer's. Every transfer has one on at least one side.
const (
	Issued       AccountID = "system:issued"        // where granted credit comes from
	Revenue      AccountID = "system:revenue"       // where charges go
	OperatorLoss AccountID = "system:operator-loss" // what upstreams took and no account pays
)

// HoldID names a hold; it is the generation's id.
type HoldID string

// Transfer moves Amount from Debit to Credit. Ref is unique: it moves money once.
type Transfer struct {
	Ref           string
	Debit, Credit AccountID
	Amount        money.Amount // positive
	At            time.Time
	Note          string
}

// Hold reserves credit of an account, and room under the limits of a key, for one
// request.
type Hold struct {
	ID      HoldID
	Account AccountID
	Key     account.KeyHash
	Limit   *Limit // nil: the key has none
	Amount  money.Amount
	At      time.Time
	Expires time.Time
}

// Limit is a cap on what a key may spend in a window.
type Limit struct {
	Cap    money.Amount
	Window account.Window
}

// Settlement resolves a hold. Cost is what the account owes, Loss what upstreams took for
// attempts that gave the client nothing, BYOK what was paid elsewhere at list price.
type Settlement struct {
	Hold HoldID
	Cost money.Amount
	Loss money.Amount
	BYOK money.Amount
	At   time.Time
}

// Outcome is what a settlement moved. Charged is at most what was held plus what was free
// at that moment; the rest of the cost is in Loss.
type Outcome struct {
	Charged money.Amount
	Loss    money.Amount
	Seen    bool // the hold had been resolved before; nothing moved
}

// Balance is an account's credit.
type Balance struct {
	Posted  money.Amount // credits − debits
	Held    money.Amount // sum of its open holds
	Granted money.Amount // sum of credit ever granted
	Spent   money.Amount // sum of charges
	Open    bool         // no floor: pays afterwards
}

// Available is what a new hold may take.
func (b Balance) Available() money.Amount { return b.Posted - b.Held }

// Room is how much a hold may take, and why not more.
type Room struct {
	Amount    money.Amount
	Unlimited bool
}
