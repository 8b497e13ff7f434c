// Package account holds who may ask: keys, and what each may do and spend. It
// deliberately has no storage and no clock.
package account

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/money"
)

// KeyHash is the SHA-256 of a key's plaintext in lower-case hex: its public id. The
// plaintext is shown once and kept nowhere.
type KeyHash string

// HashKey is the id of a plaintext key.
func HashKey(plain string) KeyHash {
	sum := sha256.Sum256([]byte(plain))
	var digits [2 * sha256.Size]byte
	hex.Encode(digits[:], sum[:])
	return KeyHash(digits[:])
}

// KeyPrefix starts every key, so that scanners can recognise one.
const KeyPrefix = "sk-or-v1-"

// NewKey is a plaintext key of 256 random bits.
func NewKey(rnd [32]byte) string { return KeyPrefix + hex.EncodeToString(rnd[:]) }

// Label is how a key is shown: enough to tell it from another, not enough to use it.
func Label(plain string) string {
	if len(plain) < len(KeyPrefix)+6 {
		return strings.Repeat("*", len(plain))
	}
	return plain[:len(KeyPrefix)+3] + "..." + plain[len(plain)-3:]
}

// Key is an inference key or a management key. Treat a Key from a store as immutable.
type Key struct {
	Hash        KeyHash
	Label       string
	Name        string
	Management  bool
	Account     string
	Workspace   string
	Creator     string // "" none
	Disabled    bool
	Created     time.Time
	Updated     time.Time // zero: never
	Expires     time.Time // zero: never
	Limit       *money.Amount
	LimitReset  Window
	IncludeBYOK bool // usage paid with the account's own provider keys counts too
	Extras
}

// Subject is the hash that use is counted for: a key that replaces another goes on with what
// that one has spent.
func (k *Key) Subject() KeyHash {
	if k.Family != "" {
		return k.Family
	}
	return k.Hash
}

// Extras are what few keys have.
type Extras struct {
	Role      Role              `json:"role,omitempty"`      // of a management key; "" Admin
	Guardrail Assignment        `json:"guardrail,omitzero"`  // that the key is under
	Models    []string          `json:"models,omitempty"`    // allowed; nil all
	Providers []string          `json:"providers,omitempty"` // allowed; nil all
	Networks  []string          `json:"networks,omitempty"`  // addresses and CIDR blocks it may be used from; nil any
	Labels    map[string]string `json:"labels,omitempty"`
	Rate      Rate              `json:"rate,omitzero"`
	Policy    string            `json:"federation_policy,omitempty"` // whose tokens stand for the key, which nobody has; "" none
	Family    KeyHash           `json:"family,omitempty"`            // the first of the keys that replaced one another; "" it is itself
}

// Rate is how much a key may do; 0 is no limit.
type Rate struct {
	Requests   int64 `json:"requests,omitempty"`   // a minute
	Tokens     int64 `json:"tokens,omitempty"`     // a minute, of prompts and answers
	Concurrent int64 `json:"concurrent,omitempty"` // requests at once
}

// Rights are the permissions that a management key gives: whoever's it is may have fewer, and
// then it gives no more than those.
func (k *Key) Rights() Permission {
	switch {
	case !k.Management:
		return 0
	case k.Role == "":
		return Admin.Rights()
	}
	return k.Role.Rights()
}

// Usable reports whether the key may be used at now.
func (k *Key) Usable(now time.Time) bool {
	return !k.Disabled && (k.Expires.IsZero() || now.Before(k.Expires))
}

// Window is how often a limit starts again: at midnight UTC, on Monday, on the 1st.
type Window string

// The windows. Never is a limit over the key's whole life.
const (
	Never   Window = ""
	Daily   Window = "daily"
	Weekly  Window = "weekly"
	Monthly Window = "monthly"
)

// Start is when the window that contains now began; the zero time for Never.
func (w Window) Start(now time.Time) time.Time {
	now = now.UTC()
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	switch w {
	case Daily:
		return day
	case Weekly:
		return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	case Monthly:
		return day.AddDate(0, 0, 1-day.Day())
	}
	return time.Time{}
}

// End is when the next window begins; the zero time for Never.
func (w Window) End(now time.Time) time.Time {
	s := w.Start(now)
	switch w {
	case Daily:
		return s.AddDate(0, 0, 1)
	case Weekly:
		return s.AddDate(0, 0, 7)
	case Monthly:
		return s.AddDate(0, 1, 0)
	}
	return time.Time{}
}

// Usage is what a key has spent: in its life and in the current windows.
type Usage struct {
	Total, Day, Week, Month                 money.Amount
	BYOKTotal, BYOKDay, BYOKWeek, BYOKMonth money.Amount // at list price, paid elsewhere
	Held                                    money.Amount
	Last                                    time.Time // the day of the last request, in UTC; zero none yet
}
