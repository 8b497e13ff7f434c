package vault

import (
	"errors"
	"fmt"
)

// Kind is what stands in the way of a secret.
type Kind uint8

// The kinds.
const (
	Unknown     Kind = iota // a key failed and did not say why
	Malformed               // the bytes are no sealed form that this program knows
	NoKey                   // the key is not among those configured
	Mismatch                // the key does not open it: altered, moved, or not the key that it was
	Unbound                 // the key opens what was wrapped for another place
	Denied                  // the key service refuses us
	Unavailable             // the key service does not answer now
	kinds
)

// kindText is by Kind: what happened, with room for the key's id, and what to do.
var kindText = [kinds][2]string{
	Unknown:     {"key %q failed", "try again once that is mended"},
	Malformed:   {"not a sealed secret", "the stored bytes are damaged, or of a newer version of this program"},
	NoKey:       {"sealed under key %q, which is not configured", "add that key to the vault's keys, where it need not be the primary one, or restore it from your backup"},
	Mismatch:    {"key %q does not open it", "the stored bytes were altered or moved from another record, or the key service has another key of that name now"},
	Unbound:     {"key %q opens what was wrapped for another record", "its server ignores associated data; use HashiCorp Vault 1.13 or later, or a derived key"},
	Denied:      {"the service of key %q refuses", "check that the key is enabled and that the credential may encrypt and decrypt with it"},
	Unavailable: {"the service of key %q does not answer", "try again, or check the network to it"},
}

// Error is why a secret is not sealed or opened. It holds nothing of a secret or a key.
type Error struct {
	Kind  Kind
	KeyID string // "" where no key has been asked
	Err   error  // more about it, nil nothing
}

// Error says what happened, to what, and what to do next.
func (e *Error) Error() string {
	text := kindText[min(e.Kind, kinds-1)]
	what := text[0]
	if e.Kind != Malformed {
		what = fmt.Sprintf(what, e.KeyID)
	}
	if e.Err != nil {
		what += ": " + e.Err.Error()
	}
	return "vault: " + what + "; " + text[1]
}

// Unwrap is what more is known, such as what ended a context.
func (e *Error) Unwrap() error { return e.Err }

// KindOf is the Kind of an error, Unknown for one that is no *Error.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Unknown
}

// under is a key's error with the key's id.
func under(id string, err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return &Error{Kind: e.Kind, KeyID: id, Err: e.Err}
	}
	return &Error{KeyID: id, Err: err}
}
