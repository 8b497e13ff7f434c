package manage

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
)

// Cursors make texts of places in the log of requests, for clients to go on from. The log is
// one for all accounts, so a number would tell each how much the others do: a text says
// nothing, is another one each time, and is good for the account that it was made for.
type Cursors struct{ aead cipher.AEAD }

// NewCursors needs a secret of 32 bytes; texts made with another one are no cursors.
func NewCursors(secret []byte) (*Cursors, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &Cursors{aead}, err
}

func (c *Cursors) seal(account string, n int64) *string {
	text := base64.RawURLEncoding.EncodeToString(c.aead.Seal(nil, nil, binary.BigEndian.AppendUint64(nil, uint64(n)), []byte(account)))
	return &text
}

// open is the place, if the text is a cursor of the account.
func (c *Cursors) open(account, text string) (n int64, ok bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return 0, false
	}
	plain, err := c.aead.Open(nil, nil, sealed, []byte(account))
	if err != nil || len(plain) != 8 {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(plain)), true
}

// cursor is the place that a query parameter names.
func (p *params) cursor(name, account string, from *Cursors) (n int64, ok bool) {
	text, given := p.get(name)
	if !given {
		return 0, false
	}
	if n, ok = from.open(account, text); !ok {
		p.fail(name, "before, after or newest of an earlier answer of this log")
	}
	return n, ok
}
