package vault

import (
	"encoding/binary"
	"fmt"
)

// version is the first byte of a sealed form. Version 1 is:
//
//	1 | length, key id | length, wrapped data key | nonce (12), ciphertext, tag (16)
//
// where lengths are unsigned varints (encoding/binary) in their shortest form.
const version = 1

// Bounds of a sealed form's head, in bytes.
const (
	MaxKeyID   = 512
	maxWrapped = 8 << 10
	overhead   = 12 + 16 // what AES-GCM adds, nonce and tag
)

// sealed is a sealed form taken apart. It refers to the bytes it was read from.
type sealed struct {
	keyID            string
	wrapped, payload []byte
}

// KeyID is the id of the key that a sealed form is under. Nothing is opened, so it may be
// asked of everything in a store to see which keys are in use. The error is an *Error.
func KeyID(blob []byte) (string, error) {
	s, err := parse(blob)
	return s.keyID, err
}

func parse(blob []byte) (sealed, error) {
	if len(blob) == 0 {
		return sealed{}, malformed("it is empty")
	}
	if blob[0] != version {
		return sealed{}, malformed("its version is %d, and this program knows %d", blob[0], version)
	}
	id, rest, ok := field(blob[1:], MaxKeyID)
	if !ok || !usableID(string(id)) {
		return sealed{}, malformed("its key id is cut off or unusable")
	}
	wrapped, payload, ok := field(rest, maxWrapped)
	if !ok || len(wrapped) == 0 {
		return sealed{}, malformed("its data key is cut off")
	}
	if len(payload) < overhead || len(payload) > overhead+MaxPlain {
		return sealed{}, malformed("its payload has %d bytes", len(payload))
	}
	return sealed{keyID: string(id), wrapped: wrapped, payload: payload}, nil
}

// field reads a length and so many bytes.
func field(b []byte, limit int) (value, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(limit) || n > uint64(len(b)-size) || size > 1 && b[size-1] == 0 {
		return nil, nil, false
	}
	b = b[size:]
	return b[:n], b[n:], true
}

func (s sealed) headLen() int { return 1 + 2*binary.MaxVarintLen16 + len(s.keyID) + len(s.wrapped) }

func (s sealed) appendHead(dst []byte) []byte {
	dst = binary.AppendUvarint(append(dst, version), uint64(len(s.keyID)))
	dst = binary.AppendUvarint(append(dst, s.keyID...), uint64(len(s.wrapped)))
	return append(dst, s.wrapped...)
}

func usableID(id string) bool {
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' {
			return false
		}
	}
	return id != "" && len(id) <= MaxKeyID
}

func malformed(format string, args ...any) error {
	return &Error{Kind: Malformed, Err: fmt.Errorf(format, args...)}
}
