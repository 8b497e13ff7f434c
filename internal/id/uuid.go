package id

import "encoding/hex"

// UUID is a version 4 UUID (RFC 9562) of random bytes: what the API calls workspaces,
// guardrails and the like.
func UUID(rnd [16]byte) string { return uuid(rnd, 4) }

// Derived is a version 8 UUID of a digest: the same id for the same thing.
func Derived(digest [16]byte) string { return uuid(digest, 8) }

func uuid(b [16]byte, version byte) string {
	b[6], b[8] = b[6]&0x0f|version<<4, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
