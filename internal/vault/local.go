package vault

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
)

// saltSize is of the salt before each data key that a local key has wrapped. Together with
// the random nonce it makes a repetition impossible in practice however many there are.
const saltSize = 16

// local is a key in memory. It wraps each data key under a key derived for that alone
// (HKDF with SHA-256, RFC 5869), so that nobody has to count what AES-GCM did under one key.
type local struct {
	id  string
	key []byte
}

// Local is a key of KeySize random bytes, which are copied. Its id is "local/" and a
// fingerprint, derived from the key and telling nothing of it: another key has another id.
func Local(key []byte) (KEK, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("vault: a local key has %d bytes; it must have %d random ones: openssl rand -base64 %d", len(key), KeySize, KeySize)
	}
	if !slices.ContainsFunc(key, func(c byte) bool { return c < ' ' || c > '~' }) {
		return nil, fmt.Errorf("vault: a local key is %d characters of text, which is no random key: openssl rand -base64 %d makes one", KeySize, KeySize)
	}
	print, err := hkdf.Key(sha256.New, key, nil, "dragoman vault 1 fingerprint", 8)
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	return &local{id: "local/" + hex.EncodeToString(print), key: bytes.Clone(key)}, nil
}

// ParseKey reads the bytes of a local key from a file or a variable: KeySize raw bytes, or
// them as base64 (of either alphabet, padded or not) or hexadecimal, with white space around.
func ParseKey(text []byte) ([]byte, error) {
	if len(text) == KeySize {
		return bytes.Clone(text), nil
	}
	text = bytes.TrimSpace(text)
	if key, err := hex.DecodeString(string(text)); err == nil && len(key) == KeySize {
		return key, nil
	}
	plain := bytes.TrimRight(text, "=")
	for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if key, err := alphabet.DecodeString(string(plain)); err == nil && len(key) == KeySize {
			return key, nil
		}
	}
	return nil, fmt.Errorf("vault: %d bytes are not a local key; it is %d random bytes, as they are, in base64 or in hexadecimal: openssl rand -base64 %d", len(text), KeySize, KeySize)
}

// ID is "local/" and the fingerprint.
func (l *local) ID() string { return l.id }

// Wrap puts the salt before what is sealed.
func (l *local) Wrap(_ context.Context, dek []byte, place string) ([]byte, error) {
	salt := make([]byte, saltSize, saltSize+overhead+len(dek))
	rand.Read(salt)
	key, err := l.derive(salt, place)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	return aead.Seal(salt, nil, dek, []byte(place)), nil
}

// Unwrap answers Mismatch for anything but what Wrap made for that place.
func (l *local) Unwrap(_ context.Context, wrapped []byte, place string) ([]byte, error) {
	if len(wrapped) != saltSize+overhead+KeySize {
		return nil, &Error{Kind: Mismatch}
	}
	key, err := l.derive(wrapped[:saltSize], place)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	dek, err := aead.Open(nil, nil, wrapped[saltSize:], []byte(place))
	if err != nil {
		return nil, &Error{Kind: Mismatch}
	}
	return dek, nil
}

func (l *local) derive(salt []byte, place string) ([]byte, error) {
	return hkdf.Key(sha256.New, l.key, salt, "dragoman vault 1 wrap\x00"+place, KeySize)
}
