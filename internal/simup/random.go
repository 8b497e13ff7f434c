package simup

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
)

// dice is a small deterministic generator (splitmix64): its whole state is where it
// starts, so that an answer depends on nothing but the seed and the request.
type dice uint64

// roll starts dice from a seed and words.
func roll(seed uint64, words ...string) dice {
	h := fnv.New64a()
	for _, w := range words {
		h.Write([]byte(w)) // an fnv hash never fails
		h.Write([]byte{0})
	}
	d := dice(h.Sum64() ^ seed*0x9e3779b97f4a7c15)
	d.next()
	return d
}

func (d *dice) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below is a number from 0 to n-1; n is at least 1.
func (d *dice) below(n int) int { return int(d.next() % uint64(n)) }

// share is a number in [0, 1).
func (d *dice) share() float64 { return float64(d.next()>>11) / (1 << 53) }

// The alphabets that providers draw ids from.
const (
	alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	base58       = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	lowerHex     = "0123456789abcdef"
)

// id is prefix and n letters of an alphabet.
func (d *dice) id(prefix, alphabet string, n int) string {
	b := make([]byte, 0, len(prefix)+n)
	b = append(b, prefix...)
	for range n {
		b = append(b, alphabet[d.below(len(alphabet))])
	}
	return string(b)
}

// Signatures bind what a model thought to what it said, as Anthropic's and Gemini's do:
// opaque to clients, and refused when they come back with other content.
const (
	nonceLen = 8
	macLen   = sha512.Size
)

// sign is a signature over content, valid wherever the seed is the same.
func sign(seed, nonce uint64, content string) string {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, nonceLen+macLen), nonce)
	return base64.StdEncoding.EncodeToString(append(b, mac(seed, b, content)...))
}

// signed tells whether sig is a signature over content.
func signed(seed uint64, sig, content string) bool {
	b, err := base64.StdEncoding.DecodeString(sig)
	if err != nil || len(b) != nonceLen+macLen {
		return false
	}
	return hmac.Equal(b[nonceLen:], mac(seed, b[:nonceLen], content))
}

func mac(seed uint64, nonce []byte, content string) []byte {
	h := hmac.New(sha512.New, binary.BigEndian.AppendUint64([]byte("simulated signature "), seed))
	h.Write(nonce) // a hash never fails
	h.Write([]byte(content))
	return h.Sum(nil)
}
