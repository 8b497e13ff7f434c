package vault

import "context"

// KEK is a key-encrypting key: it wraps data keys of KeySize bytes, each for a place. It is
// safe for concurrent use. An error that is an *Error has its Kind kept; Unwrap answers
// Mismatch for what it did not wrap, or wrapped for another place.
type KEK interface {
	// ID names the key in every sealed form. It stays the same for the same key, and has
	// 1 to MaxKeyID printable ASCII characters.
	ID() string
	// Wrap does not keep dek, and may be called with one that was wrapped before.
	Wrap(ctx context.Context, dek []byte, place string) (wrapped []byte, err error)
	// Unwrap gives the data key to the caller, who may overwrite it.
	Unwrap(ctx context.Context, wrapped []byte, place string) (dek []byte, err error)
}
