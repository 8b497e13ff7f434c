// Package ledger moves credit: it reserves it for a request (Place), takes what the
// request cost (Settle), gives back what nobody came to settle (Expire), and moves it
// outside requests (Post). It is pure: a store brings the memory as a Tx, a caller the
// time. It deliberately has no currency, no tax and no invoices. Start with Place.
//
// It promises, and its tests name:
//
//	L1  Every transfer sums to zero: what one account loses another gains.
//	L2  Entries are only appended. A correction is a new transfer.
//	L3  A hold is resolved once; the first settlement or expiry stands.
//	L4  An account's Held is the sum of its open holds.
//	L5  Replaying the entries gives the balances.
//	L6  A Ref moves money once.
//	L7  Settled + held never exceeds a limit of a key, a member or a workspace in its
//	    window, nor, for a prepaid account, the credit granted to it.
//
// L7 is about what the account pays. Usage paid elsewhere (Hold.BYOK) is counted as it
// happened, and may therefore pass a limit that includes it.
package ledger

import (
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// AccountID names a ledger account.
type AccountID string

// systemPrefix starts the accounts that are not a customer's.
const systemPrefix = "system:"

// The accounts that are not a customer's. Every transfer has one on at least one side.
const (
	Issued       AccountID = systemPrefix + "issued"        // where granted credit comes from
	Revenue      AccountID = systemPrefix + "revenue"       // where charges go
	OperatorLoss AccountID = systemPrefix + "operator-loss" // what upstreams took and no account pays
)

// System reports whether the account is the house's own.
func (id AccountID) System() bool { return strings.HasPrefix(string(id), systemPrefix) }

// HoldID names a hold; it is the generation's id. Ids are never used twice.
type HoldID string

// Transfer moves Amount from Debit to Credit. Ref is unique: it moves money once.
type Transfer struct {
	Ref           string
	Debit, Credit AccountID
	Amount        money.Amount // positive
	At            time.Time
	Note          string
}

// Hold reserves credit of an account, and room under limits, for one request.
type Hold struct {
	ID      HoldID
	Account AccountID
	Spender
	Limits  []Limit      // as they are now, the broadest first; one changed later binds the next hold. Not changed by anybody
	Amount  money.Amount // what the account may have to pay
	BYOK    money.Amount // what may be paid elsewhere, at list price; 0 unless a BYOK credential may serve
	At      time.Time    // decides the windows, also for a settlement after a window's end
	Expires time.Time
}

// Spender is who spends: a charge counts as use of each that has a name.
type Spender struct {
	Key       account.KeyHash
	Member    string // whose key it is; "" nobody's
	Workspace string
}

// Scope says whose use something is about. Its numbers are stored.
type Scope uint8

// The scopes.
const (
	OfKey       Scope = 0
	OfMember    Scope = 1
	OfWorkspace Scope = 2
	scopes            = 3
)

// String is the scope as messages and metadata name it.
func (s Scope) String() string {
	return [...]string{OfKey: "key", OfMember: "member", OfWorkspace: "workspace"}[s]
}

// Subject is one whose use is counted.
type Subject struct {
	Scope Scope
	Name  string
}

// Subject is the spender in one scope.
func (s *Spender) Subject(of Scope) Subject {
	return Subject{of, [...]string{OfKey: string(s.Key), OfMember: s.Member, OfWorkspace: s.Workspace}[of]}
}

// Subjects yields all whose use a charge is: the key, and the others that have a name.
func (s *Spender) Subjects(yield func(Subject) bool) {
	for of := range Scope(scopes) {
		if sub := s.Subject(of); (sub.Name != "" || of == OfKey) && !yield(sub) {
			return
		}
	}
}

// Limit is a cap on what the spender may spend, in one of its scopes, in a window.
type Limit struct {
	Scope       Scope
	By          string // the guardrail that sets it; "": the key, member or workspace itself
	Cap         money.Amount
	Window      account.Window
	IncludeBYOK bool // what is paid elsewhere counts too
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

// Room is how much a hold may take, and why not more.
type Room struct {
	Amount    money.Amount
	Unlimited bool
}

// Use is what a subject has spent, and holds for open requests, in one window.
type Use struct {
	Spent, Held         money.Amount
	BYOKSpent, BYOKHeld money.Amount // at list price, paid elsewhere
}
