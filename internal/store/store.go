// Package store says what the gateway needs from a database. Below it are the databases;
// store/storetest holds the contract that each of them passes.
package store

import (
	"context"
	"errors"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/analytics"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
)

// ErrNotFound is the answer for what is not there.
var ErrNotFound = errors.New("store: not found")

// Store is all of it. Methods are safe for concurrent use. An error other than those
// named is the database's: it says nothing about the caller's request.
type Store interface {
	Money
	Keys
	Generations
	Log
	Analytics
	Directory
	// Status is how the database is now.
	Status(ctx context.Context) (Status, error)
	// Close finishes queued writes. No method may be called after it.
	Close() error
}

// Status is the state of a database, for who runs the gateway.
type Status struct {
	Kind    string
	Schema  int64
	Bytes   int64 // on disk
	Journal int64 // bytes on disk beside it, of what it gets later
	Holds   int   // open
	Queued  int   // changes that are decided and not yet on disk
	Failing error // why the last write failed; nil: it did not
}

// Money is the ledger. Decisions are taken at once and in order; writes are grouped.
type Money interface {
	// Place reserves a hold or refuses with a *fault.Error of kind NoCredit that says
	// which limit, by how much, and when it resets. It does not wait for the disk.
	Place(ctx context.Context, h ledger.Hold) error
	// AwaitHold returns when the hold, or its resolution, is durable.
	AwaitHold(ctx context.Context, id ledger.HoldID) error
	// Settle resolves the hold and writes the record in one transaction, and returns when
	// both are durable. It fills the record's Cost and Loss. A hold resolved before moves
	// nothing and writes nothing: Outcome.Seen.
	Settle(ctx context.Context, s ledger.Settlement, rec *generation.Record) (ledger.Outcome, error)
	// Transfer moves money outside a hold (grants, corrections). A Ref that has moved the same
	// before moves nothing; one that has moved something else is an error of kind Conflict.
	// What the audit log says of it is written in the same transaction, if anything moved.
	Transfer(ctx context.Context, t ledger.Transfer, log ...audit.Entry) error
	// Transfers is a page of what moved from or to an account outside holds, the newest first,
	// and how many of those there are.
	Transfers(ctx context.Context, of ledger.AccountID, offset, limit int) ([]Moved, int, error)
	// OpenAccount makes sure the account exists. postpaid accounts have no floor.
	OpenAccount(ctx context.Context, id ledger.AccountID, postpaid bool) error
	Balance(ctx context.Context, id ledger.AccountID) (ledger.Balance, error)
	// Available is what a hold of that account and key may take now, for clamping.
	Available(h ledger.Hold) ledger.Room
}

// Moved is a transfer and who made it.
type Moved struct {
	ledger.Transfer
	Actor string // as the audit log has it; "" where it says nothing
}

// Keys are kept in memory as well: Key is one map look-up.
type Keys interface {
	Key(hash account.KeyHash) (*account.Key, bool)
	// KeyOf is the key that goes by what use is counted for: that of the hash, else the newest
	// of those that replaced it.
	KeyOf(subject account.KeyHash) (*account.Key, bool)
	// ListKeys is in order of creation.
	ListKeys(ctx context.Context, f KeyFilter) ([]*account.Key, error)
	// PutKey creates or replaces; durable when it returns.
	PutKey(ctx context.Context, k *account.Key) error
	// Usage is what a key, a member or a workspace has spent and holds, in the windows that
	// contain now.
	Usage(of ledger.Subject, now time.Time) account.Usage
}

// KeyFilter narrows a list of keys. Limit 0 is no limit.
type KeyFilter struct {
	IncludeDisabled bool
	Management      bool // management keys instead of inference keys
	Workspace       string
	Keep            func(*account.Key) bool // nil keeps all; it looks at the key and at nothing else
	Offset, Limit   int
}

// Generations are the records.
type Generations interface {
	// Generation finds a record by its id or by the upstream's id.
	Generation(ctx context.Context, id string) (*generation.Record, error)
	// Feedback is what an account said of a generation, by the record's id.
	Feedback(ctx context.Context, account, id string) (generation.Feedback, error)
}

// Directory keeps what is few and small, whole, and the log of who changed it. What it means
// is package directory's.
type Directory interface {
	// Apply makes a change: all of it is written, or nothing. It has taken effect for new
	// requests, and is durable, when it returns nil. It keeps copies.
	Apply(ctx context.Context, c Change) error
	// Things calls f with everything stored, until it returns an error, which is returned.
	Things(ctx context.Context, f func(Thing) error) error
	// AuditLog is entries of an account's log, the newest first.
	AuditLog(ctx context.Context, f AuditFilter) ([]audit.Entry, error)
}

// Change is what one operation of management changes.
type Change struct {
	Keys     []*account.Key        // created or replaced
	Gone     []account.KeyHash     // deleted; ErrNotFound, and nothing changes, if one is not there
	Things   []Thing               // created or replaced; without Doc deleted
	Feedback []generation.Feedback // in the place of what was said before
	Audit    []audit.Entry         // appended in order; the store seals them
}

// Thing is one document by kind and id.
type Thing struct {
	Kind, ID string
	Doc      []byte // JSON
}

// AuditFilter narrows the log. Before 0 begins with the newest entry.
type AuditFilter struct {
	Account string
	Before  int64 // only entries with a lower number
	Limit   int   // 0 is no limit
}

// Analytics are sums over the records, equal to them to the last digit: a record and its
// part of the sums are written in one transaction.
type Analytics interface {
	// Tally calls each with the pieces of the span, in no order, as of one moment that is not
	// before the call, and stops with each's error. An error of
	// kind Invalid says that the span has more records than are read one by one.
	Tally(ctx context.Context, span analytics.Span, want analytics.Want, each func(*analytics.Piece) error) (analytics.Coverage, error)
}
