// Package vault seals secrets for storage and opens them: each under a data key of its own,
// and the data key wrapped under a key-encrypting key that the operator holds, in memory or
// in a key service. Both layers are bound to a place, a name for where the sealed form is
// kept, so that one that was moved to another record does not open.
//
// It keeps nothing and finds nothing: the caller stores the sealed form and tells the place
// again. It has no key derivation from passwords, no streams, and no network: key services
// are in package kms. A place is not secret; key services see it and log it. The content of
// a secret is copied by the runtime as it likes, so memory is not wiped for certain.
//
// Rotation: Use the new key as the primary one with the old one beside it; Rewrap whatever
// is not Current, until a look through the store finds nothing, and, since a Seal that began
// before may end after, look once more; Use the new key alone. The old key then opens copies
// from before, and nothing that is stored. Whoever reads what is stored while that happens
// opens it with OpenStored. A data key stays the same: where an old key has leaked together
// with such a copy, replace the secret itself.
//
// Start with New, Seal and Open.
package vault

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"
)

// Bounds, in bytes.
const (
	MaxPlain = 64 << 20 // of a secret
	MaxPlace = 512      // of a place
	KeySize  = 32       // of a data key and of a local key
)

// Vault is safe for concurrent use.
type Vault struct{ keys atomic.Pointer[keys] }

// keys is a set that never changes.
type keys struct {
	primary KEK
	byID    map[string]KEK
}

// New is a Vault that seals under the primary key and opens under that and the older ones.
func New(primary KEK, older ...KEK) (*Vault, error) {
	v := new(Vault)
	if err := v.Use(primary, older...); err != nil {
		return nil, err
	}
	return v, nil
}

// Use puts other keys in the place of those before. What is under way ends with the keys it
// began with; after an error nothing has changed.
func (v *Vault) Use(primary KEK, older ...KEK) error {
	if primary == nil {
		return fmt.Errorf("vault: there is no primary key; configure one")
	}
	set := &keys{primary: primary, byID: map[string]KEK{}}
	for _, k := range append([]KEK{primary}, older...) {
		id := k.ID()
		if !usableID(id) {
			return fmt.Errorf("vault: key id %q must have 1 to %d printable ASCII characters", id, MaxKeyID)
		}
		if _, twice := set.byID[id]; twice {
			return fmt.Errorf("vault: key %q is configured twice; take one out", id)
		}
		set.byID[id] = k
	}
	v.keys.Store(set)
	return nil
}

// Primary is the id of the key that new secrets are sealed under.
func (v *Vault) Primary() string { return v.keys.Load().primary.ID() }

// KeyIDs are the ids of all keys that open, in order.
func (v *Vault) KeyIDs() []string { return slices.Sorted(maps.Keys(v.keys.Load().byID)) }

// Seal is the sealed form of a secret for a place, such as "byok/ID/WORKSPACE". The plain
// bytes are read only. A place has 1 to MaxPlace bytes of UTF-8 without control characters;
// what may stand between its parts is the caller's to keep unambiguous. The error is an
// *Error, but for what is wrong with the arguments.
func (v *Vault) Seal(ctx context.Context, plain []byte, place string) ([]byte, error) {
	if len(plain) > MaxPlain {
		return nil, fmt.Errorf("vault: a secret of %d bytes is not sealed; at most %d are", len(plain), MaxPlain)
	}
	if err := checkPlace(place); err != nil {
		return nil, err
	}
	dek := make([]byte, KeySize)
	defer clear(dek)
	rand.Read(dek) // never fails: the runtime ends the process instead
	s, err := wrap(ctx, v.keys.Load().primary, dek, place)
	if err != nil {
		return nil, err
	}
	aead, err := newAEAD(dek)
	if err != nil {
		return nil, err
	}
	out := s.appendHead(make([]byte, 0, s.headLen()+len(plain)+aead.Overhead()))
	return aead.Seal(out, nil, plain, payloadBinding(place)), nil
}

// Open is the secret of a sealed form at its place. The error is an *Error, but for a place
// that is none.
func (v *Vault) Open(ctx context.Context, blob []byte, place string) (Secret, error) {
	s, dek, err := v.unwrap(ctx, blob, place)
	if err != nil {
		return Secret{}, err
	}
	defer clear(dek)
	aead, err := newAEAD(dek)
	if err != nil {
		return Secret{}, err
	}
	plain, err := aead.Open(nil, nil, s.payload, payloadBinding(place))
	if err != nil {
		return Secret{}, &Error{Kind: Mismatch, KeyID: s.keyID}
	}
	return NewSecret(plain), nil
}

// OpenStored is Open for what read gives. A rotation may end between the reading and the
// opening; what was read is then under a key that is gone, and is read anew for as long as
// that gives another form.
func (v *Vault) OpenStored(ctx context.Context, place string, read func() []byte) (Secret, error) {
	blob := read()
	for {
		secret, err := v.Open(ctx, blob, place)
		if KindOf(err) != NoKey {
			return secret, err
		}
		again := read()
		if bytes.Equal(again, blob) {
			return secret, err
		}
		blob = again
	}
}

// Rewrap is the sealed form with its data key wrapped anew, under the primary key. The
// payload stays as it is and is not opened. It does so for a form that is Current too, for
// key services that have versions of a key. Store it only in the place of those very bytes:
// the secret may have been replaced meanwhile. The errors are those of Open.
func (v *Vault) Rewrap(ctx context.Context, blob []byte, place string) ([]byte, error) {
	old, dek, err := v.unwrap(ctx, blob, place)
	if err != nil {
		return nil, err
	}
	defer clear(dek)
	s, err := wrap(ctx, v.keys.Load().primary, dek, place)
	if err != nil {
		return nil, err
	}
	return append(s.appendHead(make([]byte, 0, s.headLen()+len(old.payload))), old.payload...), nil
}

// Current reports whether a sealed form is under the primary key.
func (v *Vault) Current(blob []byte) (bool, error) {
	id, err := KeyID(blob)
	return id == v.Primary(), err
}

// unwrap is what a sealed form says, and its data key, which is the caller's.
func (v *Vault) unwrap(ctx context.Context, blob []byte, place string) (sealed, []byte, error) {
	s, err := parse(blob)
	if err != nil {
		return sealed{}, nil, err
	}
	if err := checkPlace(place); err != nil {
		return sealed{}, nil, err
	}
	kek, ok := v.keys.Load().byID[s.keyID]
	if !ok {
		return sealed{}, nil, &Error{Kind: NoKey, KeyID: s.keyID}
	}
	dek, err := kek.Unwrap(ctx, s.wrapped, place)
	if err != nil {
		return sealed{}, nil, under(s.keyID, err)
	}
	if len(dek) != KeySize {
		return sealed{}, nil, &Error{Kind: Mismatch, KeyID: s.keyID, Err: fmt.Errorf("its data key has %d bytes", len(dek))}
	}
	return s, dek, nil
}

// wrap is a sealed form without its payload yet.
func wrap(ctx context.Context, kek KEK, dek []byte, place string) (sealed, error) {
	s := sealed{keyID: kek.ID()}
	var err error
	if s.wrapped, err = kek.Wrap(ctx, dek, place); err != nil {
		return sealed{}, under(s.keyID, err)
	}
	if n := len(s.wrapped); n == 0 || n > maxWrapped {
		return sealed{}, &Error{Kind: Denied, KeyID: s.keyID, Err: fmt.Errorf("it wraps a data key into %d bytes; 1 to %d are kept", n, maxWrapped)}
	}
	return s, nil
}

// newAEAD is AES-256-GCM that puts a random nonce before what it seals.
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func payloadBinding(place string) []byte { return []byte("dragoman vault 1 payload\x00" + place) }

func checkPlace(place string) error {
	if place == "" || len(place) > MaxPlace || !utf8.ValidString(place) {
		return fmt.Errorf("vault: a place of %d bytes; it must have 1 to %d of UTF-8", len(place), MaxPlace)
	}
	if strings.ContainsFunc(place, unicode.IsControl) {
		return fmt.Errorf("vault: place %q has a control character; take it out", place)
	}
	return nil
}
