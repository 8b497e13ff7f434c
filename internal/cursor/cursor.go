// Package cursor makes texts of places in a log that many accounts share, for clients to go on
// from. A number would tell each account how much the others do: a text says nothing, is
// another one each time, and is good for the account that it was made for. Start with New.
package cursor

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

// Sealer makes cursors and reads them. It is safe for concurrent use.
type Sealer struct{ aead cipher.AEAD }

// New needs a secret of 32 random bytes that nothing else uses: what was sealed with another
// one is no cursor.
func New(secret []byte) (*Sealer, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, fmt.Errorf("cursors: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("cursors: %w", err)
	}
	return &Sealer{aead}, nil
}

// Seal is a text, fit for URLs, of the n-th place, for an account.
func (s *Sealer) Seal(account string, n int64) string {
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, binary.BigEndian.AppendUint64(nil, uint64(n)), []byte(account)))
}

// Open is the place, if the text is a cursor of the account.
func (s *Sealer) Open(account, text string) (n int64, ok bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return 0, false
	}
	plain, err := s.aead.Open(nil, nil, sealed, []byte(account))
	if err != nil || len(plain) != 8 {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(plain)), true
}
