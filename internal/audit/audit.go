// Package audit is the log of who changed what: one entry for every change of a setting, a
// key, a credential or credit, each bound by a hash to the one before it in its account's
// log, so that an entry cannot be changed, taken out or put in between without the chain
// showing it. An account's chain has nothing of another's: whoever may read it can check it
// whole, and it does not tell how much others do. The package deliberately has no storage
// and no secret: an entry names things and never holds one. Start with Entry and Chains.
package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"
)

// Entry is one change. N, Previous and Hash are the store's to set.
type Entry struct {
	N       int64     // from 1, without gaps, in the account's log
	At      time.Time // to the microsecond
	Account string    // whose log it is in
	Actor   string    // the id of a member, the hash of a management key, "socket" for the owner of the data directory, "gateway" for the program
	Address string    // the client's IP address, "" none
	Action  string    // such as key.create; a closed set of verbs per kind
	Target  string    // the id of what was changed
	Detail  string    // JSON object of what was set; no secret

	Previous Hash
	Hash     Hash
}

// Hash binds an entry to everything before it in its log.
type Hash [sha256.Size]byte

// String is the hash in lower-case hex.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Seal numbers the entry after the one before it and sets its hash.
func (e *Entry) Seal(n int64, previous Hash) {
	e.N, e.Previous = n, previous
	e.At = e.At.UTC().Truncate(time.Microsecond)
	e.Hash = e.sum()
}

// sum is SHA-256 over the previous hash and every field, each with its length before it, so
// that no two entries have one form.
func (e *Entry) sum() Hash {
	b := append([]byte("dragoman audit 2\n"), e.Previous[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(e.N))
	b = binary.BigEndian.AppendUint64(b, uint64(e.At.UnixMicro()))
	for _, s := range [...]string{e.Account, e.Actor, e.Address, e.Action, e.Target, e.Detail} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	return sha256.Sum256(b)
}

// Chain is the end of one account's log and checks entries in order. The zero value expects the first one.
type Chain struct {
	N    int64
	Last Hash
}

// Next takes the next entry. The error says what is wrong with it; the chain goes on from it,
// so that one fault is one error.
func (c *Chain) Next(e *Entry) error {
	n, last := c.N+1, c.Last
	c.N, c.Last = e.N, e.Hash
	switch {
	case e.N != n:
		return fmt.Errorf("entry %d of %q follows entry %d: what was between is missing", e.N, e.Account, n-1)
	case e.Previous != last:
		return fmt.Errorf("entry %d of %q does not follow the entry before it: one of them was replaced", e.N, e.Account)
	case e.sum() != e.Hash:
		return fmt.Errorf("entry %d of %q (%s of %s) was changed after it was written", e.N, e.Account, e.Action, e.Target)
	}
	return nil
}

// Chains are those of many accounts, by account.
type Chains map[string]Chain

// Seal makes the entry the next of its account.
func (c Chains) Seal(e *Entry) {
	end := c[e.Account]
	e.Seal(end.N+1, end.Last)
	c[e.Account] = Chain{N: e.N, Last: e.Hash}
}

// Next takes the next entry of whatever account, as Chain.Next does.
func (c Chains) Next(e *Entry) error {
	chain := c[e.Account]
	err := chain.Next(e)
	c[e.Account] = chain
	return err
}
